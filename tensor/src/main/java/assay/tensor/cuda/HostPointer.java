package assay.tensor.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/** An address in host memory, outside the heap. */
final class HostPointer extends Pointer {
  HostPointer(MemorySegment segment) {
    super(segment.address());
  }
}

package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A queue of work on a GPU. What is in it runs in order, beside what is in other streams. */
final class CudaStream extends CUstream implements AutoCloseable {
  /** In the context that is current. */
  CudaStream() {
    check(
        JCudaDriver.cuStreamCreate(this, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  }

  /** For libraries that JCuda does not bind. */
  MemorySegment handle() {
    return MemorySegment.ofAddress(getNativePointer());
  }

  /** A point in this stream: all that was put there so far. */
  CUevent mark() {
    CUevent event = new CUevent();
    check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    check(JCudaDriver.cuEventRecord(event, this), "cuEventRecord");
    return event;
  }

  /** What is put into this stream from now on waits for a mark of another, which is used up. */
  void waitFor(CUevent mark) {
    check(JCudaDriver.cuStreamWaitEvent(this, mark, 0), "cuStreamWaitEvent");
    check(JCudaDriver.cuEventDestroy(mark), "cuEventDestroy"); // the driver keeps it while it must
  }

  /** Waits for all that was put there. */
  void synchronize() {
    check(JCudaDriver.cuStreamSynchronize(this), "the kernels before this point");
  }

  @Override
  public void close() {
    JCudaDriver.cuStreamDestroy(this);
  }
}

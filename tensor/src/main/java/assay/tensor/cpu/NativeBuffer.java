package assay.tensor.cpu;

/** Memory outside the heap for a kernel's own use; grows when needed and keeps nothing then. */
final class NativeBuffer implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private long address;
  private long bytes;

  /** The address of at least so many bytes. */
  long ensure(long wanted) {
    if (wanted > bytes) {
      close();
      long rounded = Math.ceilDiv(wanted, ALIGNMENT) * ALIGNMENT;
      address = Memory.allocate(rounded, ALIGNMENT);
      bytes = rounded;
    }
    return address;
  }

  long address() {
    return address;
  }

  @Override
  public void close() {
    if (bytes > 0) {
      Memory.free(address);
      bytes = 0;
    }
  }
}

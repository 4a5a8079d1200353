package assay.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A block of lifetime: tensors made here live until it closes, so memory is owned by
 * try-with-resources and never by objects.
 *
 * <p>Three lifetimes make up a training run: the model (weights, gradients, optimizer state), the
 * step (activations), and the scratch of one op. An arena belongs to the thread that opened it.
 *
 * <p>With {@code -Dassay.check-memory=true} every allocation is filled with NaN and stands between
 * guard zones that are checked when it is released.
 */
public final class TensorArena implements AutoCloseable {
  private static final boolean CHECK_MEMORY = Boolean.getBoolean("assay.check-memory");
  private static final long GUARD = 64;
  private static final byte GUARD_BYTE = (byte) 0xA5;
  private static final byte NAN_BYTE = (byte) 0xFF;

  private final Device device;
  private final String purpose;
  private final TensorArena parent;
  private final Thread owner = Thread.currentThread();
  private final Set<Tensor.Allocation> allocations = new LinkedHashSet<>();
  private int openChildren;
  private boolean closed;

  private TensorArena(Device device, String purpose, TensorArena parent) {
    this.device = device;
    this.purpose = purpose;
    this.parent = parent;
  }

  /**
   * @param purpose the name under which the {@link Ledger} counts its bytes
   */
  public static TensorArena open(Device device, String purpose) {
    return new TensorArena(device, purpose, null);
  }

  /** An arena that must be closed before this one. */
  public TensorArena child(String childPurpose) {
    checkOpen();
    openChildren++;
    return new TensorArena(device, childPurpose, this);
  }

  public Device device() {
    return device;
  }

  /** A tensor whose values are whatever the memory held. */
  public Tensor empty(DType dtype, Shape shape) {
    checkOpen();
    assert Thread.currentThread() == owner : "only " + owner + " may allocate in " + this;
    long bytes = Math.multiplyExact(shape.size(), dtype.bytes());
    long guard = guard();
    long address = device.allocator().allocate(bytes + 2 * guard) + guard;
    if (guard > 0) {
      setBytes(address - GUARD, GUARD, GUARD_BYTE);
      setBytes(address, bytes, NAN_BYTE);
      setBytes(address + bytes, GUARD, GUARD_BYTE);
    }
    Tensor.Allocation allocation = new Tensor.Allocation(this, address, bytes);
    allocations.add(allocation);
    device.ledger().add(purpose, bytes);
    return new Tensor(allocation, 0, dtype, shape);
  }

  public Tensor empty(DType dtype, int... dims) {
    return empty(dtype, Shape.of(dims));
  }

  public Tensor zeros(DType dtype, Shape shape) {
    Tensor tensor = empty(dtype, shape);
    device.backend().fill(tensor, 0);
    return tensor;
  }

  public Tensor zeros(DType dtype, int... dims) {
    return zeros(dtype, Shape.of(dims));
  }

  /** An I32 vector with these values. */
  public Tensor ints(int... values) {
    return empty(DType.I32, values.length).copyFrom(values);
  }

  /** A tensor of this dtype with these values, cast if need be. */
  public Tensor of(DType dtype, Shape shape, double... values) {
    Tensor exact = empty(DType.F64, shape).copyFrom(values);
    if (dtype == DType.F64) {
      return exact;
    }
    Tensor tensor = empty(dtype, shape);
    device.backend().cast(exact, tensor);
    release(exact);
    return tensor;
  }

  /** True if the tensor's memory was allocated here. */
  public boolean owns(Tensor tensor) {
    return tensor.allocation().arena == this;
  }

  /**
   * Gives back the memory behind a tensor of this arena before the arena closes, and with it every
   * view of it. For the tape, which alone knows that an activation is no longer needed.
   */
  public void release(Tensor tensor) {
    Tensor.Allocation allocation = tensor.allocation();
    if (allocation.arena != this || !allocations.contains(allocation)) {
      throw new IllegalStateException("tensor " + tensor + " is not live in " + this);
    }
    checkNotHeld(allocation);
    allocations.remove(allocation);
    free(allocation);
  }

  private void checkNotHeld(Tensor.Allocation allocation) {
    if (allocation.numHolds > 0) {
      throw new IllegalStateException(
          "%d bytes of %s were to be given back while an operation on them is under way; await it"
              .formatted(allocation.bytes, this));
    }
  }

  /**
   * Releases every tensor; an open child, a second close, or an operation under way is an error.
   */
  @Override
  public void close() {
    checkOpen();
    if (openChildren > 0) {
      throw new IllegalStateException(this + " closed before its " + openChildren + " children");
    }
    List<Tensor.Allocation> live = new ArrayList<>(allocations);
    live.forEach(this::checkNotHeld);
    allocations.clear();
    live.forEach(this::free);
    closed = true;
    if (parent != null) {
      parent.openChildren--;
    }
  }

  private void free(Tensor.Allocation allocation) {
    allocation.live = false;
    device.ledger().add(purpose, -allocation.bytes);
    long guard = guard();
    boolean intact =
        guard == 0
            || (isGuardIntact(allocation.address - GUARD)
                && isGuardIntact(allocation.address + allocation.bytes));
    device.allocator().free(allocation.address - guard);
    if (!intact) {
      throw new IllegalStateException(
          "a kernel wrote outside a tensor of " + allocation.bytes + " bytes in " + this);
    }
  }

  /** Bytes on both sides of a tensor; a device that plans has no memory to guard. */
  private long guard() {
    return CHECK_MEMORY && !device.isPlanning() ? GUARD : 0;
  }

  private void setBytes(long address, long bytes, byte value) {
    byte[] values = new byte[Math.toIntExact(bytes)];
    java.util.Arrays.fill(values, value);
    device.backend().copyIn(MemorySegment.ofArray(values), address);
  }

  private boolean isGuardIntact(long address) {
    byte[] values = new byte[(int) GUARD];
    device.backend().copyOut(address, MemorySegment.ofArray(values));
    for (byte value : values) {
      if (value != GUARD_BYTE) {
        return false;
      }
    }
    return true;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  @Override
  public String toString() {
    return "arena '" + purpose + "'";
  }
}

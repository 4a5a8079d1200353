package assay.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Keeps device memory for reuse, since fresh pages cost more than most kernels.
 *
 * <p>Memory comes from the backend in large slabs. A request takes the smallest free block that
 * holds it and splits off the rest; a freed block joins its free neighbours. So tensors of
 * ever-changing sizes share the same slabs, as in PyTorch's allocator.
 */
final class CachingAllocator {
  /** Blocks begin at multiples of this: a cache line. */
  private static final long ALIGNMENT = 64;

  private static final long SLAB = 32L << 20;

  /** Larger slabs are multiples of this, a large page. */
  private static final long PAGE = 2L << 20;

  /** A run of bytes within a slab, in use or free. */
  private static final class Block {
    final long address;
    long bytes;
    boolean free;
    Block before; // neighbours in the same slab
    Block after;

    Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    boolean isWholeSlab() {
      return before == null && after == null;
    }
  }

  private final Backend backend;
  private final String device;
  private final TreeSet<Block> freeBlocks =
      new TreeSet<>(
          Comparator.<Block>comparingLong(b -> b.bytes).thenComparingLong(b -> b.address));
  private final Map<Long, Block> used = new HashMap<>();
  private long reserved;
  private long inUse;
  private long peakInUse;
  private long peakReserved;

  /**
   * @param device what errors call it
   */
  CachingAllocator(Backend backend, String device) {
    this.backend = backend;
    this.device = device;
  }

  synchronized long allocate(long bytes) {
    long wanted = Math.max(ALIGNMENT, roundUp(bytes, ALIGNMENT));
    Block block = freeBlocks.ceiling(new Block(Long.MIN_VALUE, wanted));
    if (block == null) {
      block = newSlab(wanted);
    } else {
      freeBlocks.remove(block);
    }
    block.free = false;
    if (block.bytes > wanted) {
      Block rest = new Block(block.address + wanted, block.bytes - wanted);
      rest.free = true;
      rest.before = block;
      rest.after = block.after;
      if (rest.after != null) {
        rest.after.before = rest;
      }
      block.after = rest;
      block.bytes = wanted;
      freeBlocks.add(rest);
    }
    used.put(block.address, block);
    inUse += block.bytes;
    peakInUse = Math.max(peakInUse, inUse);
    return block.address;
  }

  synchronized void free(long address) {
    Block block = used.remove(address);
    inUse -= block.bytes;
    block.free = true;
    if (block.after != null && block.after.free) {
      freeBlocks.remove(block.after);
      joinWithAfter(block);
    }
    if (block.before != null && block.before.free) {
      block = block.before;
      freeBlocks.remove(block);
      joinWithAfter(block);
    }
    freeBlocks.add(block);
  }

  private static void joinWithAfter(Block block) {
    Block after = block.after;
    block.bytes += after.bytes;
    block.after = after.after;
    if (block.after != null) {
      block.after.before = block;
    }
  }

  /** A slab for a request that no free block holds; slabs that lie idle go back first. */
  private Block newSlab(long wanted) {
    long bytes = wanted < SLAB ? SLAB : roundUp(wanted, PAGE);
    if (reserved + bytes > Math.max(peakInUse, inUse + wanted) + SLAB) {
      releaseIdleSlabs();
    }
    try {
      return newSlabOf(bytes);
    } catch (OutOfMemoryError e) {
      releaseIdleSlabs();
    }
    try {
      return newSlabOf(roundUp(wanted, PAGE));
    } catch (OutOfMemoryError e) {
      throw outOfMemory(wanted, e);
    }
  }

  private Block newSlabOf(long bytes) {
    long address = backend.allocate(bytes);
    reserved += bytes;
    peakReserved = Math.max(peakReserved, reserved);
    return new Block(address, bytes);
  }

  private InvalidInputException outOfMemory(long wanted, OutOfMemoryError cause) {
    return new InvalidInputException(
        """
        out of memory on %s: a tensor of %s was asked for;
        %s are in use by tensors, %s are kept for reuse, in pieces that are too small; %s.
        Make training.micro_batch_tokens smaller (which changes no result), set \
        training.gradient_checkpointing, or shorten data.max_length; \
        `assay plan` shows beforehand what a recipe needs."""
            .formatted(
                device,
                Bytes.format(wanted),
                Bytes.format(inUse),
                Bytes.format(reserved - inUse),
                cause.getMessage()),
        cause);
  }

  /** Gives every slab that holds nothing back to the backend. */
  synchronized void releaseIdleSlabs() {
    List<Block> idle = new ArrayList<>();
    for (Block block : freeBlocks) {
      if (block.isWholeSlab()) {
        idle.add(block);
      }
    }
    for (Block block : idle) {
      freeBlocks.remove(block);
      reserved -= block.bytes;
      backend.free(block.address, block.bytes);
    }
  }

  /** The most bytes ever held from the backend, in use or cached. */
  synchronized long peakReserved() {
    return peakReserved;
  }

  private static long roundUp(long bytes, long unit) {
    return Math.multiplyExact(Math.ceilDiv(bytes, unit), unit);
  }
}

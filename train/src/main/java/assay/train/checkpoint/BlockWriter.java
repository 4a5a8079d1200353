package assay.train.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** Writes a file from front to back, block by block, and takes the checksum of each. */
final class BlockWriter {
  private final FileChannel channel;
  private final MemorySegment block;
  private final List<Integer> checksums = new ArrayList<>();
  private long filled;

  /**
   * @param arena holds one block, outside the heap: there devices and files copy to directly
   */
  BlockWriter(FileChannel channel, int blockBytes, Arena arena) {
    this.channel = channel;
    this.block = arena.allocate(blockBytes, 64);
  }

  /** Fills a chunk with the bytes that begin at an offset of what is being written. */
  interface Source {
    void copyOut(long startByte, MemorySegment chunk);
  }

  void write(long bytes, Source source) throws IOException {
    for (long start = 0; start < bytes; ) {
      long length = Math.min(bytes - start, block.byteSize() - filled);
      source.copyOut(start, block.asSlice(filled, length));
      filled += length;
      start += length;
      if (filled == block.byteSize()) {
        writeBlock();
      }
    }
  }

  private void writeBlock() throws IOException {
    ByteBuffer bytes = block.asSlice(0, filled).asByteBuffer();
    checksums.add(BlockChecksums.of(bytes.duplicate()));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    filled = 0;
  }

  /** Writes the last block and flushes the file to the disk. */
  BlockChecksums finish() throws IOException {
    if (filled > 0) {
      writeBlock();
    }
    channel.force(true);
    return new BlockChecksums(Math.toIntExact(block.byteSize()), List.copyOf(checksums));
  }
}

package assay.train.checkpoint;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads any part of a file that has block checksums. No byte leaves here before the whole block
 * around it was read and its checksum found right.
 */
final class BlockReader implements AutoCloseable {
  private final Path file;
  private final long fileBytes;
  private final BlockChecksums checksums;
  private final FileChannel channel;

  private final Arena arena;
  private final MemorySegment block;
  private long held = -1; // the number of the block that was read last

  @SuppressWarnings("MustBeClosed") // by close()
  BlockReader(Path file, long fileBytes, BlockChecksums checksums) throws IOException {
    this.file = file;
    this.fileBytes = fileBytes;
    this.checksums = checksums;
    this.channel = FileChannel.open(file);
    this.arena = Arena.ofConfined();
    this.block = arena.allocate(checksums.blockBytes(), 64);
  }

  /** Takes a chunk of what is being read, with its offset there. */
  interface Target {
    void copyIn(long startByte, MemorySegment chunk);
  }

  /** Hands on the file's bytes from one position to another, in chunks. */
  void read(long from, long to, Target target) throws IOException {
    for (long position = from; position < to; ) {
      long number = position / checksums.blockBytes();
      long blockStart = number * checksums.blockBytes();
      long end = Math.min(to, blockStart + checksums.blockBytes());
      fetch(number);
      target.copyIn(position - from, block.asSlice(position - blockStart, end - position));
      position = end;
    }
  }

  private void fetch(long number) throws IOException {
    if (number == held) {
      return;
    }
    held = -1;
    long start = number * checksums.blockBytes();
    long length = Math.min(checksums.blockBytes(), fileBytes - start);
    ByteBuffer bytes = block.asSlice(0, length).asByteBuffer();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, start + bytes.position()) < 0) {
        throw new InvalidInputException(
            file + ": ends before byte " + (start + length) + "; it was cut short");
      }
    }
    if (BlockChecksums.of(bytes.flip()) != checksums.values().get((int) number)) {
      throw new InvalidInputException(
          String.format(
              "%s: is damaged: bytes %d to %d don't fit to their checksum",
              file, start, start + length - 1));
    }
    held = number;
  }

  long fileBytes() {
    return fileBytes;
  }

  @Override
  public void close() throws IOException {
    arena.close();
    channel.close();
  }
}

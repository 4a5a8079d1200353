package assay.testing.crash;

import java.util.Arrays;
import java.util.SplittableRandom;

/** A file's bytes: those that programs see, and those that a power cut would leave. */
final class FileNode implements Node {
  private static final int[] SECTORS = {1, 16, 512, 4096};

  private byte[] bytes = {};
  private int size;
  private byte[] flushed = {};
  private boolean lost; // a flush failed: no later one saves this file
  boolean locked;

  int size() {
    return size;
  }

  /** Copies bytes out; how many, which are fewer at the end. */
  int read(long position, byte[] to, int offset, int length) {
    if (position >= size) {
      return -1;
    }
    int available = (int) Math.min(length, size - position);
    System.arraycopy(bytes, (int) position, to, offset, available);
    return available;
  }

  void write(long position, byte[] from, int offset, int length) {
    int start = Math.toIntExact(position);
    int end = Math.addExact(start, length);
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
    }
    System.arraycopy(from, offset, bytes, start, length);
    size = Math.max(size, end);
  }

  void truncate(long newSize) {
    if (newSize < size) {
      Arrays.fill(bytes, (int) newSize, size, (byte) 0);
      size = (int) newSize;
    }
  }

  void flush() {
    if (!lost) {
      flushed = Arrays.copyOf(bytes, size);
    }
  }

  void failFlush() {
    lost = true;
  }

  /**
   * Leaves what was flushed, all that was written, or any mixture: for each sector that was written
   * since, the old bytes, the new ones or zeros, and any length in between.
   */
  @Override
  public void crash(SplittableRandom random) {
    byte[] now = Arrays.copyOf(bytes, size);
    byte[] left =
        switch (random.nextInt(4)) {
          case 0 -> flushed;
          case 1 -> now;
          default -> torn(now, random);
        };
    bytes = left.clone();
    size = left.length;
    flushed = left.clone();
    lost = false;
    locked = false;
  }

  private byte[] torn(byte[] now, SplittableRandom random) {
    int least = Math.min(now.length, flushed.length);
    int most = Math.max(now.length, flushed.length);
    byte[] left = Arrays.copyOf(now, least + random.nextInt(most - least + 1));
    int sector = SECTORS[random.nextInt(SECTORS.length)];
    for (int start = 0; start < left.length; start += sector) {
      int kind = random.nextInt(3);
      for (int i = start; i < Math.min(start + sector, left.length); i++) {
        byte before = i < flushed.length ? flushed[i] : 0;
        byte after = i < now.length ? now[i] : 0;
        left[i] = before == after || kind == 0 ? after : kind == 1 ? before : 0;
      }
    }
    return left;
  }
}

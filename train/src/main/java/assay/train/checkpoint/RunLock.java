package assay.train.checkpoint;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second run out of an output folder: a lock of the operating system on a file there, which
 * ends with the process, however that ends. The file stays, and says who had the lock last.
 */
public final class RunLock implements AutoCloseable {
  private static final String FILE = "run.lock";

  /** Beyond the text, which others may so read where a lock keeps readers out (Windows). */
  private static final long LOCKED_BYTE = 1L << 40;

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private RunLock(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock.
   *
   * @param folder of the run; must be there
   * @throws InvalidInputException if another run has it, or the file system has no locks
   */
  public static RunLock acquire(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = null;
      try {
        lock = tryLock(channel, folder);
        if (lock == null) {
          throw new InvalidInputException(
              "output: "
                  + folder
                  + " is being written by another run ("
                  + Files.readString(file).strip()
                  + "); wait for it, or name another folder");
        }
        write(channel);
      } finally {
        if (lock == null) {
          channel.close();
        }
      }
      return new RunLock(file, channel, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }

  /** Null if another run has it. */
  private static FileLock tryLock(FileChannel channel, Path folder) {
    try {
      return channel.tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it
    } catch (IOException | UnsupportedOperationException e) {
      throw new InvalidInputException(
          "output: the file system of "
              + folder
              + " has no file locks, which keep two runs from writing into one folder ("
              + e.getMessage()
              + "); name a folder on another one",
          e);
    }
  }

  private static void write(FileChannel channel) throws IOException {
    String text = "process " + ProcessHandle.current().pid() + " on " + host() + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    channel.truncate(0);
    while (bytes.hasRemaining()) {
      channel.write(bytes, bytes.position());
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(this + " can't be given back: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "lock " + file;
  }
}

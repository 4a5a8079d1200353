package assay.testing.crash;

import assay.testing.crash.Fault.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * An open file, or a folder that is to be flushed. Like a real one it may read or write fewer bytes
 * than asked for.
 */
final class CrashChannel extends FileChannel {
  /** The most bytes of one operation. */
  private static final int MOST = 1 << 12;

  private final CrashFileSystem fileSystem;
  private final Node node;
  private final boolean writes;
  private final boolean appends;
  private final int start;
  private long position;

  CrashChannel(CrashFileSystem fileSystem, Node node, boolean writes, boolean appends) {
    this.fileSystem = fileSystem;
    this.node = node;
    this.writes = writes;
    this.appends = appends;
    this.start = fileSystem.starts();
  }

  private FileNode file() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    if (start != fileSystem.starts()) {
      throw new IOException("the machine was started anew since this file was opened");
    }
    if (node instanceof FileNode file) {
      return file;
    }
    throw new IOException("is a folder");
  }

  @Override
  public int read(ByteBuffer to, long from) throws IOException {
    synchronized (fileSystem) {
      FileNode file = file();
      if (writes) {
        throw new NonReadableChannelException();
      }
      fileSystem.begin(Operation.READ);
      byte[] bytes = new byte[Math.min(to.remaining(), MOST)];
      int length = file.read(from, bytes, 0, bytes.length);
      if (length > 0) {
        to.put(bytes, 0, length);
      }
      return length;
    }
  }

  @Override
  public int write(ByteBuffer from, long to) throws IOException {
    synchronized (fileSystem) {
      FileNode file = file();
      if (!writes) {
        throw new NonWritableChannelException();
      }
      byte[] bytes = new byte[Math.min(from.remaining(), MOST)];
      from.get(from.position(), bytes);
      Fault struck = fileSystem.strike(Operation.WRITE);
      if (struck == Fault.SHORT_WRITE || struck == Fault.POWER_CUT) {
        file.write(to, bytes, 0, bytes.length / 2);
      }
      if (struck != null) {
        throw struck.exception();
      }
      file.write(to, bytes, 0, bytes.length);
      from.position(from.position() + bytes.length);
      return bytes.length;
    }
  }

  @Override
  public void force(boolean metadata) throws IOException {
    synchronized (fileSystem) {
      if (node instanceof FileNode) {
        file(); // is it open?
      }
      Fault struck = fileSystem.strike(Operation.FLUSH);
      if (struck == Fault.FLUSH_ERROR && node instanceof FileNode file) {
        file.failFlush();
      }
      if (struck != null) {
        throw struck.exception();
      }
      switch (node) {
        case FileNode file -> file.flush();
        case FolderNode folder -> folder.flush();
      }
    }
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    int length = read(to, position);
    position += Math.max(0, length);
    return length;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    synchronized (fileSystem) {
      int length = write(from, appends ? size() : position);
      position = appends ? size() : position + length;
      return length;
    }
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    return read(to[offset]);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return write(from[offset]);
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public FileChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() throws IOException {
    synchronized (fileSystem) {
      return file().size();
    }
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    synchronized (fileSystem) {
      fileSystem.begin(Operation.WRITE);
      file().truncate(size);
      position = Math.min(position, size);
      return this;
    }
  }

  @Override
  public FileLock tryLock(long from, long size, boolean shared) throws IOException {
    synchronized (fileSystem) {
      FileNode file = file();
      if (file.locked) {
        throw new OverlappingFileLockException();
      }
      file.locked = true;
      return new FileLock(this, from, size, shared) {
        private boolean valid = true;

        @Override
        public boolean isValid() {
          return valid && start == fileSystem.starts();
        }

        @Override
        public void release() {
          if (isValid()) {
            file.locked = false;
          }
          valid = false;
        }
      };
    }
  }

  @Override
  public FileLock lock(long from, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long from, long size) {
    throw new UnsupportedOperationException("nothing in memory can be mapped into memory");
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long to, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void implCloseChannel() {}
}

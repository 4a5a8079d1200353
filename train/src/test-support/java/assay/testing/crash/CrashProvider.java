package assay.testing.crash;

import assay.testing.crash.Fault.Operation;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What java.nio.file.Files calls; each operation may be the one that fails. */
final class CrashProvider extends FileSystemProvider {
  private final CrashFileSystem fileSystem;

  CrashProvider(CrashFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    synchronized (fileSystem) {
      CrashPath file = CrashPath.of(path);
      boolean appends = options.contains(StandardOpenOption.APPEND);
      boolean writes = appends || options.contains(StandardOpenOption.WRITE);
      Node node = fileSystem.find(file);
      boolean isNew = options.contains(StandardOpenOption.CREATE_NEW);
      if (isNew && node != null) {
        throw new FileAlreadyExistsException(path.toString());
      }
      if (node == null && writes && (isNew || options.contains(StandardOpenOption.CREATE))) {
        node = new FileNode();
        fileSystem.create(file, node);
      } else {
        fileSystem.begin(Operation.OPEN);
        node = fileSystem.existing(file);
      }
      if (writes && !(node instanceof FileNode)) {
        throw new IOException(path + ": is a folder");
      }
      if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
        ((FileNode) node).truncate(0);
      }
      return new CrashChannel(fileSystem, node, writes, appends);
    }
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> paths = new ArrayList<>();
    synchronized (fileSystem) {
      fileSystem.begin(Operation.LOOK);
      for (String name : fileSystem.folder(CrashPath.of(folder)).names().keySet()) {
        Path path = folder.resolve(name);
        if (filter.accept(path)) {
          paths.add(path);
        }
      }
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return paths.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    synchronized (fileSystem) {
      fileSystem.create(CrashPath.of(folder), new FolderNode());
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    synchronized (fileSystem) {
      fileSystem.delete(CrashPath.of(path));
    }
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    synchronized (fileSystem) {
      Set<CopyOption> wanted = Set.of(options);
      // As rename(2) does, an atomic move replaces.
      boolean replace =
          wanted.contains(StandardCopyOption.REPLACE_EXISTING)
              || wanted.contains(StandardCopyOption.ATOMIC_MOVE);
      fileSystem.move(CrashPath.of(from), CrashPath.of(to), replace);
    }
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    synchronized (fileSystem) {
      fileSystem.begin(Operation.LOOK);
      fileSystem.existing(CrashPath.of(path));
    }
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class) {
      throw new UnsupportedOperationException(type.getName());
    }
    synchronized (fileSystem) {
      fileSystem.begin(Operation.LOOK);
      Node node = fileSystem.existing(CrashPath.of(path));
      long size = node instanceof FileNode file ? file.size() : 0;
      return type.cast(new Attributes(node instanceof FolderNode, size, node));
    }
  }

  private record Attributes(boolean isDirectory, long size, Object fileKey)
      implements BasicFileAttributes {
    @Override
    public boolean isRegularFile() {
      return !isDirectory;
    }

    @Override
    public boolean isSymbolicLink() {
      return false;
    }

    @Override
    public boolean isOther() {
      return false;
    }

    @Override
    public FileTime lastModifiedTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime lastAccessTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime creationTime() {
      return FileTime.fromMillis(0);
    }
  }

  @Override
  public boolean isSameFile(Path path, Path other) {
    return CrashPath.of(path).toRealPath().equals(CrashPath.of(other).toRealPath());
  }

  @Override
  public boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  @Override
  public String getScheme() {
    return "crash";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    if (!type.isAssignableFrom(BasicFileAttributeView.class)) {
      return null;
    }
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException();
  }
}

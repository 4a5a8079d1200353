package assay.testing.crash;

import assay.testing.crash.Fault.Operation;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A file system in memory that can fail like a disk and lose power like a machine, for code that
 * must leave its files whole: {@code Path folder = new CrashFileSystem().getPath("/run")}.
 *
 * <p>It keeps the promises of POSIX and no others: a file's bytes last once the file was flushed, a
 * new, renamed or deleted name once its folder was. Until then a power cut may keep any of it or
 * none ({@link FileNode#crash}, {@link FolderNode#crash}). Everything follows from a seed.
 *
 * <p>There are no links, permissions or times. One thread at a time; the lock is this object.
 */
public final class CrashFileSystem extends FileSystem {
  private final CrashProvider provider = new CrashProvider(this);
  private final FolderNode root = new FolderNode();
  private int starts; // channels are of one start of the machine
  private boolean off;
  private Fault fault;
  private long operationsUntilFault;

  /** Lets the k-th operation from now that the fault can strike fail; k counts from 1. */
  public synchronized void failAt(Fault struck, long k) {
    fault = struck;
    operationsUntilFault = k;
  }

  /** Takes back a fault that has not come. True if it came. */
  public synchronized boolean endFaults() {
    boolean came = fault == null;
    fault = null;
    return came;
  }

  /** Cuts the power now, and starts the machine again with what the seed says was left. */
  public synchronized void crash(long seed) {
    root.crash(new SplittableRandom(seed));
    starts++;
    off = false;
    fault = null;
  }

  /** To be called before each operation: throws if it is the one to fail. */
  void begin(Operation operation) throws IOException {
    Fault struck = strike(operation);
    if (struck != null) {
      throw struck.exception();
    }
  }

  /** The fault that strikes this operation, or null. */
  Fault strike(Operation operation) {
    if (off) {
      return Fault.POWER_CUT;
    }
    if (fault == null || !fault.strikes(operation) || --operationsUntilFault > 0) {
      return null;
    }
    Fault struck = fault;
    fault = null;
    off = struck == Fault.POWER_CUT;
    return struck;
  }

  int starts() {
    return starts;
  }

  /** What a path names, or null. */
  Node find(CrashPath path) throws IOException {
    Node node = root;
    for (String name : path.absoluteNames()) {
      if (!(node instanceof FolderNode folder)) {
        return null;
      }
      node = folder.names().get(name);
    }
    return node;
  }

  Node existing(CrashPath path) throws IOException {
    Node node = find(path);
    if (node == null) {
      throw new NoSuchFileException(path.toString());
    }
    return node;
  }

  FolderNode folder(CrashPath path) throws IOException {
    if (existing(path) instanceof FolderNode folder) {
      return folder;
    }
    throw new NotDirectoryException(path.toString());
  }

  private FolderNode parent(CrashPath path) throws IOException {
    CrashPath absolute = path.toAbsolutePath().normalize();
    if (absolute.getParent() == null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return folder(absolute.getParent());
  }

  private static String name(CrashPath path) {
    return path.toAbsolutePath().normalize().getFileName().toString();
  }

  void create(CrashPath path, Node node) throws IOException {
    begin(Operation.CREATE);
    FolderNode parent = parent(path);
    if (parent.names().containsKey(name(path))) {
      throw new FileAlreadyExistsException(path.toString());
    }
    parent.put(name(path), node);
  }

  void delete(CrashPath path) throws IOException {
    begin(Operation.DELETE);
    checkReplaceable(path, existing(path));
    parent(path).remove(name(path));
  }

  private static void checkReplaceable(CrashPath path, Node node) throws IOException {
    if (node instanceof FolderNode folder && !folder.names().isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
  }

  void move(CrashPath from, CrashPath to, boolean replace) throws IOException {
    begin(Operation.MOVE);
    Node node = existing(from);
    Node replaced = find(to);
    if (replaced != null) {
      if (!replace) {
        throw new FileAlreadyExistsException(to.toString());
      }
      checkReplaceable(to, replaced);
    }
    if (parent(from) == parent(to)) {
      parent(from).rename(name(from), name(to));
    } else { // two folders, which are flushed one by one
      parent(to).put(name(to), node);
      parent(from).remove(name(from));
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public CrashPath getPath(String first, String... more) {
    return CrashPath.of(this, more.length == 0 ? first : first + "/" + String.join("/", more));
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic", "posix"); // "posix" says that folders can be flushed
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}

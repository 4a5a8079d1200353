package assay.testing.crash;

import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names and whether they begin at the root, as on a POSIX system; relative ones begin there too.
 */
record CrashPath(CrashFileSystem fileSystem, boolean isAbsolute, List<String> names)
    implements Path {

  static CrashPath of(CrashFileSystem fileSystem, String text) {
    List<String> names = Stream.of(text.split("/")).filter(name -> !name.isEmpty()).toList();
    return new CrashPath(fileSystem, text.startsWith("/"), names);
  }

  static CrashPath of(Path path) {
    if (path instanceof CrashPath crashPath) {
      return crashPath;
    }
    throw new ProviderMismatchException(path + " is on another file system");
  }

  List<String> absoluteNames() {
    return normalize().names;
  }

  private CrashPath with(List<String> otherNames) {
    return new CrashPath(fileSystem, isAbsolute, otherNames);
  }

  @Override
  public CrashFileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public CrashPath getRoot() {
    return isAbsolute ? with(List.of()) : null;
  }

  @Override
  public CrashPath getFileName() {
    return names.isEmpty() ? null : subpath(names.size() - 1, names.size());
  }

  @Override
  public CrashPath getParent() {
    boolean none = names.isEmpty() || (names.size() == 1 && !isAbsolute);
    return none ? null : with(names.subList(0, names.size() - 1));
  }

  @Override
  public int getNameCount() {
    return names.size();
  }

  @Override
  public CrashPath getName(int index) {
    return subpath(index, index + 1);
  }

  @Override
  public CrashPath subpath(int begin, int end) {
    return new CrashPath(fileSystem, false, names.subList(begin, end));
  }

  @Override
  public boolean startsWith(Path other) {
    return other instanceof CrashPath that
        && that.isAbsolute == isAbsolute
        && that.names.size() <= names.size()
        && that.names.equals(names.subList(0, that.names.size()));
  }

  @Override
  public boolean endsWith(Path other) {
    return other instanceof CrashPath that
        && that.names.size() <= names.size()
        && that.names.equals(names.subList(names.size() - that.names.size(), names.size()))
        && (!that.isAbsolute || equals(that));
  }

  @Override
  public CrashPath normalize() {
    List<String> kept = new ArrayList<>();
    for (String name : names) {
      if (!name.equals("..")) {
        if (!name.equals(".")) {
          kept.add(name);
        }
      } else if (!kept.isEmpty()) {
        kept.removeLast();
      }
    }
    return with(kept);
  }

  @Override
  public CrashPath resolve(Path other) {
    CrashPath that = of(other);
    return that.isAbsolute
        ? that
        : with(Stream.concat(names.stream(), that.names.stream()).toList());
  }

  @Override
  public CrashPath relativize(Path other) {
    CrashPath that = of(other);
    int same = 0;
    int most = Math.min(names.size(), that.names.size());
    while (same < most && names.get(same).equals(that.names.get(same))) {
      same++;
    }
    List<String> relative = new ArrayList<>();
    for (int i = same; i < names.size(); i++) {
      relative.add("..");
    }
    relative.addAll(that.names.subList(same, that.names.size()));
    return new CrashPath(fileSystem, false, relative);
  }

  @Override
  public CrashPath toAbsolutePath() {
    return new CrashPath(fileSystem, true, names);
  }

  @Override
  public CrashPath toRealPath(LinkOption... options) {
    return toAbsolutePath().normalize();
  }

  @Override
  public URI toUri() {
    return URI.create("crash:" + toAbsolutePath());
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int compareTo(Path other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return (isAbsolute ? "/" : "") + String.join("/", names);
  }
}

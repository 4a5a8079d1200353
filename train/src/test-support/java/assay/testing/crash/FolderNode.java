package assay.testing.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A folder's names: those that programs see, those that were flushed, and the changes between. */
final class FolderNode implements Node {
  /**
   * One change of the names; a rename within the folder is one, and happens whole or not at all.
   */
  private sealed interface Change {
    void apply(Map<String, Node> names);
  }

  private record Put(String name, Node node) implements Change {
    @Override
    public void apply(Map<String, Node> names) {
      names.put(name, node);
    }
  }

  private record Remove(String name) implements Change {
    @Override
    public void apply(Map<String, Node> names) {
      names.remove(name);
    }
  }

  private record Rename(String from, String to) implements Change {
    @Override
    public void apply(Map<String, Node> names) {
      if (names.containsKey(from)) {
        names.put(to, names.remove(from));
      }
    }
  }

  private final Map<String, Node> names = new TreeMap<>();
  private Map<String, Node> flushed = new TreeMap<>();
  private final List<Change> changes = new ArrayList<>();

  Map<String, Node> names() {
    return names;
  }

  void put(String name, Node node) {
    change(new Put(name, node));
  }

  void remove(String name) {
    change(new Remove(name));
  }

  void rename(String from, String to) {
    change(new Rename(from, to));
  }

  private void change(Change change) {
    change.apply(names);
    changes.add(change);
  }

  void flush() {
    flushed = new TreeMap<>(names);
    changes.clear();
  }

  /** Of the changes since the last flush none, all, the first ones or any are left. */
  @Override
  public void crash(SplittableRandom random) {
    Map<String, Node> left = new TreeMap<>(flushed);
    int kind = random.nextInt(4);
    int first = kind == 0 ? 0 : kind == 1 ? changes.size() : random.nextInt(changes.size() + 1);
    for (int i = 0; i < changes.size(); i++) {
      if (kind == 3 ? random.nextBoolean() : i < first) {
        changes.get(i).apply(left);
      }
    }
    names.clear();
    names.putAll(left);
    flush();
    names.values().forEach(node -> node.crash(random));
  }
}

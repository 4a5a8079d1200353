package assay.rm.recipe;

import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The mistakes found in one recipe. They are gathered and thrown together, so that one run shows
 * all of them.
 */
final class Problems {
  /** Marks the nodes that a {@code --set} brought in: their place is the override, not a line. */
  static final String OVERRIDE_PREFIX = "--set ";

  private record Problem(int line, int column, String text) {}

  private final String name;
  private final List<Problem> problems = new ArrayList<>();

  Problems(String name) {
    this.name = name;
  }

  /** Something is wrong at {@code node}, which belongs to the key with this full path. */
  void add(Node node, String path, String message) {
    Mark mark = node.getStartMark().orElseThrow();
    boolean override = mark.getName().startsWith(OVERRIDE_PREFIX);
    // An override comes after the file's last line.
    int line = override ? Integer.MAX_VALUE : mark.getLine();
    problems.add(new Problem(line, mark.getColumn(), place(mark) + ": " + path + ": " + message));
  }

  /** Something is wrong that has no place, such as a key that is missing. */
  void add(String path, String message) {
    problems.add(new Problem(Integer.MAX_VALUE, 0, name + ": " + path + ": " + message));
  }

  static String place(Mark mark) {
    return mark.getName().startsWith(OVERRIDE_PREFIX)
        ? mark.getName()
        : mark.getName() + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
  }

  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          problems.stream()
              .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
              .map(Problem::text)
              .collect(Collectors.joining("\n")));
    }
  }
}

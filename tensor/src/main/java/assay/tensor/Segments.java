package assay.tensor;

import java.util.Arrays;

/**
 * How the rows of a packed batch belong together: a forest of segments.
 *
 * <p>A segment is a run of consecutive rows. Its tokens attend to all tokens of its ancestors and
 * causally to its own; its positions go on from its parent's end. One sequence is a root without
 * children; a preference pair is a prompt with two children, chosen and rejected; n answers to one
 * prompt are a prompt with n children. Because a causal model's states never depend on what
 * follows, computing the prompt once is exact.
 *
 * <p>The path of a segment is itself and its ancestors, root first: the sequence that a model
 * without sharing would have been given. A row's position is its index on that path.
 */
public final class Segments {
  /** The parent of a root. */
  public static final int NONE = -1;

  private final int[] starts; // [count + 1]
  private final int[] parents; // [count]
  private final int[] firstPositions; // [count]
  private final int[] positions; // [numRows]

  private Segments(int[] lengths, int[] parents) {
    if (lengths.length != parents.length) {
      throw new IllegalArgumentException(
          lengths.length + " segment lengths but " + parents.length + " parents");
    }
    this.parents = parents.clone();
    this.starts = new int[lengths.length + 1];
    this.firstPositions = new int[lengths.length];
    for (int s = 0; s < lengths.length; s++) {
      if (lengths[s] < 1) {
        throw new IllegalArgumentException("segment " + s + " has " + lengths[s] + " rows");
      }
      if (parents[s] < NONE || parents[s] >= s) {
        throw new IllegalArgumentException(
            "segment " + s + " has parent " + parents[s] + "; a parent must come before its child");
      }
      starts[s + 1] = Math.addExact(starts[s], lengths[s]);
      firstPositions[s] = parents[s] == NONE ? 0 : pathLength(parents[s]);
    }
    this.positions = new int[numRows()];
    for (int s = 0; s < lengths.length; s++) {
      for (int row = start(s); row < end(s); row++) {
        positions[row] = firstPositions[s] + row - start(s);
      }
    }
  }

  /** Segments of these lengths; {@code parents[s]} is smaller than s, or {@link #NONE}. */
  public static Segments of(int[] lengths, int[] parents) {
    return new Segments(lengths, parents);
  }

  /** Unrelated sequences, each attending causally to itself. */
  public static Segments sequences(int... lengths) {
    int[] parents = new int[lengths.length];
    Arrays.fill(parents, NONE);
    return new Segments(lengths, parents);
  }

  /** Number of segments. */
  public int count() {
    return parents.length;
  }

  /** Rows of the batch, T. */
  public int numRows() {
    return starts[parents.length];
  }

  /** First row of segment s. */
  public int start(int s) {
    return starts[s];
  }

  /** The row after the last of segment s. */
  public int end(int s) {
    return starts[s + 1];
  }

  public int length(int s) {
    return starts[s + 1] - starts[s];
  }

  /** The segment before s on its path, or {@link #NONE}. */
  public int parent(int s) {
    return parents[s];
  }

  /** The segment that the path of s begins with. */
  public int root(int s) {
    int root = s;
    while (parents[root] != NONE) {
      root = parents[root];
    }
    return root;
  }

  /** Position of the first row of s: the number of tokens of all its ancestors. */
  public int firstPosition(int s) {
    return firstPositions[s];
  }

  /** Tokens from the root's first to the last of s. */
  public int pathLength(int s) {
    return firstPositions[s] + length(s);
  }

  /** The segments from the root to s. */
  public int[] path(int s) {
    int depth = 0;
    for (int ancestor = s; ancestor != NONE; ancestor = parents[ancestor]) {
      depth++;
    }
    int[] path = new int[depth];
    for (int ancestor = s; ancestor != NONE; ancestor = parents[ancestor]) {
      path[--depth] = ancestor;
    }
    return path;
  }

  /** The row of each position on the path of s: {@code [pathLength(s)]}. */
  public int[] pathRows(int s) {
    int[] rows = new int[pathLength(s)];
    for (int segment : path(s)) {
      for (int i = 0; i < length(segment); i++) {
        rows[firstPositions[segment] + i] = start(segment) + i;
      }
    }
    return rows;
  }

  /** The position of each row: {@code [numRows()]}. */
  public int[] positions() {
    return positions.clone();
  }

  public int position(int row) {
    return positions[row];
  }

  /** The segment that holds this row. */
  public int segmentOf(int row) {
    int found = Arrays.binarySearch(starts, row);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  public String toString() {
    return "Segments[starts="
        + Arrays.toString(starts)
        + ", parents="
        + Arrays.toString(parents)
        + "]";
  }
}

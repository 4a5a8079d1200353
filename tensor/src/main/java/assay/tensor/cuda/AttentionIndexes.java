package assay.tensor.cuda;

import assay.tensor.AttentionConfig;
import assay.tensor.Backend;
import assay.tensor.Segments;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;

/**
 * The {@link AttentionIndex} of the last few batches on the GPU, so that all layers of a step,
 * forward and backward, share one.
 *
 * <p>Its memory is its own and no arena's: an index outlives the scratch of the op that first
 * wanted it. It is small (four bytes for each row of each path, and some more for each query), and
 * taken over by the next batch: work on the GPU is in order, so whoever still reads an old index
 * has done so before a new one is copied there.
 */
final class AttentionIndexes implements AutoCloseable {
  /** All rows and read rows, forward and backward, with a window and without. */
  private static final int MOST = 8;

  /** An index and where it lies. */
  static final class Entry {
    private Segments segments;
    private int[] queryRows;
    private int tileRows;
    private int window;
    private AttentionIndex index;
    private long address;
    private long bytes;

    int numQueryTiles() {
      return index.numQueryTiles();
    }

    int numKeyTiles() {
      return index.numKeyTiles();
    }

    /** The addresses of the arrays in the order of the struct Attention. */
    long[] addresses() {
      return new long[] {
        address,
        address + 4L * index.queryPosition(),
        address + 4L * index.queryTiles(),
        address + 4L * index.keyTiles(),
        address + 4L * index.runs()
      };
    }
  }

  private final Backend backend;
  private final Deque<Entry> entries = new ArrayDeque<>(); // the last used first

  AttentionIndexes(Backend backend) {
    this.backend = backend;
  }

  /** The index of a batch, to be used before another is asked for. */
  Entry get(AttentionConfig config, Segments segments, int[] queryRows, int tileRows) {
    Entry entry = remove(segments, queryRows, tileRows, config.window());
    if (entry == null) {
      entry = entries.size() < MOST ? new Entry() : entries.removeLast();
      entry.segments = segments;
      entry.queryRows = queryRows == null ? null : queryRows.clone();
      entry.tileRows = tileRows;
      entry.window = config.window();
      entry.index = AttentionIndex.of(segments, queryRows, tileRows, config.window());
      upload(entry);
    }
    entries.addFirst(entry);
    return entry;
  }

  /** Segments do not change, so the same object is the same forest; rows are compared. */
  private Entry remove(Segments segments, int[] queryRows, int tileRows, int window) {
    for (Iterator<Entry> i = entries.iterator(); i.hasNext(); ) {
      Entry entry = i.next();
      if (entry.segments == segments
          && entry.tileRows == tileRows
          && entry.window == window
          && Arrays.equals(entry.queryRows, queryRows)) {
        i.remove();
        return entry;
      }
    }
    return null;
  }

  private void upload(Entry entry) {
    MemorySegment data = MemorySegment.ofArray(entry.index.data());
    if (entry.bytes < data.byteSize()) {
      free(entry);
      entry.address = backend.allocate(data.byteSize());
      entry.bytes = data.byteSize();
    }
    backend.copyIn(data, entry.address);
  }

  private void free(Entry entry) {
    if (entry.bytes > 0) {
      backend.synchronize(); // it may still be read
      backend.free(entry.address, entry.bytes);
      entry.bytes = 0;
    }
  }

  @Override
  public void close() {
    entries.forEach(this::free);
    entries.clear();
  }
}

package assay.tensor.comm;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sums over ranks that run in the order of the ranks, made of messages from each rank to each. The
 * libraries' own sums run in an order of their choice, which changes with the number of ranks.
 *
 * <p>A rank that adds up a share of the result needs that share of every rank's tensor at once, so
 * there is staging memory for them. It is small: long tensors go through it in pieces.
 */
public final class OrderedSums implements AutoCloseable {
  /** What the sums are made of; index i of a list is what rank i sends or is sent. */
  public interface Wire {
    /**
     * Sends a run of elements to each other rank and receives one from each. What this rank has for
     * itself is skipped.
     */
    void exchange(List<Tensor> toSend, List<Tensor> toReceive);

    /** sum += x */
    void add(Tensor x, Tensor sum);

    void copy(Tensor from, Tensor to);
  }

  /** All staging memory of a rank; a piece is what one other rank sends at a time. */
  private static final long STAGING_BYTES = 8 << 20;

  private static final int MOST_PIECE_BYTES = 1 << 20;

  /** Below this, messages cost more by their number than by their length. */
  private static final int LEAST_PIECE_BYTES = 64 << 10;

  private final Wire wire;
  private final int rank;
  private final int size;
  private final int pieceBytes;
  private final TensorArena arena;
  private final Tensor staging; // [size - 1, pieceBytes / 4]: a row for each other rank

  /**
   * Staging memory comes from this device, and belongs to the calling thread until it is closed.
   */
  public OrderedSums(Wire wire, int rank, int size, Device device) {
    this.wire = wire;
    this.rank = rank;
    this.size = size;
    this.pieceBytes = pieceBytes(size);
    arena = TensorArena.open(device, "communication");
    staging = arena.empty(DType.I32, size - 1, pieceBytes / 4);
  }

  /** A multiple of 64. */
  private static int pieceBytes(int size) {
    long bytes = Math.clamp(STAGING_BYTES / size, LEAST_PIECE_BYTES, MOST_PIECE_BYTES);
    return (int) (bytes / 64 * 64);
  }

  /** {@code ((part + x0) + x1) + x2 ...}, where xi is this rank's share of rank i's whole. */
  public void reduceScatter(Tensor whole, Tensor part) {
    long piece = pieceBytes / part.dtype().bytes();
    for (long from = 0; from < part.size(); from += piece) {
      long to = Math.min(part.size(), from + piece);
      List<Tensor> mine = new ArrayList<>();
      for (int other = 0; other < size; other++) {
        long start = other * part.size();
        mine.add(whole.elements(start + from, start + to));
      }
      List<Tensor> all = stagingFor(mine.get(rank));
      wire.exchange(mine, all);
      Tensor sum = part.elements(from, to);
      for (Tensor x : all) {
        wire.add(x, sum);
      }
    }
  }

  /** x becomes {@code ((x0 + x1) + x2) ...}. Each rank adds up a share and sends it to all. */
  public void allReduce(Tensor x) {
    long piece = (long) size * (pieceBytes / x.dtype().bytes());
    for (long from = 0; from < x.size(); from += piece) {
      List<Tensor> shares = shares(x.elements(from, Math.min(x.size(), from + piece)));
      Tensor mine = shares.get(rank);
      List<Tensor> all = stagingFor(mine);
      wire.exchange(shares, all);
      Tensor sum = all.getFirst();
      for (Tensor other : all.subList(1, size)) {
        wire.add(other, sum);
      }
      if (rank != 0) {
        wire.copy(sum, mine);
      }
      wire.exchange(Collections.nCopies(size, mine), shares);
    }
  }

  /** As many runs of elements as there are ranks, as equal as can be. */
  private List<Tensor> shares(Tensor x) {
    List<Tensor> shares = new ArrayList<>();
    for (long i = 0; i < size; i++) {
      shares.add(x.elements(x.size() * i / size, x.size() * (i + 1) / size));
    }
    return shares;
  }

  /** A place for each rank's share; this rank's own is where it is. */
  private List<Tensor> stagingFor(Tensor mine) {
    List<Tensor> places = new ArrayList<>();
    for (int row = 0; row < size - 1; row++) {
      places.add(staging.rows(row, row + 1).bitsAs(mine.dtype()).elements(0, mine.size()));
    }
    places.add(rank, mine);
    return places;
  }

  @Override
  public void close() {
    arena.close();
  }
}

package assay.train.checkpoint;

import assay.nn.checkpoint.Quote;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Where each tensor's rows lie, over the files of all ranks. */
final class StateIndex {
  /** A piece, and the rank whose file holds it. */
  record Place(int rank, RankIndex.Piece piece) {}

  private final String source;
  private final Map<String, List<Place>> placesOf = new TreeMap<>();

  private StateIndex(String source) {
    this.source = source;
  }

  /**
   * Merges the ranks' indexes.
   *
   * @param source names the checkpoint in messages
   * @throws InvalidInputException if a row of any tensor is in no file, or in two
   */
  static StateIndex merge(List<RankIndex> ranks, String source) {
    StateIndex state = new StateIndex(source);
    for (RankIndex index : ranks) {
      for (RankIndex.Piece piece : index.pieces()) {
        state
            .placesOf
            .computeIfAbsent(piece.name(), name -> new ArrayList<>())
            .add(new Place(index.rank(), piece));
      }
    }
    state.placesOf.forEach(state::checkCovered);
    return state;
  }

  private void checkCovered(String name, List<Place> places) {
    places.sort(
        Comparator.comparingInt((Place place) -> place.piece().fromRow())
            .thenComparingInt(place -> place.piece().toRow()));
    RankIndex.Piece first = places.getFirst().piece();
    int next = 0;
    for (Place place : places) {
      RankIndex.Piece piece = place.piece();
      if (piece.dtype() != first.dtype() || !piece.fullShape().equals(first.fullShape())) {
        throw problem(name, "ranks don't agree on its shape: " + first + " and " + piece);
      }
      if (piece.fromRow() != next) {
        throw problem(
            name,
            "the rows of rank "
                + place.rank()
                + " begin at "
                + piece.fromRow()
                + ", expected "
                + next);
      }
      next = piece.toRow();
    }
    int numRows = TensorRows.rowsOf(first.fullShape());
    if (next != numRows) {
      throw problem(name, "has " + numRows + " rows, but those from " + next + " are in no file");
    }
  }

  Set<String> names() {
    return placesOf.keySet();
  }

  /** The pieces of a tensor in the order of their rows, all of this dtype and shape. */
  List<Place> places(String name, DType dtype, Shape fullShape) {
    List<Place> places = placesOf.get(name);
    if (places == null) {
      throw problem(name, "is not in the checkpoint, which has " + names().size() + " others");
    }
    RankIndex.Piece stored = places.getFirst().piece();
    if (stored.dtype() != dtype || !stored.fullShape().equals(fullShape)) {
      throw problem(
          name,
          "expected "
              + dtype
              + fullShape
              + ", the checkpoint has "
              + stored.dtype()
              + stored.fullShape()
              + "; is it of another model?");
    }
    return places;
  }

  private InvalidInputException problem(String name, String message) {
    return new InvalidInputException(source + ": tensor " + Quote.of(name) + ": " + message);
  }
}

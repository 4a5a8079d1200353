package assay.train.checkpoint;

import assay.nn.checkpoint.JsonObject;
import assay.tensor.DType;
import assay.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one rank's safetensors file holds, and its checksums: {@code rank-N.json}.
 *
 * @param bytes length of the safetensors file
 */
record RankIndex(
    long step, int rank, int numRanks, long bytes, BlockChecksums checksums, List<Piece> pieces) {

  /**
   * Rows of a tensor in the file.
   *
   * @param toRow the row after the last
   * @param position of their first byte in the file
   */
  record Piece(String name, DType dtype, Shape fullShape, int fromRow, int toRow, long position) {
    long bytes() {
      return Math.multiplyExact(toRow - fromRow, TensorRows.rowBytes(fullShape, dtype));
    }
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", step);
    json.put("rank", rank);
    json.put("num_ranks", numRanks);
    json.put("bytes", bytes);
    json.put("block_bytes", checksums.blockBytes());
    json.put("crc32c", checksums.toHex());
    json.put("tensors", pieces.stream().map(RankIndex::toJson).toList());
    return json;
  }

  private static Map<String, Object> toJson(Piece piece) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", piece.name());
    json.put("dtype", piece.dtype().name());
    List<Integer> dims = new ArrayList<>();
    for (int dim : piece.fullShape().toArray()) {
      dims.add(dim);
    }
    json.put("shape", dims);
    json.put("from_row", piece.fromRow());
    json.put("to_row", piece.toRow());
    json.put("position", piece.position());
    return json;
  }

  /** Checks that every piece lies in the file and every row in its tensor. */
  static RankIndex parse(JsonObject json) {
    long bytes = json.count("bytes");
    List<Piece> pieces = new ArrayList<>();
    for (JsonObject tensor : json.objects("tensors")) {
      try {
        pieces.add(piece(tensor, bytes));
      } catch (ArithmeticException e) {
        throw tensor.error("shape", "is larger than any file");
      }
    }
    return new RankIndex(
        json.count("step"),
        json.integer("rank", 0, Integer.MAX_VALUE, -1),
        json.integer("num_ranks", 1, Integer.MAX_VALUE, -1),
        bytes,
        BlockChecksums.parse(
            json.string("crc32c", ""), json.count("block_bytes"), bytes, json.source()),
        pieces);
  }

  private static Piece piece(JsonObject json, long fileBytes) {
    String dtypeName = json.string("dtype", "");
    DType dtype =
        switch (dtypeName) {
          case "F32" -> DType.F32;
          case "F64" -> DType.F64;
          default -> throw json.error("dtype", "expected F32 or F64");
        };
    int most = Integer.MAX_VALUE;
    Shape shape =
        Shape.of(json.integers("shape", 0, most).stream().mapToInt(Integer::intValue).toArray());
    Piece piece =
        new Piece(
            json.string("name", ""),
            dtype,
            shape,
            json.integer("from_row", 0, most, 0),
            json.integer("to_row", 0, most, 0),
            json.count("position"));
    if (piece.fromRow() > piece.toRow()
        || piece.toRow() > TensorRows.rowsOf(shape)
        || piece.position() > fileBytes - piece.bytes()) {
      throw json.error("name", piece + " doesn't fit into the tensor or the file");
    }
    return piece;
  }
}

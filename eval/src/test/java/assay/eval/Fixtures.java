package assay.eval;

import assay.rm.data.Row;
import assay.rm.data.RowPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What several tests need. */
public final class Fixtures {
  static final JsonMapper JSON = new JsonMapper();

  private Fixtures() {}

  /** A file of test-resources. */
  public static JsonNode json(String name) {
    Path file = Path.of(System.getProperty("assay.test-resources")).resolve(name);
    try {
      return JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static double[] doubles(JsonNode list) {
    return IntStream.range(0, list.size()).mapToDouble(i -> list.get(i).doubleValue()).toArray();
  }

  static Map<String, Double> map(JsonNode object) {
    Map<String, Double> map = new LinkedHashMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().doubleValue()));
    return map;
  }

  /** The line 17 of scores.jsonl, with single quotes for double ones. */
  static Row row(String json) {
    ObjectNode fields = (ObjectNode) JSON.readTree(json.replace('\'', '"'));
    return new Row(place(17), fields);
  }

  static RowPlace place(int line) {
    return new RowPlace("scores.jsonl", RowPlace.Unit.LINE, line);
  }

  static ScoredRow.Pair pair(String id, String group, double chosen, double rejected) {
    return new ScoredRow.Pair(place(1), id, group, chosen, rejected);
  }

  /** Writes rows as JSON Lines and reads them again, as users do. */
  static <R extends ScoredRow> List<R> throughFile(
      Benchmark<R> benchmark, JsonNode rows, Path folder) {
    Path file = folder.resolve("scores.jsonl");
    try {
      Files.write(file, rows.values().stream().map(JSON::writeValueAsString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ScoreFile.read(benchmark, List.of(file));
  }
}

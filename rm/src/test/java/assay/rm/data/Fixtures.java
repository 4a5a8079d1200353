package assay.rm.data;

import assay.rm.recipe.Recipe.TooLong;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What several tests of this package need. */
final class Fixtures {
  static final int VOCABULARY = 50_000;

  private Fixtures() {}

  static Path resource(String name) {
    return Path.of(System.getProperty("assay.test-resources")).resolve(name);
  }

  static PairLoader loader(int maxLength, TooLong tooLong) {
    return new PairLoader(
        new PairEncoder(
            PairReader.conversations(Optional.of(new WordEncoder())),
            maxLength,
            tooLong,
            VOCABULARY));
  }

  static List<Row> rows(RowReader reader) {
    List<Row> rows = new ArrayList<>();
    try (reader) {
      for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
        rows.add(row.get());
      }
    }
    return rows;
  }

  /** A pair of a prompt, for tests that look at nothing else. */
  static PreferencePair pair(long promptHash, int line) {
    return new PreferencePair(
        new int[] {1, 2}, new int[] {1, 3}, 0, "", "", "test", line, promptHash);
  }
}

package assay.eval.doctor;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowPlace;
import assay.rm.data.RowReader;
import assay.rm.text.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Diagnoses as programs and pages read them. */
public final class DiagnosisFiles {
  /** So many rows of each finding are shown with their texts. */
  static final int EXAMPLES = 20;

  private DiagnosisFiles() {}

  /**
   * All faults with all their rows: {@code {file: {pairs, lengths, findings: {fault: [{row,
   * other}]}}}}.
   */
  public static Map<String, Object> toJson(List<Diagnosis> diagnoses) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (Diagnosis diagnosis : diagnoses) {
      Map<String, Object> findings = new LinkedHashMap<>();
      for (Finding finding : diagnosis.findings()) {
        findings.put(
            finding.fault().name().toLowerCase(Locale.ROOT),
            finding.rows().stream().map(DiagnosisFiles::row).toList());
      }
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("pairs", diagnosis.pairs());
      file.put("lengths", diagnosis.lengths().map(DiagnosisFiles::lengths).orElse(null));
      file.put("findings", findings);
      json.put(diagnosis.file(), file);
    }
    return json;
  }

  private static Map<String, Object> row(Finding.Faulty faulty) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("row", faulty.row().number());
    faulty.other().ifPresent(other -> json.put("other", other.toString()));
    return json;
  }

  private static Map<String, Object> lengths(Lengths lengths) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mean_chosen", lengths.meanChosen());
    json.put("mean_rejected", lengths.meanRejected());
    json.put("ties", lengths.ties());
    json.put("longer_wins", lengths.interval().isPresent() ? lengths.share() : null);
    json.put("interval", lengths.interval().map(its -> its.toJson()).orElse(null));
    return json;
  }

  /** What the page shows: each finding's first rows with their texts, read from the files again. */
  public static Map<String, Object> withExamples(List<Diagnosis> diagnoses) {
    Map<RowPlace, Map<String, Object>> texts = texts(diagnoses);
    List<Map<String, Object>> files = new ArrayList<>();
    for (Diagnosis diagnosis : diagnoses) {
      List<Map<String, Object>> findings = new ArrayList<>();
      for (Finding finding : diagnosis.findings()) {
        List<Map<String, Object>> examples = new ArrayList<>();
        for (Finding.Faulty faulty : finding.rows().stream().limit(EXAMPLES).toList()) {
          Map<String, Object> example = new LinkedHashMap<>();
          example.put("row", texts.get(faulty.row()));
          example.put("other", faulty.other().map(texts::get).orElse(null));
          examples.add(example);
        }
        findings.add(
            Map.of(
                "fault", finding.fault().description(),
                "number", finding.rows().size(),
                "examples", examples));
      }
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("file", diagnosis.file());
      file.put("pairs", diagnosis.pairs());
      file.put("lengths", diagnosis.lengths().map(DiagnosisFiles::lengths).orElse(null));
      file.put("findings", findings);
      files.add(file);
    }
    return Map.of("title", "Data check", "files", files);
  }

  /** The texts of all rows that are shown. */
  private static Map<RowPlace, Map<String, Object>> texts(List<Diagnosis> diagnoses) {
    Set<RowPlace> wanted = new HashSet<>();
    for (Diagnosis diagnosis : diagnoses) {
      for (Finding finding : diagnosis.findings()) {
        for (Finding.Faulty faulty : finding.rows().stream().limit(EXAMPLES).toList()) {
          wanted.add(faulty.row());
          faulty.other().ifPresent(wanted::add);
        }
      }
    }
    Map<RowPlace, Map<String, Object>> texts = new HashMap<>();
    for (String file : wanted.stream().map(RowPlace::file).collect(Collectors.toSet())) {
      try (RowReader rows = RowFiles.open(Path.of(file))) {
        for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
          if (wanted.contains(row.get().place())) {
            texts.put(row.get().place(), texts(row.get()));
          }
        }
      }
    }
    return texts;
  }

  private static Map<String, Object> texts(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("place", row.place().toString());
    Optional<DataDoctor.Pair> pair = DataDoctor.pair(row);
    if (pair.isPresent()) {
      json.put("prompt", turns(pair.get().prompt()));
      json.put("chosen", turns(pair.get().answer(pair.get().chosen())));
      json.put("rejected", turns(pair.get().answer(pair.get().rejected())));
    } else {
      json.put("fields", row.fields().toString());
    }
    return json;
  }

  private static List<Map<String, String>> turns(List<Message> messages) {
    return messages.stream()
        .map(turn -> Map.of("role", turn.role(), "content", String.valueOf(turn.content())))
        .toList();
  }
}

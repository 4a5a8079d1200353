package assay.eval.report;

import assay.eval.doctor.Diagnosis;
import assay.eval.doctor.DiagnosisFiles;
import java.nio.file.Path;
import java.util.List;

/** The page of diagnosed data: every fault with rows that have it. */
public final class DataReport {
  /** The file's name in an output folder. */
  public static final String NAME = "check.html";

  private DataReport() {}

  /** Writes the page into a folder. */
  public static void write(Path folder, List<Diagnosis> diagnoses) {
    ReportPage.write(
        folder.resolve(NAME),
        "Data check",
        List.of("page.js", "check.js"),
        DiagnosisFiles.withExamples(diagnoses));
  }
}

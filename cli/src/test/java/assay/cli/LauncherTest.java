package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script as far as it goes without a build. */
class LauncherTest {

  private static final int NO_USABLE_JDK = 78;

  @Test
  void jdkThatIsTooOldIsRefusedByName(@TempDir Path jdk) throws Exception {
    writeJdk(jdk, "24.0.1");
    assertRefused(jdk);
  }

  @Test
  void folderWithoutJdkIsRefusedByName(@TempDir Path folder) throws Exception {
    assertRefused(folder);
  }

  /** Writes what the launcher looks at: it reads the version and starts nothing. */
  private static void writeJdk(Path jdk, String version) throws IOException {
    Path compiler = Files.createDirectories(jdk.resolve("bin")).resolve("javac");
    Files.createFile(compiler);
    assertTrue(compiler.toFile().setExecutable(true));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  private static void assertRefused(Path jdk) throws Exception {
    Path launcher = Path.of(System.getProperty("assay.root"), "assay");
    ProcessBuilder builder = new ProcessBuilder("sh", launcher.toString(), "--version");
    builder.environment().put("ASSAY_JDK", jdk.toString());
    Process process = builder.start();
    String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(NO_USABLE_JDK, process.waitFor(), error);
    assertTrue(error.contains(jdk.toString()), error);
    assertTrue(error.contains("JDK 25"), error);
  }
}

package assay.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClassPathTest {

  /** JUnit is left out: its jar carries some Kotlin glue, which only tests see and nothing runs. */
  private static final List<Path> JARS =
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
          .map(Path::of)
          .filter(path -> path.toString().endsWith(".jar") && Files.exists(path))
          .filter(path -> !path.getFileName().toString().startsWith("junit-"))
          .toList();

  @Test
  void noDependencyBringsKotlin() throws IOException {
    assertTrue(JARS.stream().anyMatch(jar -> jar.toString().contains("picocli")), "class path");
    for (Path jar : JARS) {
      try (JarFile file = new JarFile(jar.toFile())) {
        List<String> kotlin =
            file.stream()
                .map(entry -> entry.getName())
                .filter(name -> name.startsWith("kotlin/") || name.endsWith(".kotlin_module"))
                .toList();
        assertEquals(List.of(), kotlin, jar + " holds Kotlin");
      }
    }
  }
}

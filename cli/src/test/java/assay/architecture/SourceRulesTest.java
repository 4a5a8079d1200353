package assay.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules on the text of the sources, all modules, main and tests. */
class SourceRulesTest {

  private static final int MAX_FILE_LINES = 400;
  private static final int MAX_METHOD_LINES = 60;

  /** Register tiles: sums stay in registers only as named locals of one loop. */
  private static final Set<String> UNROLLED =
      Set.of("EightRowLoops.java tile", "SixRowLoops.java tile");

  /** Work that was put off; written in two halves so that this file passes. */
  private static final Pattern PUT_OFF =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|@Dis" + "abled\\b");

  private static final Path ROOT = Path.of(System.getProperty("assay.root"));
  private static final List<Path> SOURCES = new ArrayList<>();

  @BeforeAll
  static void findSources() throws IOException {
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean skipped =
                !folder.equals(ROOT) && (name.startsWith(".") || name.equals("target"));
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java") || file.toString().endsWith(".cu")) {
              SOURCES.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertTrue(SOURCES.contains(ROOT.resolve("tensor/src/main/java/module-info.java")), "sources");
  }

  @Test
  void filesHaveAtMost400Lines() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path source : SOURCES) {
      int lines = Files.readAllLines(source).size();
      if (lines > MAX_FILE_LINES) {
        tooLong.add(ROOT.relativize(source) + ": " + lines + " lines");
      }
    }
    assertEquals(List.of(), tooLong);
  }

  @Test
  void methodsHaveAtMost60LinesUnlessUnrolled() throws IOException {
    List<Path> java = SOURCES.stream().filter(file -> file.toString().endsWith(".java")).toList();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Set<String> tooLong = new TreeSet<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(java));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new MethodLengths(unit, positions).scan(unit, tooLong);
      }
    }
    assertEquals(new TreeSet<>(UNROLLED), tooLong);
  }

  /** Adds the methods of one file that are too long, counted from signature to last brace. */
  private static final class MethodLengths extends TreeScanner<Void, Set<String>> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;

    MethodLengths(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    @Override
    public Void visitMethod(MethodTree method, Set<String> tooLong) {
      LineMap map = unit.getLineMap();
      long first = map.getLineNumber(positions.getStartPosition(unit, method));
      long last = map.getLineNumber(positions.getEndPosition(unit, method));
      if (last - first + 1 > MAX_METHOD_LINES) {
        Path file = Path.of(unit.getSourceFile().toUri()).getFileName();
        tooLong.add(file + " " + method.getName());
      }
      return super.visitMethod(method, tooLong);
    }
  }

  @Test
  void everyMainPackageHasItsChapter() {
    Set<Path> missing = new TreeSet<>();
    for (Path source : SOURCES) {
      Path folder = source.getParent();
      boolean inPackage =
          source.toString().endsWith(".java")
              && source.toString().contains("/src/main/java/")
              && !source.endsWith("module-info.java");
      if (inPackage && !Files.exists(folder.resolve("package-info.java"))) {
        missing.add(ROOT.relativize(folder));
      }
    }
    assertEquals(Set.of(), missing, "packages without package-info.java");
  }

  @Test
  void nothingIsPutOff() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path source : SOURCES) {
      List<String> lines = Files.readAllLines(source);
      for (int i = 0; i < lines.size(); i++) {
        if (PUT_OFF.matcher(lines.get(i)).find()) {
          found.add(ROOT.relativize(source) + ":" + (i + 1) + ": " + lines.get(i).strip());
        }
      }
    }
    assertEquals(List.of(), found);
  }
}

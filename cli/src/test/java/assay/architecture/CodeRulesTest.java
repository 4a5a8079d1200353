package assay.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.Externalizable;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules on what main code may depend on and call. */
class CodeRulesTest {
  /** Ends a process whose main thread may be stuck in MPI, and says why: nobody else could. */
  private static final String WATCHDOG = "assay.tensor.comm.Watchdog";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("assay");

  @Test
  void theRulesSeeTheFirstAndTheLastModule() {
    List<String> modules =
        Stream.of("assay.tensor", "assay.cli").filter(MAIN::containPackage).toList();
    assertEquals(List.of("assay.tensor", "assay.cli"), modules);
  }

  @Test
  void onlyTheTensorModuleUsesTheVectorApi() {
    noClasses()
        .that()
        .resideOutsideOfPackage("assay.tensor..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .because("kernels stand behind Backend, and nothing else may need an incubator module")
        .check(MAIN);
  }

  @Test
  void onlyTensorsAndCheckpointsTouchForeignMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "assay.tensor..", "assay.nn.checkpoint..", "assay.train.checkpoint..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .because(
            "memory outside the heap belongs to arenas; a checkpoint's bytes go there directly")
        .check(MAIN);
  }

  @Test
  void nothingIsSerializedByJava() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            ObjectInputStream.class,
            ObjectOutputStream.class,
            Serializable.class,
            Externalizable.class)
        .because("reading a file must never run code that the file chose")
        .check(MAIN);
  }

  @Test
  void onlyMainEndsTheProcess() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("assay.cli.Main")
        .and()
        .doNotHaveFullyQualifiedName(WATCHDOG)
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .because("a library that exits takes its caller down; errors are thrown")
        .check(MAIN);
  }

  @Test
  void memoryIsNeverLeftToTheGarbageCollector() {
    noClasses()
        .should()
        .callMethod(System.class, "gc")
        .orShould()
        .callMethod(Runtime.class, "gc")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Cleaner.class)
        .because("blocks own memory and free it when they end")
        .check(MAIN);
  }

  @Test
  void everyRandomNumberComesFromTheSeed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, ThreadLocalRandom.class)
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(StrictMath.class, "random")
        .orShould()
        .callMethod(Collections.class, "shuffle", List.class)
        .because("the same recipe must give the same bytes")
        .check(MAIN);
  }

  @Test
  void onlyTheCommandLinePrints() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS
        .because("standard output carries results, and a command decides what they are")
        .check(MAIN.that(resideOutsideOfPackage("assay.cli..").and(not(name(WATCHDOG)))));
  }

  @Test
  void modelCodeKnowsNothingOfFilesAndRanks() {
    noClasses()
        .that()
        .resideInAPackage("assay.nn")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.nio.file..", "assay.tensor.comm..")
        .because("a model is written once and runs on one rank or many")
        .allowEmptyShould(true)
        .check(MAIN);
  }
}

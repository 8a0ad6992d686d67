package dev.groklab;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Packages depend downwards only, and only the engine knows that there is native code. */
class ArchitectureTest {

  /** What of the data the engine takes. */
  private static final Set<String> TABLES = Set.of("TokenTable", "FeatureTable", "PairTable");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.groklab");

  @Test
  void packagesDependDownwardsOnly() {
    ArchRule rule =
        layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.groklab..")
            .layer("analysis")
            .definedBy("dev.groklab.analysis..")
            .layer("run")
            .definedBy("dev.groklab.run..")
            .layer("engine")
            .definedBy("dev.groklab.engine..")
            .layer("data")
            .definedBy("dev.groklab.data..")
            .layer("schedule")
            .definedBy("dev.groklab.schedule..")
            .layer("progress")
            .definedBy("dev.groklab.progress..")
            .layer("ffi")
            .definedBy("dev.groklab.ffi..")
            .whereLayer("analysis")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("run")
            .mayOnlyBeAccessedByLayers("analysis")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("run")
            .whereLayer("data")
            .mayOnlyBeAccessedByLayers("analysis", "run", "engine")
            .whereLayer("schedule")
            .mayOnlyBeAccessedByLayers("run")
            .whereLayer("progress")
            .mayOnlyBeAccessedByLayers("analysis", "run")
            .whereLayer("ffi")
            .mayOnlyBeAccessedByLayers("engine");
    rule.check(CLASSES);
  }

  /** Of the data, the engine may know the table and nothing else. */
  @Test
  void engineReadsNothingButTablesFromData() {
    noClasses()
        .that()
        .resideInAPackage("dev.groklab.engine..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.groklab.data..")
                .and(
                    describe(
                        "are not tables of rows",
                        (JavaClass type) -> !TABLES.contains(type.getSimpleName()))))
        .check(CLASSES);
  }

  /** Statistics are pure functions: they know what became of a run, and draw random numbers. */
  @Test
  void analysisReadsSummariesAndDrawsRandomNumbers() {
    noClasses()
        .that()
        .resideInAPackage("dev.groklab.analysis..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("dev.groklab.run..", "dev.groklab.data..")
                .and(
                    describe(
                        "are neither Summary nor RandomStream",
                        (JavaClass type) ->
                            !type.getName().startsWith("dev.groklab.run.Summary")
                                && !type.getName().startsWith("dev.groklab.data.RandomStream"))))
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.groklab.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nothingUsesInternalsOfTheJdk() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("sun..", "com.sun..", "jdk.internal..")
        .check(CLASSES);
  }

  @Test
  void nothingIsWrittenInJni() {
    methods().should().notHaveModifier(JavaModifier.NATIVE).check(CLASSES);
  }

  @Test
  void onlyTheEngineHandlesNativeMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.groklab.engine..", "dev.groklab.ffi..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }
}

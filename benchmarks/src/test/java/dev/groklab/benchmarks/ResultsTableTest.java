package dev.groklab.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JacksonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ResultsTableTest {
  private static final Machine MACHINE =
      new Machine("2026-11-29", "Processor", "avx2", 2, "25.0.3", "0.1.0", "GCC 12");

  @Test
  void ratesStandBesideTimesForEachNumberOfThreads() throws Exception {
    String table =
        table(
            rate("LinearBenchmark.forward", "\"shape\": \"1x2->3\", \"threads\": \"1\"", 812.4, 8),
            rate("LinearBenchmark.forward", "\"shape\": \"1x2->3\", \"threads\": \"all\"", 40, 50),
            rate(
                "LinearBenchmark.forward", "\"shape\": \"4x5->6\", \"threads\": \"all\"", 1234, 0));

    assertThat(table)
        .isEqualTo(
            """
            2026-11-29: Processor, avx2, 2 threads; JDK 25.0.3; Groklab 0.1.0, GCC 12.

            | Op |  | 1 thread | rate | of peak | all threads | rate | of peak |
            | --- | --- | --: | --: | --: | --: | --: | --: |
            | Linear.forward | 1x2->3 | 812 µs ± 0.98 % | 113 GFLOP/s | 81 % | 40.0 µs ± 125 % | 113 GFLOP/s | 81 % |
            | Linear.forward | 4x5->6 |  |  |  | 1.23 ms ± 0.0 % | 113 GFLOP/s | 81 % |
            """);
  }

  @Test
  void aChunkIsHeldAgainstTheBoundary() throws Exception {
    String table =
        table(
            time("BoundaryBenchmark.emptyChunk", "\"model\": \"TINY\"", 300, "ns/op"),
            time("BoundaryBenchmark.handOver", "\"model\": \"TINY\"", 20, "ns/op"),
            time("ChunkBenchmark.chunk", "\"model\": \"TINY\", \"steps\": \"1\"", 40, "us/op"),
            time("ChunkBenchmark.chunk", "\"model\": \"TINY\", \"steps\": \"10\"", 0.4, "ms/op"));

    assertThat(table)
        .endsWith(
            """
            | Call |  | time |
            | --- | --- | --: |
            | Boundary.emptyChunk | TINY | 300 ns |
            | Boundary.handOver | TINY | 20.0 ns |

            | Chunks | steps | a step | boundary | its share |
            | --- | --: | --: | --: | --: |
            | TINY | 1 | 40.0 µs | 320 ns | 0.80 % |
            | TINY | 10 | 40.0 µs | 50.0 ns | 0.13 % |
            | TINY, in a run | 4096 | 40.0 µs | 20.1 ns | 0.050 % |
            """);
  }

  @Test
  void aChunkAloneHasNoBoundary() throws Exception {
    assertThat(
            table(time("ChunkBenchmark.chunk", "\"model\": \"TINY\", \"steps\": \"2\"", 1, "s/op")))
        .endsWith(
            """
            | TINY | 2 | 500 ms |  |  |
            | TINY, in a run | 1 | 500 ms |  |  |
            """);
  }

  @Test
  void otherBenchmarksHaveTheirTime() throws Exception {
    assertThat(table(time("DowncallBenchmark.constant", "", 5.25, "ns/op")))
        .endsWith(
            """
            | Call |  | time |
            | --- | --- | --: |
            | Downcall.constant |  | 5.25 ns |
            """);
  }

  @Test
  void unitsAndFilesThatNobodyKnowsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table(time("DowncallBenchmark.constant", "", 5, "ops/s")))
        .withMessage("a time in ops/s; allowed are [ms/op, ns/op, s/op, us/op]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResultsTable.beside(Path.of("results.csv")))
        .withMessage("the file of results is results.csv; allowed is *.json");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Results.of("{}"))
        .withMessage("no results of a run of these benchmarks");
    Assertions.assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> Results.of("[]"));
  }

  /** Nobody edits the tables that are kept. */
  @TestFactory
  Stream<DynamicTest> keptTablesAreMadeOfTheirResults() throws IOException {
    Path folder = Path.of("results", "jmh");
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.toString(),
                      () ->
                          assertThat(ResultsTable.beside(file))
                              .hasContent(ResultsTable.of(Results.of(Files.readString(file))))));
    }
  }

  private static String table(String... results) throws JacksonException {
    return ResultsTable.of(Results.ofJmh("[" + String.join(",", results) + "]", MACHINE));
  }

  private static String rate(String name, String params, double micros, double error) {
    return result(
        name,
        params,
        metric(micros, Double.toString(error), "us/op"),
        "\"rate\": %s, \"peak\": %s, \"share\": %s"
            .formatted(
                metric(113.4, "1", "GFLOP/s"), metric(140, "1", "GFLOP/s"), metric(81, "1", "%")));
  }

  private static String time(String name, String params, double score, String unit) {
    return result(name, params, metric(score, "\"NaN\"", unit), "");
  }

  private static String result(String name, String params, String time, String others) {
    return """
    {"benchmark": "dev.groklab.benchmarks.%s", "jvm": "java", "forks": 2, "params": {%s},
     "primaryMetric": %s, "secondaryMetrics": {%s}}
    """
        .formatted(name, params, time, others);
  }

  private static String metric(double score, String error, String unit) {
    return """
    {"score": %s, "scoreError": %s, "scoreUnit": "%s", "rawData": [[%s]]}
    """
        .formatted(score, error, unit, score);
  }
}

package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code bench} prints is what it measured; how fast that is, no test asks. */
class BenchCommandTest {

  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  private Groklab bench(String... options) {
    List<String> arguments = new ArrayList<>(List.of("bench", "--p", "11", "--seconds", "0.01"));
    arguments.addAll(List.of("--json", folder.resolve("bench.json").toString()));
    arguments.addAll(List.of(options));
    String before = System.setProperty("groklab.root", REPOSITORY.toString());
    try {
      Groklab groklab = Groklab.run(arguments.toArray(String[]::new));
      assertThat(groklab.err()).isEmpty();
      return groklab;
    } finally {
      if (before == null) {
        System.clearProperty("groklab.root");
      } else {
        System.setProperty("groklab.root", before);
      }
    }
  }

  private JsonNode json() throws IOException {
    return JsonMapper.builder().build().readTree(folder.resolve("bench.json").toFile());
  }

  private static List<String> table(String page, String heading) {
    return page.lines()
        .dropWhile(line -> !line.equals(heading))
        .dropWhile(line -> !line.startsWith("|"))
        .takeWhile(line -> line.startsWith("|"))
        .skip(2)
        .toList();
  }

  @Test
  void aLineForEachCombination() throws IOException {
    Path page = folder.resolve("bench.md");
    Groklab groklab =
        bench(
            "--model",
            "transformer,mlp,lstm",
            "--batch",
            "16,full",
            "--threads",
            "1",
            "--replicas",
            "1,3",
            "--out",
            page.toString());
    assertThat(groklab.status()).isZero();
    assertThat(page).hasContent(groklab.out());
    assertThat(groklab.out())
        .startsWith("# Groklab bench")
        .contains("command          ./groklab bench --p 11 --seconds 0.01", "java ", "library ");
    assertThat(table(groklab.out(), "## Peak")).hasSize(1);
    List<String> lines = table(groklab.out(), "## Training steps");
    assertThat(lines).hasSize(12);
    assertThat(lines.getLast()).matches("\\| lstm +\\| +11 \\| +full \\| +1 \\| +3 \\|.*");

    JsonNode json = json();
    assertThat(json.path("cells")).hasSize(12);
    double peak = json.path("peaks").get(0).path("flops").asDouble();
    assertThat(peak).isPositive();
    for (JsonNode cell : json.path("cells")) {
      double step = cell.path("step_seconds").asDouble();
      double flops = cell.path("flops_per_step").asDouble();
      assertThat(step).isPositive();
      assertThat(cell.path("step_seconds_least").asDouble()).isPositive().isLessThanOrEqualTo(step);
      assertThat(cell.path("step_seconds_most").asDouble()).isGreaterThanOrEqualTo(step);
      assertThat(cell.path("run_steps_per_second").asDouble())
          .isEqualTo(cell.path("replicas").asInt() / step);
      assertThat(cell.path("flops_per_second").asDouble()).isEqualTo(flops / step);
      assertThat(cell.path("floor_seconds").asDouble()).isEqualTo(flops / peak);
      assertThat(cell.path("share_of_floor").asDouble())
          .isCloseTo(flops / peak / step, within(1e-12));
      assertThat(cell.path("memory_bytes").asLong()).isPositive();
      assertThat(cell.path("steps").asInt()).isPositive();
    }
  }

  @Test
  void replicasCountInTheArithmetic() throws IOException {
    bench("--model", "mlp", "--batch", "full", "--threads", "1", "--replicas", "1,4");
    JsonNode cells = json().path("cells");
    // Without dropout, an MLP's products are over all rows, whichever these are.
    assertThat(cells.get(1).path("flops_per_step").asDouble())
        .isCloseTo(4 * cells.get(0).path("flops_per_step").asDouble(), within(1.0));
    assertThat(cells.get(1).path("memory_bytes").asLong())
        .isGreaterThan(cells.get(0).path("memory_bytes").asLong());
  }

  @ParameterizedTest
  @CsvSource({"fp32", "fp64"})
  void theSameThreadsAreMeasuredOnce(String precision) {
    int processors = Runtime.getRuntime().availableProcessors();
    String threads = processors + ",all," + processors;
    Groklab groklab =
        bench(
            "--model",
            "mlp",
            "--batch",
            "16",
            "--threads",
            threads,
            "--replicas",
            "1,1",
            "--precision",
            precision);
    assertThat(table(groklab.out(), "## Peak")).hasSize(1);
    assertThat(groklab.out()).contains("GFLOP/s, " + precision);
    assertThat(table(groklab.out(), "## Training steps")).hasSize(1);
  }

  @Test
  void whatTakesLongIsMeasuredByOneStepAndSaysSo() throws IOException {
    Groklab groklab =
        Groklab.run(
            "bench",
            "--p",
            "11",
            "--model",
            "lstm",
            "--batch",
            "full",
            "--threads",
            "1",
            "--replicas",
            "1",
            "--seconds",
            "0.0000001");
    assertThat(groklab.status()).isZero();
    assertThat(table(groklab.out(), "## Training steps"))
        .singleElement()
        .asString()
        .endsWith(" 1* |");
    assertThat(groklab.out()).contains("* measured by fewer than 5 steps");
  }

  @Test
  void aPeerThatIsNotThereIsLeftOutInWords() throws IOException {
    Groklab groklab =
        bench(
            "--model",
            "mlp",
            "--batch",
            "16",
            "--threads",
            "1",
            "--peers",
            "pytorch",
            "--sweep-peer",
            "--rounds",
            "2",
            "--python",
            "no-python-of-this-name");
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out())
        .contains(
            "Left out: pytorch: 'no-python-of-this-name' cannot be run",
            "No sweep: 'no-python-of-this-name' cannot be run");
    assertThat(table(groklab.out(), "### mlp, p = 11, batch 16, 1 thread"))
        .singleElement()
        .asString()
        .startsWith("| Groklab ");
    assertThat(Files.exists(folder.resolve("bench.json"))).isTrue();
    assertThat(json().path("peers").get(0).path("groklab").path("step_seconds").asDouble())
        .isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--scaling growth.png | --scaling: 'growth.png' is not allowed: must end in .svg",
        "--scaling growth.svg --peers | --scaling: is not allowed with --peers",
        "--scaling growth.svg --replicas 2 | --scaling: is not allowed with --model, --p, --batch",
        "--scaling growth.svg --threads 1,2 | --threads: '1,2' is not allowed with --scaling",
        "--scaling nowhere/growth.svg | nowhere/growth.svg: is no file in a folder that there is",
      })
  void scalingRefusesWhatItWouldIgnore(String options, String message) {
    Groklab groklab = Groklab.run(("bench " + options).split(" "));
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err()).contains(message);
  }
}

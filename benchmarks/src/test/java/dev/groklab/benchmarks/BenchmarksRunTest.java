package dev.groklab.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, and the tables show it; how fast, this does not ask. */
final class BenchmarksRunTest {
  @Test
  void eachRunsOnce(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("benchmarks.json");
    new Runner(
            new OptionsBuilder()
                .include("dev\\.groklab\\.benchmarks\\..*")
                .param("threads", Threads.ALL)
                .param("steps", "1")
                .param("replicas", "2")
                .addProfiler(RateProfiler.class)
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .resultFormat(ResultFormatType.JSON)
                .result(file.toString())
                .build())
        .run();
    Results found = Results.ofJmh(Files.readString(file), Machine.present(Clock.systemUTC()));
    Results kept = Results.of(found.json());
    assertThat(kept).isEqualTo(found);

    assertThat(kept.results().stream().map(Results.Result::name).distinct())
        .containsExactlyInAnyOrder(
            "Activation.geluBackward",
            "Activation.geluForward",
            "Activation.reluBackward",
            "Activation.reluForward",
            "Attention.backward",
            "Attention.forward",
            "Boundary.emptyChunk",
            "Boundary.handOver",
            "Chunk.chunk",
            "CrossEntropy.loss",
            "CrossEntropy.lossAndGradient",
            "Downcall.constant",
            "Downcall.op",
            "Downcall.trainerQuery",
            "Downcall.version",
            "Embedding.backward",
            "Embedding.forward",
            "LayerNorm.backward",
            "LayerNorm.forward",
            "Linear.backwardInput",
            "Linear.backwardWeight",
            "Linear.forward",
            "LstmCell.backward",
            "LstmCell.forward",
            "Optimizer.adamw",
            "Optimizer.adamwClipped",
            "Optimizer.rmsprop",
            "Optimizer.sgd",
            "SweepStep.step",
            "TrainingStep.step");
    assertThat(kept.results())
        .filteredOn(result -> result.param("threads") != null)
        .allSatisfy(
            result -> {
              for (String figure :
                  List.of(RateProfiler.RATE, RateProfiler.PEAK, RateProfiler.SHARE)) {
                assertThat(result.secondaryMetrics().get(figure).score()).isPositive();
              }
            });

    String table = ResultsTable.of(kept);
    assertThat(kept.results())
        .extracting(Results.Result::name)
        .filteredOn(name -> !name.startsWith("Chunk."))
        .allSatisfy(name -> assertThat(table).contains("\n| " + name + " |"));
    assertThat(table).contains("\n| TINY, in a run |").contains("\n| TRANSFORMER, in a run |");
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.data.ModularAddition;
import dev.groklab.engine.Tiny.Architecture;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is told beforehand is what is taken; the engine's own tests try more kinds of trainers. */
class MemoryTest {

  private static final Workload WORKLOAD = new Workload(10, 4, List.of(29, 20));

  @ParameterizedTest
  @EnumSource
  void tellsToTheByteWhatATrainerTakes(Architecture architecture) {
    ReplicaOptions drops = new ReplicaOptions(Tiny.ADAM_W, 0.1, 0);
    TrainerOptions options =
        Tiny.options(architecture, Precision.FP32, BatchLayout.AUTO, List.of(Tiny.REPLICA, drops));
    try (Engine engine = Tiny.engine(2);
        Dataset dataset = engine.dataset(Tiny.TABLE)) {
      MemoryUse told = engine.memoryNeeded(dataset, options, WORKLOAD);
      try (Trainer trainer = engine.trainer(dataset, options);
          Chunk chunk = trainer.chunk(4, 10)) {
        trainer.reserve(WORKLOAD);
        assertThat(trainer.memoryUsed()).isEqualTo(told);

        trainer.initialize(0, 0);
        trainer.initialize(1, 1);
        Tiny.fill(chunk, 2, new int[] {0, 1}, 0, 4);
        trainer.run(chunk);
        for (int replica = 0; replica < 2; replica++) {
          trainer.setSplit(replica, 0, Tiny.rows(0, 29));
          trainer.setSplit(replica, 1, Tiny.rows(29, 49));
        }
        trainer.evaluate(2, null);

        assertThat(trainer.memoryUsed()).isEqualTo(told);
        assertThat(told.deviceBytes()).isZero();
        assertThat(told.totalBytes())
            .isEqualTo(told.hostBytes())
            .isGreaterThan(2 * 4 * trainer.parameterCount() * Float.BYTES);
      }
    }
  }

  @Test
  void aSweepOfTheReportFitsInHalfAGibibyte() {
    ModularAddition task = new ModularAddition(97, 2);
    Model model = new Transformer(task.p() + 2, task.positions(), 2, 128, 4, 512);
    ReplicaOptions replica = new ReplicaOptions(Tiny.ADAM_W, 0, 0, 256);
    TrainerOptions options =
        new TrainerOptions(
            model, Precision.FP32, BatchLayout.AUTO, Collections.nCopies(64, replica));
    try (Engine engine = Tiny.engine(2);
        Dataset dataset = engine.dataset(task.table())) {
      MemoryUse told =
          engine.memoryNeeded(dataset, options, new Workload(0, 256, List.of(4704, 4705)));

      assertThat(told.totalBytes()).isBetween(400L << 20, 512L << 20);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|1|5|workload.batch_capacity is 0, and replica 0 does not say either how many rows its"
            + " batches have",
        "-1|1|5|workload.batch_capacity is -1; allowed are 1 to 134217727",
        "4|0|5|workload.chunk_steps is 0; allowed are 1 to 2147483647",
        "4|1|0|workload.split_rows[0] is 0; allowed are 1 to 2147483647",
      })
  void refusesWorkloads(int batchCapacity, int chunkSteps, int splitRows, String message) {
    Workload workload = new Workload(batchCapacity, chunkSteps, List.of(splitRows));
    TrainerOptions options = Tiny.options(Precision.FP32, 1);
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer = engine.trainer(dataset, options)) {
      assertThatThrownBy(() -> engine.memoryNeeded(dataset, options, workload))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> trainer.reserve(workload))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  @Test
  void refusesTooManySplitsAndAnotherEnginesDataSet() {
    TrainerOptions options = Tiny.options(Precision.FP32, 1);
    try (Engine engine = Tiny.engine(1);
        Engine other = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE)) {
      Workload splits = new Workload(1, 1, Collections.nCopies(17, 1));
      assertThatThrownBy(() -> engine.memoryNeeded(dataset, options, splits))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("workload.splits is 17; allowed are 0 to 16");
      assertThatThrownBy(() -> other.memoryNeeded(dataset, options, WORKLOAD))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the data set belongs to another engine");
    }
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.data.ModularAddition;
import dev.groklab.engine.Tiny.Architecture;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The counts themselves are held to hand-made ones by the engine's own tests. */
class StepCostTest {

  /** A batch of the report's: all 97 numbers in both places, 256 distinct rows. */
  private static final int[] REPORT_BATCH =
      IntStream.range(0, 256).map(i -> i % 97 * 97 + (i + i / 97 * 31) % 97).toArray();

  @Test
  void countsTheReportsTransformer() {
    ModularAddition task = new ModularAddition(97, 2);
    Model model = new Transformer(task.p() + 2, task.positions(), 2, 128, 4, 512);
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(task.table());
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    model, Precision.FP32, BatchLayout.AUTO, List.of(Tiny.REPLICA)))) {
      StepCost cost = trainer.stepCost(0, REPORT_BATCH);

      assertThat(cost.flops()).isEqualTo(1_097_126_400.0);
      assertThat(cost.denseFlops()).isBetween(2.41e9, 2.45e9);
      // Two readings and a writing by the passes, seven of either by AdamW, of 4 bytes.
      assertThat(cost.parameterBytes() / trainer.parameterCount()).isBetween(39.0, 41.0);
      assertThat(cost.activationBytes()).isBetween(5e7, 9e7);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sharingSavesWorkAndDropoutTakesItBack(Architecture architecture) {
    ReplicaOptions drops = new ReplicaOptions(Tiny.ADAM_W, 0.1, 0);
    TrainerOptions options =
        Tiny.options(architecture, Precision.FP64, BatchLayout.AUTO, List.of(Tiny.REPLICA, drops));
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer = engine.trainer(dataset, options)) {
      StepCost shared = trainer.stepCost(0, Tiny.rows(0, 20));
      StepCost dense = trainer.stepCost(1, Tiny.rows(0, 20));

      assertThat(shared.flops()).isPositive().isLessThan(dense.flops());
      assertThat(shared.denseFlops()).isEqualTo(dense.denseFlops());
      assertThat(dense.flops()).isLessThanOrEqualTo(dense.denseFlops());
      assertThat(shared.activationBytes()).isLessThan(dense.activationBytes());
    }
  }
}

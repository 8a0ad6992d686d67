package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Activations and their gradients; that they are right is the engine's own test. */
class ObserveTest {

  private static final int[] ROWS = {3, 40, 3};

  @ParameterizedTest
  @EnumSource
  void logitsAreAnActivation(Tiny.Architecture architecture) {
    for (Precision precision : Precision.values()) {
      try (Engine engine = Tiny.engine(1);
          Dataset dataset = engine.dataset(Tiny.TABLE);
          Trainer trainer =
              engine.trainer(
                  dataset,
                  Tiny.options(architecture, precision, BatchLayout.AUTO, List.of(Tiny.REPLICA)))) {
        trainer.initialize(0, 1);
        assertThat(trainer.activations())
            .extracting(ActivationInfo::name)
            .startsWith("embedding")
            .contains("logits")
            .doesNotHaveDuplicates();
        Activation seen = trainer.observe(0, "logits", ROWS);
        double[][] logits = trainer.logits(0, ROWS);
        for (int row = 0; row < ROWS.length; row++) {
          double sum = 0;
          for (int token = 0; token < 9; token++) {
            assertThat(seen.value(row, 0, token)).isCloseTo(logits[row][token], within(1e-5));
            sum += seen.gradients().orElseThrow()[9 * row + token];
          }
          assertThat(sum).as("a softmax's gradient").isCloseTo(0, within(1e-7));
        }
        ActivationInfo embedding = trainer.observe(0, "embedding", ROWS).info();
        assertThat(embedding).isEqualTo(new ActivationInfo("embedding", 4, 8, true));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void badRequestsAreRefused(Tiny.Architecture architecture) {
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer =
            engine.trainer(
                dataset,
                Tiny.options(
                    architecture, Precision.FP32, BatchLayout.AUTO, List.of(Tiny.REPLICA)))) {
      assertThatThrownBy(() -> trainer.observe(0, "neurons", ROWS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("there is no activation \"neurons\"; there are embedding, ");
      assertThatThrownBy(() -> trainer.observe(1, "logits", ROWS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("replica is 1");
      assertThatThrownBy(() -> trainer.observe(0, "logits", new int[] {49}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("rows[0] is 49");
      assertThatThrownBy(() -> trainer.observe(0, "logits", new int[0]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("count is 0");
      Activation seen = trainer.observe(0, "logits", ROWS);
      assertThatThrownBy(() -> seen.value(0, 1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> seen.value(3, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}

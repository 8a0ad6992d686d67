package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StagesTest {

  private static final long[] STEPS = {100, 200, 300, 400, 500, 600, 700};

  private static Stages stages(Stages.Rule rule, long... ends) {
    OptionalLong[] steps = new OptionalLong[3];
    for (int i = 0; i < 3; i++) {
      steps[i] = i < ends.length ? OptionalLong.of(ends[i]) : OptionalLong.empty();
    }
    return new Stages(rule, steps[0], steps[1], steps[2]);
  }

  @Test
  void aRunThatGroks() {
    double[] validation = {0, 0.1, 0.2, 0.3, 0.6, 0.99, 0.5};
    double[] restricted = {0, 0.1, 0.5, 0.7, 1, 1, 1};
    double[] excluded = {3, 1, 0.2, 0.3, 2, 4, 0.1};
    double[] train = {3, 1, 0.2, 0.1, 0.01, 0.01, 0.01};
    assertThat(Stages.byCircuit(STEPS, validation, restricted, excluded, train))
        .isEqualTo(stages(Stages.Rule.CIRCUIT, 400, 500, 600));
  }

  @Test
  void aRunThatStaysWithItsMemory() {
    double[] validation = {0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    double[] restricted = {0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    double[] falling = {3, 1, 0.2, 0.1, 1e-3, 1e-5, 3e-5};
    assertThat(Stages.byCircuit(STEPS, validation, restricted, falling, falling))
        .isEqualTo(stages(Stages.Rule.CIRCUIT));
    double[] spike = {3, 1, 1e-5, 2, 1e-4, 2e-4, 1e-4}; // of the training loss: no circuit
    assertThat(Stages.byCircuit(STEPS, validation, restricted, spike, spike))
        .isEqualTo(stages(Stages.Rule.CIRCUIT));
  }

  /** The circuit is there, and validation still lags when the run ends. */
  @Test
  void aRunThatEndsBeforeCleanup() {
    double[] validation = {0, 0.1, 0.2, 0.3, 0.6, 0.9, Double.NaN};
    double[] restricted = {0, 0.1, 0.5, 0.7, 1, 1, Double.NaN};
    double[] excluded = {3, 1, 0.2, 0.3, 2, 4, Double.NaN};
    double[] train = {3, 1, 0.2, 0.1, 0.01, 0.01, Double.NaN};
    assertThat(Stages.byCircuit(STEPS, validation, restricted, excluded, train))
        .isEqualTo(stages(Stages.Rule.CIRCUIT, 400, 500));
  }

  @Test
  void whatGeneralizesAtOnceHasBeenThroughAllStages() {
    double[] validation = {0.5, 1, 1, 1, 1, 1, 1};
    double[] loss = {1, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1};
    assertThat(Stages.byCircuit(STEPS, validation, new double[7], loss, loss))
        .isEqualTo(stages(Stages.Rule.CIRCUIT, 200, 200, 200));
    assertThat(Stages.byAccuracy(STEPS, validation, validation))
        .isEqualTo(stages(Stages.Rule.ACCURACY, 200, 200, 200));
  }

  @Test
  void accuraciesWhereThereIsNoCircuit() {
    double[] train = {0.5, 0.99, 1, 1, 1, 1, 1};
    double[] validation = {0, 0, 0.2, 0.5, 0.8, 0.98, 1};
    assertThat(Stages.byAccuracy(STEPS, train, validation))
        .isEqualTo(stages(Stages.Rule.ACCURACY, 200, 400, 700));
    assertThat(Stages.byAccuracy(STEPS, train, new double[7]))
        .isEqualTo(stages(Stages.Rule.ACCURACY, 200));
    assertThat(Stages.byAccuracy(STEPS, new double[7], new double[7]))
        .isEqualTo(stages(Stages.Rule.ACCURACY));
    assertThat(Stages.byAccuracy(new long[0], new double[0], new double[0]))
        .isEqualTo(stages(Stages.Rule.ACCURACY));
  }
}

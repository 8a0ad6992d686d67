package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpeedTest {

  private static final Map<String, Object> TINY =
      Map.of("p", 11, "layers", 1, "dim", 16, "heads", 2, "batch-size", 16, "steps", 1000);

  @Test
  void aTrialCountsAndWritesNothing() throws IOException {
    RunConfig config = RunConfig.of(TINY);
    Speed speed = Speed.measure(List.of(config), 1);
    assertThat(speed.stepSeconds()).isPositive();
    assertThat(speed.evaluationSeconds()).isPositive();
    assertThat(speed.parameters()).isPositive();
    Speed several = Speed.measure(List.of(config, config.with(ConfigKey.LR, 0.1)), 1);
    assertThat(several.parameters()).isEqualTo(speed.parameters());
  }

  @Test
  void restsAreStepsAndEvaluations() {
    RunConfig config = RunConfig.of(TINY); // evaluated every 100 steps
    Speed speed = new Speed(2, 7, 1000);
    assertThat(speed.secondsLeft(config, 0)).isEqualTo(1000 * 2 + 10 * 7);
    assertThat(speed.secondsLeft(config, 150)).isEqualTo(850 * 2 + 9 * 7);
    assertThat(speed.secondsLeft(config, 1000)).isZero();
  }

  @Test
  void diskBytesAreBuffersAndRows() {
    Speed speed = new Speed(2, 7, 1000);
    RunConfig plain = RunConfig.of(TINY).with(ConfigKey.PROGRESS_MEASURES, false);
    // AdamW's checkpoint is three buffers, and the final weights are one.
    long bytes = speed.diskBytes(plain);
    assertThat(bytes).isBetween(4 * 4000L, 4 * 4000L + 10 * 200);
    assertThat(speed.diskBytes(plain.with(ConfigKey.OPTIMIZER, "sgd"))).isBetween(8000L, 10_000L);
    // Rows with measures are longer; ten evaluations, and the one before the first step.
    assertThat(speed.diskBytes(RunConfig.of(TINY)) - bytes).isBetween(10 * 500L, 11 * 2000L);
  }
}

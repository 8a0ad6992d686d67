package dev.groklab.experiments.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With work that only claims to take time. */
class TimingTest {

  private final List<Integer> blocks = new ArrayList<>();

  private double claim(int steps, double secondsPerStep) {
    blocks.add(steps);
    return steps * secondsPerStep;
  }

  @Test
  void shortStepsAreWarmedUpForAndTimedInFiveBlocks() {
    Timing timing = Timing.measure(steps -> claim(steps, 0.25 / 64), 1, 0, () -> false);
    assertThat(blocks).endsWith(51, 51, 51, 51, 51).hasSize(64 / 4 * 4 + 5);
    assertThat(timing.steps()).isEqualTo(255);
    assertThat(timing.median()).isEqualTo(0.25 / 64);
    assertThat(timing.isByFewSteps()).isFalse();
  }

  @Test
  void longStepsAreTimedAsOftenAsTimeAllows() {
    Timing timing = Timing.measure(steps -> claim(steps, 0.5), 1, 0.1, () -> false);
    assertThat(blocks).containsExactly(1, 1, 1);
    assertThat(timing.steps()).isEqualTo(2);
    assertThat(timing.isByFewSteps()).isTrue();
  }

  @Test
  void aStepThatIsKnownToTakeLongerIsMadeOnce() {
    Timing timing = Timing.measure(steps -> claim(steps, 3), 1, 1, () -> false);
    assertThat(blocks).containsExactly(1);
    assertThat(timing.median()).isEqualTo(3);
  }

  @Test
  void aStopIsHeededAfterABlock() {
    Timing timing = Timing.measure(steps -> claim(steps, 0.01), 1, 0, () -> true);
    assertThat(timing.seconds()).hasSize(1);
  }

  @Test
  void theMedianIsTheMiddle() {
    Timing odd = new Timing(List.of(3.0, 1.0, 2.0), 1);
    assertThat(odd.median()).isEqualTo(2);
    assertThat(odd.least()).isEqualTo(1);
    assertThat(odd.most()).isEqualTo(3);
    assertThat(new Timing(List.of(4.0, 1.0, 2.0, 3.0), 1).median()).isEqualTo(2.5);
  }
}

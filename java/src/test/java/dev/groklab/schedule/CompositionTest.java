package dev.groklab.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CompositionTest {

  private static final Schedule COSINE = Schedule.cosine(5e-4, 1e-5, 1000);

  /** {@code LambdaLR(optimizer, lambda s: min(1, (s + 1) / 5))} of PyTorch 2.14.1, lr = 5e-4. */
  @Test
  void warmupIsPyTorchsLinearRise() {
    assertRates(
        Schedule.constant(5e-4).warmup(5),
        0.0001,
        0.0002,
        0.0003,
        0.0004,
        0.0005,
        0.0005,
        0.0005,
        0.0005);
  }

  /**
   * {@code ChainedScheduler([LinearLR(optimizer, 1/5, 1.0, 4), StepLR(optimizer, 3, 0.8)])}: the
   * decay counts from step 0, not from the end of the warm-up. PyTorch 2.14.1, lr = 5e-4.
   */
  @Test
  void warmedUpScheduleCountsFromTheFirstStep() {
    assertRates(
        Schedule.step(5e-4, 0.8, 3).warmup(5),
        0.0001,
        0.0002,
        0.00030000000000000003,
        0.00032,
        0.0004,
        0.0004,
        0.00032,
        0.00032,
        0.00032);
  }

  /**
   * {@code ChainedScheduler([LinearLR(optimizer, 1/3, 1.0, 2), CosineAnnealingLR(optimizer, 6)])},
   * PyTorch 2.14.1, lr = 1e-3.
   */
  @Test
  void warmupComposesWithTheCosine() {
    assertRates(
        Schedule.cosine(1e-3, 0, 6).warmup(3),
        0.0003333333333333333,
        0.0006220084679281463,
        0.0007500000000000001,
        0.0005,
        0.0002500000000000001,
        6.698729810778065e-05,
        0.0);
  }

  /**
   * {@code SequentialLR(optimizer, [LambdaLR(optimizer, lambda s: 1.0), CosineAnnealingLR(
   * optimizer, 4, eta_min=1e-5)], [3])}, PyTorch 2.14.1, lr = 5e-4.
   */
  @Test
  void thenIsPyTorchsSequence() {
    assertRates(
        Schedule.constant(5e-4).then(3, Schedule.cosine(5e-4, 1e-5, 4)),
        0.0005,
        0.0005,
        0.0005,
        0.0005,
        0.0004282411613907041,
        0.000255,
        8.175883860929587e-05,
        1e-05);
  }

  private static void assertRates(Schedule schedule, double... expected) {
    for (int step = 0; step < expected.length; step++) {
      assertThat(schedule.rate(step)).as("step %d", step).isCloseTo(expected[step], within(1e-18));
    }
  }

  @Property(tries = 300)
  void warmupRisesInEqualStepsAndEndsWithoutAJump(
      @ForAll @LongRange(min = 1, max = 1L << 40) long steps,
      @ForAll @LongRange(min = 0, max = (1L << 40) - 1) long some) {
    Schedule schedule = Schedule.constant(0.3).warmup(steps);
    long step = some % steps;

    assertThat(schedule.rate(step)).isGreaterThan(0).isLessThanOrEqualTo(0.3);
    assertThat(schedule.rate(step + 1)).isGreaterThanOrEqualTo(schedule.rate(step));
    assertThat(schedule.rate(step)).isCloseTo(0.3 * (step + 1) / steps, within(1e-15));
    assertThat(schedule.rate(steps - 1)).isEqualTo(0.3);
    assertThat(schedule.rate(steps)).isEqualTo(0.3);
  }

  @Property(tries = 200)
  void warmupLeavesLaterRatesAlone(
      @ForAll @LongRange(min = 0, max = 1200) long steps,
      @ForAll @LongRange(min = 0, max = 1200) long step) {
    double rate = COSINE.warmup(steps).rate(step);

    if (step >= steps - 1) {
      assertThat(rate).isEqualTo(COSINE.rate(step));
    } else {
      assertThat(rate).isLessThan(COSINE.rate(step));
    }
  }

  @Property(tries = 200)
  void thenCountsFromZeroAtTheSwitch(
      @ForAll @LongRange(min = 0, max = 2000) long at,
      @ForAll @LongRange(min = 0, max = 4000) long step) {
    Schedule restarted = COSINE.then(at, COSINE);

    assertThat(restarted.rate(step)).isEqualTo(COSINE.rate(step < at ? step : step - at));
  }

  @Property(tries = 200)
  void productMultipliesStepByStep(@ForAll @LongRange(min = 0, max = 4000) long step) {
    Schedule decay = Schedule.step(1, 0.5, 300);

    assertThat(COSINE.times(decay).rate(step)).isEqualTo(COSINE.rate(step) * decay.rate(step));
  }

  @Test
  void ownFunctionsCompose() {
    Schedule inverseRoot = step -> 1 / Math.sqrt(step + 1.0);

    assertThat(inverseRoot.warmup(4).rate(0)).isEqualTo(0.25);
    assertThat(inverseRoot.warmup(4).rate(3)).isEqualTo(0.5);
    assertThat(Schedule.constant(2).times(inverseRoot).rate(3)).isEqualTo(1);
  }

  @Test
  void refusesOtherArguments() {
    assertThatThrownBy(() -> COSINE.warmup(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the warm-up is to take -1 steps; at least 0 is allowed");
    assertThatThrownBy(() -> COSINE.then(-1, COSINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the schedule is to change at step -1; at least 0 is allowed");
    assertThatThrownBy(() -> COSINE.times(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("factor");
    assertThatThrownBy(() -> COSINE.then(1, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("next");
    Schedule own = _ -> 1;
    for (Schedule schedule :
        List.of(COSINE, own.warmup(5), own.times(own), own.then(0, own), own.then(5, own))) {
      assertThatThrownBy(() -> schedule.rate(-1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("step -1 is negative; steps count from 0");
    }
  }
}

package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Two groups of times, some of them censored: {@link RatioOfTimes} and {@link Superiority}. */
class TimesTest {

  private static final int EXPERIMENTS = 2000;

  static List<JsonNode> ratio() {
    return Goldens.cases("ratio");
  }

  static List<JsonNode> superiority() {
    return Goldens.cases("superiority");
  }

  @ParameterizedTest
  @MethodSource("ratio")
  void ratioIsTheReference(JsonNode golden) {
    List<List<Observation>> groups = Goldens.groups(golden.get("groups"));
    RatioOfTimes ratio = RatioOfTimes.of(groups.getFirst(), groups.getLast());

    assertThat(ratio.estimate())
        .matches(estimate -> Goldens.same(estimate, golden.get("estimate")));
    assertThat(ratio.interval(0.8))
        .matches(interval -> Goldens.same(interval, golden.get("intervals").get(0)));
    assertThat(ratio.interval(0.95))
        .matches(interval -> Goldens.same(interval, golden.get("intervals").get(1)));
    assertThat(ratio.seeds()).isEqualTo(5);
  }

  @ParameterizedTest
  @MethodSource("superiority")
  void superiorityIsTheReference(JsonNode golden) {
    List<List<Observation>> groups = Goldens.groups(golden.get("groups"));
    Superiority superiority = Superiority.of(groups.getFirst(), groups.getLast());

    assertThat(superiority.estimate().low()).isCloseTo(golden.get("theta").asDouble(), EXACT);
    assertThat(superiority.interval(0.95))
        .matches(interval -> Goldens.same(interval, golden.get("interval")));
    if (golden.has("p_above")) {
      assertThat(superiority.pAbove(0.5)).isCloseTo(golden.get("p_above").asDouble(), EXACT);
      assertThat(superiority.pBelow(0.5)).isCloseTo(golden.get("p_below").asDouble(), EXACT);
    }
  }

  /** The interval holds exactly the bounds that neither test rejects. */
  @Property(tries = 300)
  void intervalsOfRatiosAndTestsAgree(
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> first,
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> second,
      @ForAll @IntRange(min = 3, max = 10) int budget,
      @ForAll @DoubleRange(min = 0.05, max = 20) double bound) {
    RatioOfTimes ratio = RatioOfTimes.of(runs(first, budget), runs(second, budget));
    Interval interval = ratio.interval(0.9);

    assertThat(ratio.pAbove(bound) <= 0.05 + 1e-12).isEqualTo(interval.low() > bound);
    assertThat(ratio.pBelow(bound) <= 0.05 + 1e-12).isEqualTo(interval.high() < bound);
    assertThat(ratio.pAbove(bound)).isGreaterThanOrEqualTo(ratio.leastPAbove(bound));
    assertThat(ratio.pBelow(bound)).isGreaterThanOrEqualTo(ratio.leastPBelow(bound));
    assertThat(interval.low()).isLessThanOrEqualTo(ratio.estimate().low());
    assertThat(interval.high()).isGreaterThanOrEqualTo(ratio.estimate().high());
  }

  /** Knowing less must never make one surer. */
  @Property(tries = 300)
  void censoringOnlyWidens(
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> first,
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> second,
      @ForAll @IntRange(min = 1, max = 9) int budget) {
    Interval all = RatioOfTimes.of(runs(first, 10), runs(second, 10)).interval(0.9);
    Interval cut = RatioOfTimes.of(runs(first, budget), runs(second, budget)).interval(0.9);

    assertThat(cut.low()).isLessThanOrEqualTo(all.low());
    assertThat(cut.high()).isGreaterThanOrEqualTo(all.high());
  }

  @Property(tries = 300)
  void groupsMayChangePlaces(
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> first,
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 1, max = 9) Integer> second,
      @ForAll @IntRange(min = 3, max = 10) int budget) {
    Superiority there = Superiority.of(runs(first, budget), runs(second, budget));
    Superiority back = Superiority.of(runs(second, budget), runs(first, budget));

    assertThat(there.estimate().low()).isCloseTo(1 - back.estimate().low(), EXACT);
    assertThat(there.pAbove(0.5)).isCloseTo(back.pBelow(0.5), EXACT);
    assertThat(there.interval(0.9).low()).isCloseTo(1 - back.interval(0.9).high(), EXACT);
    assertThat(there.interval(0.9).contains(there.estimate().low())).isTrue();
    if (budget == 10) { // Mann–Whitney
      Shift shift = Shift.of(numbers(first), numbers(second));
      assertThat(there.estimate().low())
          .isCloseTo(shift.u() / (first.size() * second.size()), EXACT);
      assertThat(there.pAbove(0.5)).isCloseTo(shift.pAbove(0), EXACT);
    }
  }

  /** Coverage of nominal 95% intervals, five runs against five; binomial error 0.5 points. */
  @ParameterizedTest
  @CsvSource({"1, 100", "3, 100", "3, 2", "10, 2"})
  void intervalsKeepTheirLevelWithFiveSeeds(double mean, double budget) {
    Simulation simulation = new Simulation(11);
    double superiority = superiorityOfExponentials(mean, budget);
    int ratios = 0;
    int superiorities = 0;
    int rejections = 0;
    for (int i = 0; i < EXPERIMENTS; i++) {
      List<Observation> reference = simulation.exponential(5, 1, budget);
      List<Observation> group = simulation.exponential(5, mean, budget);
      ratios += RatioOfTimes.of(reference, group).interval(0.95).contains(mean) ? 1 : 0;
      Superiority observed = Superiority.of(reference, group);
      superiorities += observed.interval(0.95).contains(superiority) ? 1 : 0;
      rejections += observed.p(0.5) <= 0.05 ? 1 : 0;
    }
    assertThat((double) ratios / EXPERIMENTS).isGreaterThan(0.945);
    assertThat((double) superiorities / EXPERIMENTS).isGreaterThan(0.93);
    if (mean == 1) {
      assertThat((double) rejections / EXPERIMENTS).isLessThan(0.055);
    }
  }

  /** P(T₀ < T₁, T₀ ≤ τ) + ½ P(neither ≤ τ) of exponential times with means 1 and m. */
  private static double superiorityOfExponentials(double mean, double budget) {
    double rate = 1 + 1 / mean;
    double neither = Math.exp(-rate * budget);
    return (1 - neither) / rate + neither / 2;
  }

  @Test
  void tooFewRunsSayNothing() {
    List<Observation> early = runs(List.of(1, 2, 3), 10);
    List<Observation> late = runs(List.of(7, 8, 9), 10);
    RatioOfTimes ratio = RatioOfTimes.of(early, late);

    assertThat(ratio.interval(0.95)).isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
    assertThat(ratio.interval(0.9)).isEqualTo(new Interval(7.0 / 3, 9));
    assertThat(ratio.pAbove(1)).isEqualTo(0.05);
    assertThat(ratio.leastPAbove(1)).isEqualTo(0.05);
    assertThat(ratio.p(1)).isEqualTo(0.1);
  }

  @Test
  void refusesOtherArguments() {
    List<Observation> runs = Goldens.group("fast");

    assertThatThrownBy(() -> RatioOfTimes.of(runs, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the group has no runs; at least 1 is needed");
    assertThatThrownBy(() -> RatioOfTimes.of(List.of(Observation.reached(0)), runs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the reference has a run with time 0; ratios need times above 0");
    assertThatThrownBy(() -> Superiority.of(List.of(), runs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the reference has no runs; at least 1 is needed");
    assertThatThrownBy(() -> Superiority.of(runs, runs).pAbove(0.6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a probability of superiority is tested against 0.5, not against 0.6");
  }

  private static List<Observation> runs(List<Integer> times, double budget) {
    return times.stream().map(time -> Observation.reached(time).cutAt(budget)).toList();
  }

  private static double[] numbers(List<Integer> times) {
    return times.stream().mapToDouble(Integer::doubleValue).toArray();
  }
}

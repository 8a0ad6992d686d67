package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogRankTest {

  static List<JsonNode> logRank() {
    return Goldens.cases("log_rank");
  }

  /**
   * As published many times: Kleinbaum and Klein, Survival analysis (3rd ed., 2012), section 2.4.
   */
  @Test
  void isThePublishedTestOfSixMp() {
    LogRank test = LogRank.of(List.of(Goldens.group("six_mp"), Goldens.group("placebo")), 1);

    assertThat(test.chiSquare()).isCloseTo(16.793, within(5e-4));
    assertThat(test.groups()).extracting(LogRank.Group::observed).containsExactly(9, 21);
    assertThat(test.groups().get(0).expected()).isCloseTo(19.26, within(0.01));
    assertThat(test.groups().get(1).expected()).isCloseTo(10.74, within(0.01));
    assertThat(test.permutationP().exact()).isFalse();
    assertThat(test.permutationP().value()).isBetween(1e-5, 2e-4); // about 5 of 100,000
  }

  @ParameterizedTest
  @MethodSource("logRank")
  void isTheReference(JsonNode golden) {
    List<List<Observation>> groups = Goldens.groups(golden.get("groups"));
    double[] scores = Goldens.numbers(golden.get("scores"));
    LogRank test = LogRank.of(groups, 7);
    LogRankTrend trend = LogRankTrend.of(groups, scores, 7);

    assertThat(test.chiSquare()).isCloseTo(golden.get("chi_square").asDouble(), EXACT);
    assertThat(test.degreesOfFreedom()).isEqualTo(golden.get("degrees").asInt());
    assertThat(test.asymptoticP()).isCloseTo(golden.get("p").asDouble(), EXACT);
    for (int i = 0; i < groups.size(); i++) {
      assertThat((double) test.groups().get(i).observed())
          .isEqualTo(golden.get("observed").get(i).asDouble());
      assertThat(test.groups().get(i).expected())
          .isCloseTo(golden.get("expected").get(i).asDouble(), EXACT);
    }
    assertThat(trend.z()).isCloseTo(golden.get("trend_z").asDouble(), EXACT);
    assertThat(trend.asymptoticP()).isCloseTo(golden.get("trend_p").asDouble(), EXACT);
    if (golden.has("arrangements")) {
      long arrangements = golden.get("arrangements").asLong();
      assertThat(test.permutationP())
          .isEqualTo(new PValue(golden.get("permutation_p").asDouble(), true, arrangements));
      assertThat(trend.permutationP())
          .isEqualTo(new PValue(golden.get("trend_permutation_p").asDouble(), true, arrangements));
    }
  }

  /** Scores of a group must add up to observed − expected: that is why they may be permuted. */
  @Property(tries = 200)
  void scoresAddUpToObservedMinusExpected(
      @ForAll @Size(min = 4, max = 20) List<@IntRange(min = 1, max = 9) Integer> times,
      @ForAll @IntRange(min = 0, max = (1 << 20) - 1) int events) {
    List<List<Observation>> groups =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < times.size(); i++) {
      groups.get(i % 3).add(new Observation(times.get(i), (events >> i & 1) == 1));
    }
    LogRankTable table = new LogRankTable(groups);
    double[] sums = table.sums(table.labels);

    for (int i = 0; i < 3; i++) {
      assertThat(sums[i]).isCloseTo(table.observed[i] - table.expected[i], EXACT);
    }
  }

  /** Two groups with the scores 0 and 1: both tests are the same one. */
  @Property(tries = 50)
  void trendOfTwoGroupsIsTheLogRankTest(
      @ForAll @Size(min = 2, max = 4) List<@IntRange(min = 1, max = 9) Integer> first,
      @ForAll @Size(min = 2, max = 4) List<@IntRange(min = 1, max = 9) Integer> second) {
    List<List<Observation>> groups =
        List.of(
            first.stream().map(t -> Observation.reached(t).cutAt(7)).toList(),
            second.stream().map(t -> Observation.reached(t).cutAt(7)).toList());
    LogRank test = LogRank.of(groups, 0);
    LogRankTrend trend = LogRankTrend.of(groups, new double[] {3, 5}, 0);

    assertThat(trend.z() * trend.z()).isCloseTo(test.chiSquare(), EXACT);
    assertThat(trend.permutationP()).isEqualTo(test.permutationP());
  }

  /**
   * Of all 252 ways to deal 10 times out to 5 against 5, χ² calls 18 different at 0.05, which are
   * 7.1%; the exact test 5% at most.
   */
  @Test
  void asymptoticPIsWrongForFiveAgainstFive() {
    int asymptotic = 0;
    int exact = 0;
    int all = 0;
    for (int subset = 0; subset < 1 << 10; subset++) {
      if (Integer.bitCount(subset) == 5) {
        List<Observation> first = new ArrayList<>();
        List<Observation> second = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          ((subset >> i & 1) == 1 ? first : second).add(Observation.reached(i + 1));
        }
        LogRank test = LogRank.of(List.of(first, second), 0);
        all++;
        asymptotic += test.asymptoticP() <= 0.05 ? 1 : 0;
        exact += test.permutationP().value() <= 0.05 ? 1 : 0;
      }
    }
    assertThat(all).isEqualTo(252);
    assertThat(exact).isLessThanOrEqualTo(12).isPositive();
    assertThat(asymptotic).isEqualTo(18);
  }

  @Test
  void samplesWhereThereAreTooManyArrangements() {
    List<List<Observation>> groups =
        List.of(
            new Simulation(1).exponential(15, 1, 3),
            new Simulation(2).exponential(15, 1.3, 3),
            new Simulation(3).exponential(15, 1.6, 3));
    LogRank test = LogRank.of(groups, 5);

    assertThat(test.permutationP().exact()).isFalse();
    assertThat(test.permutationP().arrangements()).isEqualTo(100_000);
    assertThat(LogRank.of(groups, 5)).isEqualTo(test);
    // With 45 runs the permutation distribution is near χ², scaled by the scores' variance.
    LogRankTable table = new LogRankTable(groups);
    double statistic = 0;
    for (LogRank.Group group : test.groups()) {
      statistic += Math.pow(group.observed() - group.expected(), 2) / group.runs();
    }
    double variance = Arrays.stream(table.scores).map(score -> score * score).sum() / 44;
    assertThat(test.permutationP().value())
        .isCloseTo(
            ChiSquaredDistribution.of(2).survivalProbability(statistic / variance), within(0.01));
  }

  @Test
  void nothingSeenIsNoDifference() {
    List<List<Observation>> groups = List.of(Goldens.group("never"), Goldens.group("never"));
    LogRank test = LogRank.of(groups, 0);
    LogRankTrend trend = LogRankTrend.of(groups, new double[] {0, 1}, 0);

    assertThat(test.degreesOfFreedom()).isZero();
    assertThat(test.asymptoticP()).isEqualTo(1);
    assertThat(test.permutationP().value()).isEqualTo(1);
    assertThat(trend.asymptoticP()).isEqualTo(1);
    assertThat(trend.permutationP().value()).isEqualTo(1);
  }

  @Test
  void refusesOtherArguments() {
    List<Observation> runs = Goldens.group("fast");

    assertThatThrownBy(() -> LogRank.of(List.of(runs), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are 1 groups to compare; at least 2 are needed");
    assertThatThrownBy(() -> LogRank.of(List.of(runs, List.of()), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("group 1 has no runs; at least 1 is needed");
    assertThatThrownBy(() -> LogRankTrend.of(List.of(runs, runs), new double[] {1}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 groups need as many scores, not 1");
    assertThatThrownBy(() -> LogRankTrend.of(List.of(runs, runs), new double[] {2, 2}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("all groups have the score 2.0; different ones are needed");
    assertThatThrownBy(() -> LogRankTrend.of(List.of(runs, runs), new double[] {2, Double.NaN}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the scale of the groups has the value NaN; finite numbers are allowed");
  }
}

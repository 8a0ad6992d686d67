package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KaplanMeierTest {

  static List<JsonNode> survival() {
    return Goldens.cases("survival");
  }

  /** Klein and Moeschberger (2003), table 4.1: S(t) and its standard error for 6-MP. */
  @ParameterizedTest
  @CsvSource({
    "6, 0.857, 0.076",
    "7, 0.807, 0.087",
    "10, 0.753, 0.096",
    "13, 0.690, 0.107",
    "16, 0.627, 0.114",
    "22, 0.538, 0.128",
    "23, 0.448, 0.135",
    "35, 0.448, 0.135",
  })
  void isThePublishedCurveOfSixMp(double week, double survival, double error) {
    KaplanMeier curve = KaplanMeier.of(Goldens.group("six_mp"));

    assertThat(curve.survival(week)).isCloseTo(survival, within(5e-4));
    assertThat(Math.sqrt(curve.variance(week))).isCloseTo(error, within(5.1e-4));
    assertThat(curve.survival(5.9)).isEqualTo(1);
    assertThat(curve.knownUntil()).isEqualTo(35);
  }

  @Test
  void hasThePublishedMedians() {
    assertThat(KaplanMeier.of(Goldens.group("six_mp")).median()).isEqualTo(23);
    assertThat(KaplanMeier.of(Goldens.group("placebo")).median()).isEqualTo(8);
    assertThat(KaplanMeier.of(Goldens.group("placebo")).knownUntil()).isInfinite();
  }

  @ParameterizedTest
  @MethodSource("survival")
  void isSciPysCurve(JsonNode golden) {
    KaplanMeier curve = KaplanMeier.of(Goldens.group(golden.get("group").asText()));
    double[] times = Goldens.numbers(golden.get("times"));

    assertThat(curve.steps()).extracting(KaplanMeier.Step::time).hasSize(times.length);
    for (int i = 0; i < times.length; i++) {
      KaplanMeier.Step step = curve.steps().get(i);
      assertThat(step.time()).isEqualTo(times[i]);
      assertThat(step.survival()).isCloseTo(golden.get("survival").get(i).asDouble(), EXACT);
      Interval band = curve.interval(times[i], 0.95);
      assertThat(band.low()).isCloseTo(golden.get("low").get(i).asDouble(), EXACT);
      assertThat(band.high()).isCloseTo(golden.get("high").get(i).asDouble(), EXACT);
    }
    for (int i = 0; i < 3; i++) {
      double share = (i + 1) / 4.0;
      Interval interval = curve.quantileInterval(share, 0.95);
      JsonNode low = golden.get("quartile_lows").get(i);
      assertThat(curve.quantile(share)).isEqualTo(Goldens.high(golden.get("quartiles").get(i)));
      assertThat(interval.low()).isEqualTo(low.isNull() ? times[times.length - 1] : low.asDouble());
      assertThat(interval.high()).isEqualTo(Goldens.high(golden.get("quartile_highs").get(i)));
    }
    KaplanMeier.RestrictedMean mean = curve.restrictedMean(golden.get("horizon").asDouble());
    assertThat(mean.value()).isCloseTo(golden.get("restricted_mean").asDouble(), within(1e-6));
    assertThat(mean.standardError())
        .isCloseTo(golden.get("restricted_mean_error").asDouble(), within(1e-6));
  }

  /** Without censoring S(t) is the share of runs that are later, and the variance binomial. */
  @Property(tries = 200)
  void isTheEmpiricalCurveIfNothingIsCensored(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 1, max = 12) Integer> times) {
    KaplanMeier curve = KaplanMeier.of(times.stream().map(t -> Observation.reached(t)).toList());

    for (int t = 0; t <= 13; t++) {
      int now = t;
      double later = times.stream().filter(time -> time > now).count() / (double) times.size();
      assertThat(curve.survival(t)).isCloseTo(later, EXACT);
      assertThat(curve.variance(t)).isCloseTo(later * (1 - later) / times.size(), EXACT);
    }
    double mean = times.stream().mapToInt(time -> Math.min(time, 9)).average().getAsDouble();
    assertThat(curve.restrictedMean(9).value()).isCloseTo(mean, EXACT);
    List<Integer> sorted = times.stream().sorted().toList();
    assertThat(curve.median()).isEqualTo((double) sorted.get((sorted.size() - 1) / 2));
  }

  @Property(tries = 200)
  void staysInOrder(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 1, max = 12) Integer> times,
      @ForAll @IntRange(min = 0, max = (1 << 20) - 1) int events) {
    List<Observation> runs =
        IntStream.range(0, times.size())
            .mapToObj(i -> new Observation(times.get(i), (events >> i & 1) == 1))
            .toList();
    KaplanMeier curve = KaplanMeier.of(runs);

    double before = 1;
    int seen = 0;
    for (KaplanMeier.Step step : curve.steps()) {
      assertThat(step.atRisk()).isEqualTo(runs.size() - seen);
      assertThat(step.survival()).isBetween(0.0, before);
      assertThat(curve.interval(step.time(), 0.9).contains(step.survival())).isTrue();
      before = step.survival();
      seen += step.events() + step.censored();
    }
    assertThat(seen).isEqualTo(runs.size());
    if (Double.isFinite(curve.median())) {
      assertThat(curve.medianInterval(0.9).contains(curve.median())).isTrue();
    }
  }

  @Test
  void refusesWhatItCannotKnow() {
    KaplanMeier curve = KaplanMeier.of(Goldens.group("slow"));

    assertThatThrownBy(() -> KaplanMeier.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the group has no runs; at least 1 is needed");
    for (double horizon : new double[] {0, 5001, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> curve.restrictedMean(horizon))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the horizon is "
                  + horizon
                  + "; a finite number above 0 and up to 5000.0 is allowed,"
                  + " where the last run was seen");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, Double.NaN})
  void refusesOtherSharesAndLevels(double value) {
    KaplanMeier curve = KaplanMeier.of(Goldens.group("slow"));

    assertThatThrownBy(() -> curve.quantile(value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the share of runs is " + value + "; a number between 0 and 1 is allowed");
    assertThatThrownBy(() -> curve.interval(1, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the confidence level is " + value + "; a number between 0 and 1 is allowed, as 0.95");
  }
}

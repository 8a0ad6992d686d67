package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;
import org.apache.commons.statistics.inference.WilcoxonSignedRankTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Shift} and {@link PairedShift}. */
class ShiftTest {

  static List<JsonNode> shift() {
    return Goldens.cases("shift");
  }

  static List<JsonNode> paired() {
    return Goldens.cases("paired");
  }

  /** Hollander and Wolfe (1973), p. 69: permeability of membranes, as in R's wilcox.test. */
  @Test
  void isHollandersAndWolfesRankSumTest() {
    double[] term = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    double[] weeks = {1.15, 0.88, 0.90, 0.74, 1.21};
    Shift shift = Shift.of(weeks, term);

    assertThat(shift.u()).isEqualTo(35);
    assertThat(shift.pAbove(0)).isCloseTo(0.1272, within(5e-5));
    assertThat(shift.estimate().low()).isCloseTo(0.305, within(1e-9));
    assertThat(shift.seeds()).isEqualTo(5);
  }

  /**
   * Hollander and Wolfe (1973), p. 29: depression scale before and after, as in R's wilcox.test.
   */
  @Test
  void isHollandersAndWolfesSignedRankTest() {
    double[] before = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    double[] after = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    PairedShift shift = PairedShift.of(after, before);

    assertThat(shift.v()).isEqualTo(40);
    assertThat(shift.pAbove(0)).isCloseTo(0.01953, within(5e-6));
    assertThat(shift.estimate().low()).isCloseTo(0.46, within(1e-9));
  }

  @ParameterizedTest
  @MethodSource("shift")
  void shiftIsTheReference(JsonNode golden) {
    Shift shift = Shift.of(Goldens.numbers(golden.get("x")), Goldens.numbers(golden.get("y")));

    assertThat(shift.u()).isEqualTo(golden.get("u").asDouble());
    agrees(shift, golden);
  }

  @ParameterizedTest
  @MethodSource("paired")
  void pairedShiftIsTheReference(JsonNode golden) {
    PairedShift shift =
        PairedShift.of(Goldens.numbers(golden.get("x")), Goldens.numbers(golden.get("y")));

    assertThat(shift.v()).isEqualTo(golden.get("v").asDouble());
    agrees(shift, golden);
  }

  private static void agrees(Effect shift, JsonNode golden) {
    assertThat(shift.pAbove(0)).isCloseTo(golden.get("p_above").asDouble(), EXACT);
    assertThat(shift.pBelow(0)).isCloseTo(golden.get("p_below").asDouble(), EXACT);
    assertThat(shift.estimate().low()).isCloseTo(golden.get("estimate").asDouble(), EXACT);
    if (golden.has("interval")) {
      assertThat(shift.interval(0.95))
          .matches(interval -> Goldens.same(interval, golden.get("interval")));
    }
  }

  /** Another implementation, for what it can do: no ties. */
  @Property(tries = 200)
  void isTheLibrarysExactTestWithoutTies(
      @ForAll @Size(min = 1, max = 12) List<@DoubleRange(min = -1, max = 1) Double> first,
      @ForAll @Size(min = 12, max = 12) List<@DoubleRange(min = -1, max = 1) Double> second) {
    // jqwik likes to draw the same number twice: tell them apart.
    double[] x = new double[first.size()];
    double[] y = new double[second.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = first.get(i) + Math.sqrt(2) * i * 1e-3;
    }
    for (int i = 0; i < y.length; i++) {
      y[i] = second.get(i) + Math.sqrt(3) * (i + 1) * 1e-3;
    }
    assertThat(Shift.of(x, y).pAbove(0))
        .isCloseTo(
            MannWhitneyUTest.withDefaults()
                .with(PValueMethod.EXACT)
                .with(AlternativeHypothesis.GREATER_THAN)
                .test(y, x)
                .getPValue(),
            EXACT);
    double[] z = Arrays.copyOf(y, x.length);
    assertThat(PairedShift.of(x, z).pBelow(0))
        .isCloseTo(
            WilcoxonSignedRankTest.withDefaults()
                .with(PValueMethod.EXACT)
                .with(AlternativeHypothesis.LESS_THAN)
                .test(z, x)
                .getPValue(),
            EXACT);
  }

  @Test
  void nothingDiffersNothingSaid() {
    double[] ones = {1, 1, 1};

    assertThat(PairedShift.of(ones, ones).p(0)).isEqualTo(1);
    assertThat(Shift.of(ones, ones).p(0)).isEqualTo(1);
    assertThat(Shift.of(ones, ones).interval(0.5)).isEqualTo(Interval.point(0));
    assertThat(PairedShift.of(new double[] {1}, new double[] {2}).interval(0.95))
        .isEqualTo(new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    assertThat(PairedShift.of(new double[] {1}, new double[] {2}).leastPAbove(0)).isEqualTo(0.5);
  }

  @Test
  void refusesOtherArguments() {
    double[] one = {1};

    assertThatThrownBy(() -> Shift.of(one, new double[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the group has 0 values; at least 1 are needed");
    assertThatThrownBy(() -> Shift.of(new double[] {Double.NaN}, one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the reference has the value NaN; finite numbers are allowed");
    assertThatThrownBy(() -> PairedShift.of(one, new double[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pairs need as many values in the group as in the reference, not 2 and 1");
  }
}

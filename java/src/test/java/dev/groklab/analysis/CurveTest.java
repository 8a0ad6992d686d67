package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.progress.Collapse;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurveTest {

  /** Groks at 300, collapses twice, is there for good from 900. */
  private static final Curve SLINGSHOTS =
      new Curve(
          new long[] {0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000},
          new double[] {0, 0.1, 0.95, 0.99, 0.8, 0.4, 0.92, 1, 0.85, 0.99, 1});

  @Test
  void knowsWhenALevelWasReachedAndFromWhenItHeld() {
    assertThat(SLINGSHOTS.firstReaching(0.99)).hasValue(300);
    assertThat(SLINGSHOTS.holdsFrom(0.99)).hasValue(900);
    assertThat(SLINGSHOTS.firstReaching(1.01)).isEmpty();
    assertThat(SLINGSHOTS.holdsFrom(1.01)).isEmpty();
    assertThat(SLINGSHOTS.timeUntil(0.99)).isEqualTo(Observation.reached(900));
    assertThat(SLINGSHOTS.timeUntil(1.01)).isEqualTo(Observation.censored(1000));
  }

  @Test
  void countsCollapses() {
    assertThat(SLINGSHOTS.collapses(0.99, 0.9))
        .usingRecursiveComparison()
        .withComparatorForType((a, b) -> Math.abs(a - b) < 1e-12 ? 0 : 1, Double.class)
        .isEqualTo(
            List.of(
                new Collapse(400, 500, OptionalLong.of(700), 0.59),
                new Collapse(800, 800, OptionalLong.of(900), 0.14)));
    assertThat(SLINGSHOTS.collapses(0.99, 0.5)).hasSize(1);
    assertThat(SLINGSHOTS.collapses(0.99, 0.3)).isEmpty();
    assertThat(SLINGSHOTS.collapses(1.01, 0.9)).isEmpty();
    Curve lost = new Curve(new long[] {1, 2, 3}, new double[] {1, 0.2, 0.95});
    assertThat(lost.collapses(0.99, 0.9))
        .containsExactly(new Collapse(2, 2, OptionalLong.empty(), 0.99 - 0.2));
  }

  @Test
  void measuresSmoothness() {
    Curve after = SLINGSHOTS.from(300);

    assertThat(after.steps()).startsWith(300).hasSize(8);
    // Down 0.19 + 0.4 and 0.15; up 0.52 + 0.08, 0.14 and 0.01.
    assertThat(after.totalVariation()).isCloseTo(1.49, EXACT);
    assertThat(after.oscillation()).isCloseTo(1.48, EXACT);
    assertThat(SLINGSHOTS.from(250).steps()).startsWith(300);
  }

  @Test
  void areaIsTheMeanTimeOfNotKnowing() {
    Curve step = new Curve(new long[] {0, 10, 11, 20}, new double[] {0, 0, 1, 1});
    Curve decades = new Curve(new long[] {0, 1, 10, 100, 1000}, new double[] {0, 0, 0, 1, 1});

    assertThat(step.areaAbove(1, Axis.LINEAR)).isCloseTo(10.5, EXACT);
    assertThat(decades.areaAbove(1, Axis.LOG)).isCloseTo(1.5, EXACT);
    assertThat(SLINGSHOTS.areaAbove(2, Axis.LINEAR) - SLINGSHOTS.areaAbove(1, Axis.LINEAR))
        .isCloseTo(1000, EXACT);
  }

  @Test
  void logGridTakesTheLatestKnownValue() {
    Curve curve = new Curve(new long[] {3, 20, 500}, new double[] {1, 2, 3});

    assertThat(curve.onLogGrid(1).steps()).containsExactly(10, 100);
    assertThat(curve.onLogGrid(1).values()).containsExactly(1, 2);
    // 1, 2.15, 4.64, 10, 21.5, 46.4, …
    assertThat(curve.onLogGrid(3).steps()).containsExactly(5, 10, 22, 46, 100, 215, 464);
    assertThat(curve.onLogGrid(3).values()).containsExactly(1, 1, 2, 2, 2, 2, 2);
    assertThat(new Curve(new long[] {0, 3}, new double[] {7, 8}).onLogGrid(10).steps())
        .containsExactly(1, 2, 3); // rounded to the same step only once
  }

  /** A coarser grid can only lose to and fro, and never a curve's order. */
  @Property(tries = 200)
  void gridAddsNoVariation(
      @ForAll @Size(min = 1, max = 40) List<@DoubleRange(min = 0, max = 1) Double> values,
      @ForAll @IntRange(min = 1, max = 30) int perDecade) {
    Curve curve =
        new Curve(
            LongStream.range(0, values.size()).map(i -> 1 + 7 * i).toArray(),
            values.stream().mapToDouble(Double::doubleValue).toArray());
    Curve grid = curve.onLogGrid(perDecade);

    assertThat(grid.totalVariation()).isLessThanOrEqualTo(curve.totalVariation() + 1e-12);
    assertThat(grid.steps()).isSorted().doesNotHaveDuplicates();
    double[] rising = curve.values().clone();
    Arrays.sort(rising);
    assertThat(new Curve(curve.steps(), rising).oscillation()).isCloseTo(0, EXACT);
    assertThat(new Curve(curve.steps(), rising).collapses(0.9, 0.5)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 3|the curve has step 3 after step 3; steps are at least 0 and ascend",
        "-1 3|the curve has step -1; steps are at least 0 and ascend",
        "1|2 values need as many steps, not 1",
      })
  void refusesOtherSteps(String steps, String message) {
    long[] given = Arrays.stream(steps.split(" ")).mapToLong(Long::parseLong).toArray();
    assertThatThrownBy(() -> new Curve(given, new double[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesOtherArguments() {
    assertThatThrownBy(() -> new Curve(new long[0], new double[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the curve has 0 values; at least 1 are needed");
    assertThatThrownBy(() -> new Curve(new long[] {1}, new double[] {Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the curve has the value NaN; finite numbers are allowed");
    assertThatThrownBy(() -> SLINGSHOTS.from(1001))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the curve ends at step 1000; nothing is known from step 1001");
    assertThatThrownBy(() -> SLINGSHOTS.onLogGrid(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the grid has 0 steps per decade; at least 1 is needed");
    assertThatThrownBy(() -> new Curve(new long[] {0}, new double[1]).onLogGrid(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no step of a grid of 2 per decade lies between steps 0 and 0 of the curve");
    assertThatThrownBy(() -> SLINGSHOTS.collapses(0.5, 0.6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a level is lost below 0.6; at most the level reached, 0.5, is allowed");
  }
}

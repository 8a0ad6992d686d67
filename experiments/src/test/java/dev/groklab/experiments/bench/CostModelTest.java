package dev.groklab.experiments.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.experiments.bench.CostModel.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostModelTest {

  private static Point point(double flops, double bytes, double waves, CostModel prices) {
    double seconds = waves * (flops * prices.perFlop() + bytes * prices.perByte());
    return new Point(flops, bytes, waves, 0, seconds);
  }

  @Test
  void pricesThatMadeTheTimesAreFound() {
    CostModel prices = new CostModel(1e-11, 5e-11);
    List<Point> points =
        List.of(
            point(1e9, 1e7, 0.5, prices),
            point(3e9, 9e7, 0.5, prices),
            point(1e9, 1e7, 16, prices));
    CostModel found = CostModel.fit(points);
    assertThat(found.perFlop()).isCloseTo(1e-11, within(1e-16));
    assertThat(found.perByte()).isCloseTo(5e-11, within(1e-15));
    assertThat(found.largestError(points)).isLessThan(1e-6);
  }

  @Test
  void aPriceIsNeverNegative() {
    List<Point> cheaperWithMoreBytes =
        List.of(new Point(1e9, 1e7, 1, 0, 0.02), new Point(1e9, 5e7, 1, 0, 0.01));
    CostModel found = CostModel.fit(cheaperWithMoreBytes);
    assertThat(found.perByte()).isZero();
    assertThat(found.perFlop()).isPositive();
    assertThat(found.largestError(cheaperWithMoreBytes)).isBetween(0.1, 1.0);
  }

  @Test
  void aLoneReplicaSharesTheThreadsAndSeveralQueue() {
    assertThat(CostModel.waves(1, 2)).isEqualTo(0.5);
    assertThat(CostModel.waves(2, 2)).isEqualTo(1);
    assertThat(CostModel.waves(5, 2)).isEqualTo(3);
  }
}

package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EmbeddingPartsTest {

  private static final int P = 29;
  private static final int WIDTH = 16;

  private static double[] random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] table = new double[(P + 2) * WIDTH];
    Arrays.setAll(table, _ -> random.nextGaussian());
    return table;
  }

  @Test
  void partsAreWhatTheirSpectraSay() {
    double[] table = random(0);
    double[] power = Spectrum.of(table, P, WIDTH).power();
    int[] some = {2, 7, 14};
    double[] only = Spectrum.of(EmbeddingParts.only(table, P, WIDTH, some), P, WIDTH).power();
    double[] rest = Spectrum.of(EmbeddingParts.without(table, P, WIDTH, some), P, WIDTH).power();
    for (int k = 0; k < power.length; k++) {
      boolean in = k == 2 || k == 7 || k == 14;
      assertThat(only[k]).isCloseTo(in || k == 0 ? power[k] : 0, within(1e-9));
      assertThat(rest[k]).isCloseTo(in ? 0 : power[k], within(1e-9));
    }
    assertThat(EmbeddingParts.only(table, P, WIDTH, some))
        .endsWith(Arrays.copyOfRange(table, P * WIDTH, table.length));
  }

  @Test
  void rescalingKeepsLengths() {
    double[] table = random(2);
    double[] part = EmbeddingParts.only(table, P, WIDTH, new int[] {1, 5});
    double[] scaled = EmbeddingParts.rescaled(part, table, P, WIDTH);
    for (int x = 0; x < P; x++) {
      assertThat(length(scaled, x)).isCloseTo(length(table, x), within(1e-12));
      double ratio = length(part, x) / length(table, x);
      assertThat(scaled[x * WIDTH] * ratio).isCloseTo(part[x * WIDTH], within(1e-12));
    }
  }

  private static double length(double[] table, int x) {
    return Math.sqrt(
        Arrays.stream(table, x * WIDTH, (x + 1) * WIDTH).map(value -> value * value).sum());
  }

  @Test
  void aCircleIsSeenAndNoiseIsNot() {
    double[] noise = random(1);
    double[] circle = noise.clone();
    for (int x = 0; x < P; x++) {
      circle[x * WIDTH] += 9 * Math.cos(2 * Math.PI * 3 * x / P);
      circle[x * WIDTH + 1] += 9 * Math.sin(2 * Math.PI * 3 * x / P);
    }
    assertThat(alignment(circle, 3)).isGreaterThan(0.9);
    assertThat(Math.abs(alignment(noise, 3))).isLessThan(0.4);
    assertThat(alignment(circle, 4)).isNegative();
  }

  /** Mean cosine between where the numbers are and where a circle would have them. */
  private static double alignment(double[] table, int k) {
    double[][] points = EmbeddingParts.plane(table, P, WIDTH, k);
    double sum = 0;
    for (int x = 0; x < P; x++) {
      double angle = 2 * Math.PI * k * x / P;
      double dot = points[x][0] * Math.cos(angle) + points[x][1] * Math.sin(angle);
      sum += dot / Math.hypot(points[x][0], points[x][1]) / P;
    }
    return sum;
  }
}

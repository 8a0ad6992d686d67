package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpectrumTest {

  private static final Offset<Double> EXACTLY = within(1e-12);

  private static double[] random(int rows, int width, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    double[] table = new double[rows * width];
    Arrays.setAll(table, _ -> random.nextGaussian());
    return table;
  }

  /** Circles of two frequencies, of radius 2 and 1, around a common centre. */
  @Test
  void aCircleIsOneFrequency() {
    int p = 97;
    double[] table = new double[p * 4];
    for (int x = 0; x < p; x++) {
      table[4 * x] = 5 + 2 * Math.cos(2 * Math.PI * 7 * x / p);
      table[4 * x + 1] = 2 * Math.sin(2 * Math.PI * 7 * x / p);
      table[4 * x + 2] = Math.cos(2 * Math.PI * 30 * x / p);
      table[4 * x + 3] = Math.sin(2 * Math.PI * 30 * x / p);
    }
    Spectrum spectrum = Spectrum.of(table, p, 4);
    assertThat(spectrum.power()).hasSize(49);
    assertThat(spectrum.power()[0]).isCloseTo(25.0 * p, within(1e-8));
    assertThat(spectrum.power()[7]).isCloseTo(4.0 * p, within(1e-8));
    assertThat(spectrum.power()[30]).isCloseTo(1.0 * p, within(1e-8));
    assertThat(spectrum.shares()[6]).isCloseTo(0.8, within(1e-12));
    assertThat(spectrum.shares()[29]).isCloseTo(0.2, within(1e-12));
    assertThat(spectrum.keyFrequencies()).containsExactly(7, 30);
    // For two amounts of 48, 4 : 1.
    assertThat(spectrum.gini()).isCloseTo((47 * 0.8 + 45 * 0.2) / 48, within(1e-12));
  }

  /** Parseval's theorem, for odd and even p, with rows behind the numbers that do not count. */
  @Property(tries = 50)
  void powersAddUp(
      @ForAll @IntRange(min = 2, max = 40) int p, @ForAll @IntRange(min = 1, max = 9) int width) {
    double[] table = random(p + 2, width, p);
    double norm = Arrays.stream(table, 0, p * width).map(v -> v * v).sum();
    Spectrum spectrum = Spectrum.of(table, p, width);
    assertThat(Arrays.stream(spectrum.power()).sum()).isCloseTo(norm, within(1e-9 * norm));
    assertThat(Arrays.stream(spectrum.shares()).sum()).isCloseTo(1, within(1e-12));
  }

  /** Adding a number to all x turns the circles, and changes no power. */
  @Test
  void translationsChangeNoPower() {
    double[] table = random(23, 6, 1);
    double[] moved = new double[table.length];
    System.arraycopy(table, 0, moved, 5 * 6, 18 * 6);
    System.arraycopy(table, 18 * 6, moved, 0, 5 * 6);
    double[] power = Spectrum.of(table, 23, 6).power();
    assertThat(Spectrum.of(moved, 23, 6).power()).containsExactly(power, within(1e-10));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 128, 512})
  void randomTablesHaveNoKeyFrequencies(int width) {
    for (int seed = 0; seed < 20; seed++) {
      Spectrum spectrum = Spectrum.of(random(97, width, seed), 97, width);
      assertThat(spectrum.keyFrequencies()).isEmpty();
      assertThat(spectrum.gini()).isLessThan(1 / Math.sqrt(width));
    }
  }

  @Test
  void gromovsUnitsAreItsSpectrum() {
    GromovNetwork even = GromovNetwork.of(97, 192, new SplittableRandom(0));
    for (double[][] weights : new double[][][] {even.left(), even.right(), even.readout()}) {
      Spectrum spectrum = Spectrum.of(GromovNetwork.flat(weights), 97, 192);
      double[] flat = new double[48];
      Arrays.fill(flat, 1 / 48.0);
      assertThat(spectrum.shares()).containsExactly(flat, EXACTLY);
      assertThat(spectrum.gini()).isCloseTo(0, EXACTLY);
      assertThat(spectrum.keyFrequencies()).isEmpty();
    }
    int[] frequencies = new int[200];
    Arrays.setAll(frequencies, i -> new int[] {3, 14, 15, 41, 48}[i % 5]);
    GromovNetwork five = GromovNetwork.of(97, frequencies, new SplittableRandom(0));
    Spectrum spectrum = Spectrum.of(GromovNetwork.flat(five.readout()), 97, 200);
    assertThat(spectrum.keyFrequencies()).containsExactly(3, 14, 15, 41, 48);
    assertThat(spectrum.gini()).isCloseTo(1 - 5 / 48.0, EXACTLY);
    assertThat(EffectiveRank.of(GromovNetwork.flat(five.readout()), 97, 200)).isBetween(9.5, 10.01);
  }

  @Test
  void nothingHasNoSpectrum() {
    Spectrum spectrum = Spectrum.of(new double[22], 11, 2);
    assertThat(spectrum.shares()).containsOnly(0);
    assertThat(spectrum.gini()).isZero();
    assertThat(spectrum.keyFrequencies()).isEmpty();
    assertThatThrownBy(() -> Spectrum.of(new double[21], 11, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("21 numbers are no table of 11 rows of 2");
  }
}

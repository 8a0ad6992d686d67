package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NeuronFrequenciesTest {

  private static double[] neuron(int p, DoubleBinaryOperator activation) {
    double[] table = new double[p * p];
    Arrays.setAll(
        table,
        row ->
            activation.applyAsDouble(
                2 * Math.PI * Math.floorDiv(row, p) / p, 2 * Math.PI * (row % p) / p));
    return table;
  }

  /**
   * (cos kx + cos ky)² = 1 + 2 cos kx cos ky + (cos 2kx + cos 2ky)/2: variances 1 of frequency k
   * and 1/4 of 2k.
   */
  @Test
  void gromovsUnits() {
    double[] unit = neuron(31, (x, y) -> Math.pow(Math.cos(5 * x + 1) + Math.cos(5 * y - 2), 2));
    NeuronFrequencies found = NeuronFrequencies.of(31, unit);
    assertThat(found.frequency()).isEqualTo(5);
    assertThat(found.share()).isCloseTo(0.8, within(1e-10));
    assertThat(NeuronFrequencies.shares(31, unit)[9]).isCloseTo(0.2, within(1e-10));
  }

  @Test
  void wavesOfOneFrequencyAreAllItsOwn() {
    double[] unit =
        neuron(
            31,
            (x, y) ->
                7
                    + Math.cos(3 * x)
                    - 2 * Math.sin(3 * y)
                    + Math.sin(3 * x + 3 * y)
                    + Math.cos(3 * x - 3 * y));
    assertThat(NeuronFrequencies.of(31, unit).frequency()).isEqualTo(3);
    assertThat(NeuronFrequencies.of(31, unit).share()).isCloseTo(1, within(1e-10));
    double[] mixed = neuron(31, (x, y) -> Math.cos(3 * x) * Math.cos(4 * y));
    assertThat(NeuronFrequencies.of(31, mixed).share()).isCloseTo(0, within(1e-10));
  }

  @Property(tries = 10)
  void sharesAreNoMoreThanAll(@ForAll @IntRange(min = 2, max = 12) int p) {
    SplittableRandom random = new SplittableRandom(p);
    double[] noise = new double[p * p];
    Arrays.setAll(noise, _ -> random.nextGaussian());
    assertThat(Arrays.stream(NeuronFrequencies.shares(p, noise)).sum()).isBetween(0.0, 1 + 1e-9);
  }

  @Test
  void aConstantNeuronHasNoFrequency() {
    assertThat(NeuronFrequencies.of(7, new double[49])).isEqualTo(new NeuronFrequencies(0, 0));
    assertThatThrownBy(() -> NeuronFrequencies.of(7, new double[48]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("48 activations are not those of 7² rows");
  }
}

package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdditionCircuitTest {

  private static final int P = 31;
  private static final int[] KEYS = {2, 7, 11};
  private static final int[] SUMS =
      IntStream.range(0, P * P).map(r -> (r / P + r % P) % P).toArray();

  /** 3 Σ_k cos(2πk(x + y − c)/p) + c's bias, and whatever else is added. */
  private interface Rest {
    double of(int x, int y, int c);
  }

  private static double[][] logits(Rest rest) {
    double[][] logits = new double[P * P][P + 2];
    for (int row = 0; row < logits.length; row++) {
      for (int c = 0; c < P; c++) {
        for (int k : KEYS) {
          logits[row][c] += 3 * Math.cos(2 * Math.PI * k * (SUMS[row] - c) / P);
        }
      }
      for (int c = 0; c < P + 2; c++) {
        logits[row][c] += 0.1 * c + rest.of(row / P, row % P, c);
      }
    }
    return logits;
  }

  private static double loss(double[][] logits) {
    return IntStream.range(0, SUMS.length)
        .mapToDouble(row -> Logits.loss(logits[row], SUMS[row]))
        .average()
        .orElseThrow();
  }

  private static double lossOfBias() {
    double[] bias = new double[P + 2];
    Arrays.setAll(bias, c -> 0.1 * c);
    return IntStream.range(0, P).mapToDouble(c -> Logits.loss(bias, c)).average().orElseThrow();
  }

  @Test
  void aNetworkThatIsTheCircuitHasNothingElse() {
    double[][] logits = logits((_, _, _) -> 0);
    AdditionCircuit circuit = AdditionCircuit.of(P, SUMS, logits, KEYS);
    assertThat(circuit.restrictedLoss()).isCloseTo(loss(logits), within(1e-10));
    assertThat(circuit.restrictedAccuracy()).isEqualTo(1);
    assertThat(circuit.excludedLoss(SUMS, logits, SUMS)).isCloseTo(lossOfBias(), within(1e-10));
  }

  @Test
  void withoutKeyFrequenciesNothingIsExcluded() {
    double[][] logits = logits((_, _, _) -> 0);
    AdditionCircuit none = AdditionCircuit.of(P, SUMS, logits, new int[0]);
    assertThat(none.restrictedLoss()).isCloseTo(lossOfBias(), within(1e-10));
    assertThat(none.excludedLoss(SUMS, logits, SUMS)).isCloseTo(loss(logits), within(1e-12));
  }

  /** What depends on x or y alone, on x − y, or on x + y at another frequency, is no circuit. */
  @Test
  void whatIsNoAdditionIsTheRest() {
    Rest rest =
        (x, y, c) ->
            Math.cos(2 * Math.PI * 2 * x / P + c)
                + Math.sin(2 * Math.PI * 7 * y / P)
                + 2 * Math.cos(2 * Math.PI * 11 * (x - y + c) / P)
                + Math.cos(2 * Math.PI * 5 * (x + y - c) / P);
    AdditionCircuit pure = AdditionCircuit.of(P, SUMS, logits((_, _, _) -> 0), KEYS);
    AdditionCircuit mixed = AdditionCircuit.of(P, SUMS, logits(rest), KEYS);
    assertThat(mixed.restrictedLoss()).isCloseTo(pure.restrictedLoss(), within(1e-10));
    double[][] restAndBias = new double[P * P][P + 2];
    for (int row = 0; row < restAndBias.length; row++) {
      for (int c = 0; c < P + 2; c++) {
        restAndBias[row][c] = 0.1 * c + rest.of(row / P, row % P, c);
      }
    }
    assertThat(mixed.excludedLoss(SUMS, logits(rest), SUMS))
        .isCloseTo(loss(restAndBias), within(1e-10));
  }

  /** A table learnt by heart is known without the circuit, and not with it alone. */
  @Test
  void memoryIsNoCircuit() {
    SplittableRandom random = new SplittableRandom(0);
    boolean[] known = new boolean[P * P];
    IntStream.range(0, P * P).forEach(row -> known[row] = random.nextInt(10) < 3);
    double[][] logits = new double[P * P][P];
    int[] train = IntStream.range(0, P * P).filter(row -> known[row]).toArray();
    for (int row : train) {
      logits[row][SUMS[row]] = 12;
    }
    AdditionCircuit circuit = AdditionCircuit.of(P, SUMS, logits, KEYS);
    int[] sums = Arrays.stream(train).map(row -> SUMS[row]).toArray();
    double[][] rows = Arrays.stream(train).mapToObj(row -> logits[row]).toArray(double[][]::new);
    assertThat(circuit.excludedLoss(sums, rows, sums)).isLessThan(0.01);
    assertThat(circuit.restrictedLoss()).isGreaterThan(2.5); // of log 31 = 3.4
  }

  /** With every y for a few x, what depends on x + y alone is found exactly, too. */
  @Property(tries = 20)
  void aFewRowsWillDo(@ForAll @IntRange(min = 1, max = 5) int count) {
    double[][] logits = logits((_, _, _) -> 0);
    int[] rows = IntStream.range(0, P * P).filter(row -> row / P % 6 < count).toArray();
    AdditionCircuit circuit =
        AdditionCircuit.of(
            P,
            Arrays.stream(rows).map(row -> SUMS[row]).toArray(),
            Arrays.stream(rows).mapToObj(row -> logits[row]).toArray(double[][]::new),
            KEYS);
    assertThat(circuit.restrictedLoss()).isCloseTo(loss(logits), within(1e-10));
  }

  @Test
  void gromovsNetworkIsACircuit() {
    int[] frequencies = IntStream.range(0, 900).map(i -> KEYS[i % 3]).toArray();
    GromovNetwork network = GromovNetwork.of(P, frequencies, new SplittableRandom(1));
    double[][] logits = network.table();
    assertThat(network.accuracy()).isEqualTo(1);
    AdditionCircuit circuit = AdditionCircuit.of(P, SUMS, logits, KEYS);
    assertThat(circuit.restrictedAccuracy()).isEqualTo(1);
    assertThat(circuit.restrictedLoss()).isLessThan(0.01);
    assertThat(circuit.excludedLoss(SUMS, logits, SUMS)).isGreaterThan(Math.log(P));
    AdditionCircuit wrong = AdditionCircuit.of(P, SUMS, logits, new int[] {1, 5, 9});
    assertThat(wrong.restrictedAccuracy()).isLessThan(0.2);
    assertThat(wrong.excludedLoss(SUMS, logits, SUMS)).isLessThan(0.01);
  }

  /** At p = 12, frequency 6 has a cosine and no sine. */
  @Test
  void theHighestFrequencyOfAnEvenModulus() {
    int[] sums = IntStream.range(0, 144).map(r -> (r / 12 + r % 12) % 12).toArray();
    double[][] logits = new double[144][2];
    for (int row = 0; row < 144; row++) {
      logits[row][sums[row] % 2] = 4;
    }
    AdditionCircuit circuit = AdditionCircuit.of(12, sums, logits, new int[] {6});
    int[] parity = Arrays.stream(sums).map(s -> s % 2).toArray();
    assertThat(circuit.excludedLoss(sums, logits, parity)).isCloseTo(Math.log(2), within(1e-12));
  }

  @Test
  void everySumIsNeeded() {
    assertThatThrownBy(
            () -> AdditionCircuit.of(3, new int[] {0, 1, 1}, new double[3][3], new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no row has the sum 2; all sums are needed");
  }
}

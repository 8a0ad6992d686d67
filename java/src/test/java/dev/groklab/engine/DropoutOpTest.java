package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.engine.DropoutOp.Masks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Masks of dropout: their rate, their scale, and what they depend on. */
class DropoutOpTest {

  private static final int ROWS = 301;
  private static final int WIDTH = 131;
  private static final int N = ROWS * WIDTH;
  private static final double RATE = 0.3;

  private Engine engine;
  private final Arena arena = Arena.ofConfined();

  @BeforeEach
  void open() {
    engine = Tiny.engine(2);
  }

  @AfterEach
  void close() {
    arena.close();
    engine.close();
  }

  @ParameterizedTest
  @CsvSource({"FP32, 0.3", "FP64, 0.3", "FP32, 0.01", "FP64, 0.99"})
  void dropsAtItsRateAndKeepsTheExpectation(Precision precision, double rate) {
    double[] y = ones(engine, precision, rate, 1, 2, 3);

    double kept = Arrays.stream(y).filter(value -> value != 0).count();
    double deviation = Math.sqrt(N * rate * (1 - rate));
    assertThat(kept).isCloseTo(N * (1 - rate), within(5 * deviation));
    double scale = precision == Precision.FP32 ? (float) (1 / (1 - rate)) : 1 / (1 - rate);
    for (double value : y) {
      if (value != 0) {
        assertThat(value).isCloseTo(scale, within(scale * 2e-7));
      }
    }
    double mean = Arrays.stream(y).sum() / N;
    assertThat(mean).isCloseTo(1, within(5 * deviation / N / (1 - rate)));
  }

  @Test
  void theSameKeyGivesTheSameMask() {
    double[] y = ones(engine, Precision.FP32, RATE, 1, 2, 3);

    assertThat(ones(engine, Precision.FP32, RATE, 1, 2, 3)).isEqualTo(y);
    assertThat(mask(ones(engine, Precision.FP64, RATE, 1, 2, 3))).isEqualTo(mask(y));
    try (Engine naive = Engine.open(new EngineOptions(Backend.NAIVE, 1))) {
      assertThat(mask(ones(naive, Precision.FP32, RATE, 1, 2, 3))).isEqualTo(mask(y));
    }
  }

  @Test
  void otherKeysGiveIndependentMasks() {
    boolean[] mask = mask(ones(engine, Precision.FP32, RATE, 1, 2, 3));

    assertIndependent(mask, mask(ones(engine, Precision.FP32, RATE, 2, 2, 3)));
    assertIndependent(mask, mask(ones(engine, Precision.FP32, RATE, 1 + (1L << 32), 2, 3)));
    assertIndependent(mask, mask(ones(engine, Precision.FP32, RATE, 1, 3, 3)));
    assertIndependent(mask, mask(ones(engine, Precision.FP32, RATE, 1, 2 + (1L << 32), 3)));
    assertIndependent(mask, mask(ones(engine, Precision.FP32, RATE, 1, 2, 4)));
    for (int lag : new int[] {1, 2, 4, 8, WIDTH}) { // nor do elements know each other
      assertIndependent(Arrays.copyOfRange(mask, 0, N - lag), Arrays.copyOfRange(mask, lag, N));
    }
  }

  /**
   * The mask is a function of seed, step, site and element: replicas and rows are no part of it.
   */
  @Test
  void aReplicasMaskIsThatOfItsOwnKey() {
    double[] x = new double[3 * N];
    Arrays.fill(x, 1);
    double[] together =
        run(
            engine,
            Precision.FP32,
            new RowShape(3, ROWS, WIDTH),
            new Masks(3, new long[] {1, 2, 1}, new long[] {2, 2, 2}, new double[] {RATE, 0, RATE}),
            x);

    double[] alone = ones(engine, Precision.FP32, RATE, 1, 2, 3);
    assertThat(Arrays.copyOfRange(together, 0, N)).isEqualTo(alone);
    assertThat(Arrays.copyOfRange(together, N, 2 * N)).containsOnly(1); // rate 0
    assertThat(Arrays.copyOfRange(together, 2 * N, 3 * N)).isEqualTo(alone);
    double[] fewer =
        run(
            engine,
            Precision.FP32,
            new RowShape(1, 10, WIDTH),
            new Masks(3, new long[] {1}, new long[] {2}, new double[] {RATE}),
            Arrays.copyOf(x, 10 * WIDTH));
    assertThat(fewer).isEqualTo(Arrays.copyOf(alone, 10 * WIDTH));
  }

  @ParameterizedTest
  @EnumSource
  void scalesWhatItKeeps(Precision precision) {
    double[] x = new double[N];
    Arrays.setAll(x, i -> (float) Math.cos(i));
    RowShape shape = new RowShape(1, ROWS, WIDTH);
    Masks masks = new Masks(0, new long[] {9}, new long[] {0}, new double[] {0.5});

    double[] y = run(engine, precision, shape, masks, x);

    for (int i = 0; i < N; i++) {
      assertThat(y[i]).isIn(0.0, 2 * x[i]);
    }
  }

  @Test
  void refusesOtherArguments() {
    RowShape shape = new RowShape(1, 1, 1);
    double[] x = {1};
    assertThatThrownBy(() -> ones(engine, Precision.FP32, 1, 1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is 1; allowed are numbers from 0 to below 1");
    assertThatThrownBy(() -> ones(engine, Precision.FP32, RATE, 1, -2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is -2; allowed are 0 to");
    assertThatThrownBy(() -> ones(engine, Precision.FP32, RATE, 1, 2, -3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("site is -3; at least 0 is allowed");
    Masks two = new Masks(0, new long[2], new long[1], new double[1]);
    assertThatThrownBy(() -> run(engine, Precision.FP32, shape, two, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the array of seeds has 2 elements; it must have 1");
  }

  private double[] ones(
      Engine on, Precision precision, double rate, long seed, long step, int site) {
    double[] x = new double[N];
    Arrays.fill(x, 1);
    Masks masks = new Masks(site, new long[] {seed}, new long[] {step}, new double[] {rate});
    return run(on, precision, new RowShape(1, ROWS, WIDTH), masks, x);
  }

  private double[] run(
      Engine on, Precision precision, RowShape shape, Masks masks, double[] values) {
    MemorySegment x = arena.allocate((long) values.length * precision.bytes(), 8);
    MemorySegment y = arena.allocate((long) values.length * precision.bytes(), 8);
    Reals.fromDoubles(values, x, precision);
    on.ops().dropout().run(precision, shape, masks, x, y);
    return Reals.toDoubles(y, precision);
  }

  private static boolean[] mask(double[] y) {
    boolean[] mask = new boolean[y.length];
    for (int i = 0; i < y.length; i++) {
      mask[i] = y[i] != 0;
    }
    return mask;
  }

  /** Both are kept as often as the rates say, within five standard deviations. */
  private static void assertIndependent(boolean[] a, boolean[] b) {
    int both = 0;
    for (int i = 0; i < a.length; i++) {
      both += a[i] && b[i] ? 1 : 0;
    }
    double share = (1 - RATE) * (1 - RATE);
    assertThat((double) both)
        .isCloseTo(a.length * share, within(5 * Math.sqrt(a.length * share * (1 - share))));
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.engine.AdamWOp.Settings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The optimizer against its equations, over steps and replicas with settings of their own. */
class AdamWOpTest {

  private static final int REPLICAS = 3;
  private static final int PARAMETERS = 1037; // odd and prime, so that no vector fits
  private static final int STEPS = 20;

  private static final double[] BETA1 = {0.9, 0, 0.8};
  private static final double[] BETA2 = {0.98, 0.999, 0};
  private static final double[] EPSILON = {1e-8, 1e-6, 1e-3};
  private static final double[] DECAY = {1, 0, 0.1};

  @ParameterizedTest
  @CsvSource({"FP64, CPU, 1e-14", "FP64, NAIVE, 1e-14", "FP32, CPU, 3e-6", "FP32, NAIVE, 3e-6"})
  void followsItsEquations(Precision precision, Backend backend, double tolerance) {
    int n = REPLICAS * PARAMETERS;
    Random random = new Random(1);
    double[] p = random.doubles(n, -1, 1).map(x -> (float) x).toArray();
    double[] m = new double[n];
    double[] v = new double[n];
    try (Engine engine = Engine.open(new EngineOptions(backend, 2));
        Arena arena = Arena.ofConfined()) {
      MemorySegment gradients = arena.allocate((long) n * precision.bytes(), 8);
      MemorySegment values = arena.allocate((long) n * precision.bytes(), 8);
      MemorySegment first = arena.allocate((long) n * precision.bytes(), 8);
      MemorySegment second = arena.allocate((long) n * precision.bytes(), 8);
      Reals.fromDoubles(p, values, precision);
      for (int step = 1; step <= STEPS; step++) {
        double[] g = random.doubles(n, -1, 1).map(x -> (float) x).toArray();
        Reals.fromDoubles(g, gradients, precision);
        long[] steps = {step, step + 100, step};
        double[] rates = {1e-3 / step, 1e-2, 0};

        engine
            .ops()
            .adamW()
            .step(
                precision,
                new AdamWOp.Shape(REPLICAS, PARAMETERS),
                new Settings(steps, rates, BETA1, BETA2, EPSILON, DECAY),
                gradients,
                values,
                first,
                second);
        for (int i = 0; i < n; i++) {
          int r = i / PARAMETERS;
          double t = (double) steps[r];
          p[i] *= 1 - rates[r] * DECAY[r];
          m[i] = BETA1[r] * m[i] + (1 - BETA1[r]) * g[i];
          v[i] = BETA2[r] * v[i] + (1 - BETA2[r]) * g[i] * g[i];
          double root = Math.sqrt(v[i]) / Math.sqrt(1 - Math.pow(BETA2[r], t));
          p[i] -= rates[r] / (1 - Math.pow(BETA1[r], t)) * m[i] / (root + EPSILON[r]);
        }
      }

      double[] value = Reals.toDoubles(values, precision);
      double[] moment = Reals.toDoubles(first, precision);
      double[] square = Reals.toDoubles(second, precision);
      for (int i = 0; i < n; i++) {
        assertThat(value[i]).isCloseTo(p[i], within(tolerance));
        assertThat(moment[i]).isCloseTo(m[i], within(tolerance));
        assertThat(square[i]).isCloseTo(v[i], within(tolerance));
      }
    }
  }
}

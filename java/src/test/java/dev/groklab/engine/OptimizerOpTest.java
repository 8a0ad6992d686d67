package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.engine.OptimizerOp.Settings;
import dev.groklab.engine.OptimizerOp.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every optimizer against its equations, over steps and replicas with settings of their own. */
class OptimizerOpTest {

  private static final int PARAMETERS = 1037; // odd and prime, so that no vector fits
  private static final int STEPS = 20;

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  /** What one replica has, as its optimizer's equations make it. */
  private static final class Reference {
    private final Optimizer optimizer;
    private final double clipNorm;
    private final double[] p;
    private final double[] m = new double[PARAMETERS];
    private final double[] v = new double[PARAMETERS];
    private final double[] b = new double[PARAMETERS];

    Reference(Optimizer optimizer, double clipNorm, double[] p) {
      this.optimizer = optimizer;
      this.clipNorm = clipNorm;
      this.p = p;
    }

    void step(long t, double rate, double[] gradient) {
      double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
      double scale = clipNorm == 0 ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
      for (int i = 0; i < PARAMETERS; i++) {
        double g = scale * gradient[i];
        switch (optimizer) {
          case AdamW(double beta1, double beta2, double epsilon, double decay) -> {
            p[i] *= 1 - rate * decay;
            adam(i, beta1, beta2, epsilon, t, rate, g);
          }
          case Adam(double beta1, double beta2, double epsilon, double decay) ->
              adam(i, beta1, beta2, epsilon, t, rate, g + decay * p[i]);
          case Sgd(double momentum, boolean nesterov, double decay) -> {
            g += decay * p[i];
            b[i] = momentum * b[i] + g;
            p[i] -= rate * (nesterov ? g + momentum * b[i] : b[i]);
          }
          case RmsProp(
                  double alpha,
                  double epsilon,
                  double decay,
                  double momentum,
                  boolean centered) -> {
            g += decay * p[i];
            v[i] = alpha * v[i] + (1 - alpha) * g * g;
            m[i] = alpha * m[i] + (1 - alpha) * g;
            double variance = centered ? Math.max(v[i] - m[i] * m[i], 0) : v[i];
            b[i] = momentum * b[i] + g / (Math.sqrt(variance) + epsilon);
            p[i] -= rate * b[i];
          }
        }
      }
    }

    private void adam(
        int i, double beta1, double beta2, double epsilon, long t, double rate, double g) {
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      double root = Math.sqrt(v[i]) / Math.sqrt(1 - Math.pow(beta2, (double) t));
      p[i] -= rate / (1 - Math.pow(beta1, (double) t)) * m[i] / (root + epsilon);
    }

    double[] buffer(Buffer buffer) {
      return switch (buffer) {
        case PARAMETERS -> p;
        case GRADIENTS -> throw new AssertionError();
        case FIRST_MOMENTS -> m;
        case SECOND_MOMENTS -> v;
        case MOMENTUM -> b;
      };
    }
  }

  @ParameterizedTest
  @CsvSource({"FP64, CPU, 1e-13", "FP64, NAIVE, 1e-13", "FP32, CPU, 1e-5", "FP32, NAIVE, 1e-5"})
  void allFollowTheirEquations(Precision precision, Backend backend, double tolerance) {
    List<Optimizer> optimizers = Tiny.OPTIMIZERS;
    int replicas = optimizers.size();
    Random random = new Random(1);
    double[] clipNorms = new double[replicas];
    Reference[] references = new Reference[replicas];
    Map<Buffer, MemorySegment> buffers = new EnumMap<>(Buffer.class);
    for (Buffer buffer : Buffer.values()) {
      buffers.put(buffer, arena.allocate((long) replicas * PARAMETERS * precision.bytes(), 8));
    }
    for (int r = 0; r < replicas; r++) {
      // Norms of gradients are about 18: one is made smaller, one is small enough, one is as it is.
      clipNorms[r] = r % 3 == 0 ? 2.5 : r % 3 == 1 ? 1e3 : 0;
      double[] p = floats(random);
      references[r] = new Reference(optimizers.get(r), clipNorms[r], p);
      for (Buffer buffer : Buffer.values()) {
        double[] start = new double[PARAMETERS];
        if (!has(optimizers.get(r), buffer)) {
          Arrays.fill(start, Double.NaN); // neither read nor written
        }
        Reals.fromDoubles(start, of(r, buffers.get(buffer), precision), precision);
      }
      Reals.fromDoubles(p, of(r, buffers.get(Buffer.PARAMETERS), precision), precision);
    }
    try (Engine engine = Engine.open(new EngineOptions(backend, 2))) {
      for (int step = 1; step <= STEPS; step++) {
        long[] steps = new long[replicas];
        double[] rates = new double[replicas];
        for (int r = 0; r < replicas; r++) {
          steps[r] = step + 50L * (r % 2);
          rates[r] = r == 4 ? 0 : 1e-2 / (r + step);
          double[] gradient = floats(random);
          Reals.fromDoubles(gradient, of(r, buffers.get(Buffer.GRADIENTS), precision), precision);
          references[r].step(steps[r], rates[r], gradient);
        }
        engine
            .ops()
            .optimizer()
            .step(
                precision,
                new Shape(replicas, PARAMETERS),
                new Settings(optimizers, clipNorms, steps, rates),
                buffers.get(Buffer.GRADIENTS).asReadOnly(),
                buffers.get(Buffer.PARAMETERS),
                buffers.get(Buffer.FIRST_MOMENTS),
                buffers.get(Buffer.SECOND_MOMENTS),
                buffers.get(Buffer.MOMENTUM));
      }
    }

    buffers.remove(Buffer.GRADIENTS);
    buffers.forEach(
        (buffer, memory) -> {
          for (int r = 0; r < replicas; r++) {
            double[] actual = Reals.toDoubles(of(r, memory, precision), precision);
            String name = "%s of %s".formatted(buffer, optimizers.get(r));
            if (!has(optimizers.get(r), buffer)) {
              assertThat(actual).as(name).containsOnly(Double.NaN);
              continue;
            }
            double[] expected = references[r].buffer(buffer);
            for (int i = 0; i < PARAMETERS; i++) {
              double scale = Math.max(1, Math.abs(expected[i]));
              assertThat(actual[i]).as(name).isCloseTo(expected[i], within(tolerance * scale));
            }
          }
        });
  }

  private static boolean has(Optimizer optimizer, Buffer buffer) {
    return buffer == Buffer.PARAMETERS || optimizer.buffers().contains(buffer);
  }

  private static double[] floats(Random random) {
    return random.doubles(PARAMETERS, -1, 1).map(x -> (float) x).toArray();
  }

  private static MemorySegment of(int replica, MemorySegment buffer, Precision precision) {
    long bytes = (long) PARAMETERS * precision.bytes();
    return buffer.asSlice(replica * bytes, bytes);
  }

  /** Each optimizer needs the buffers that it says it keeps, and no others. */
  @Test
  void buffersThatNobodyKeepsMayBeNull() {
    try (Engine engine = Tiny.engine(1)) {
      for (Optimizer optimizer : Tiny.OPTIMIZERS) {
        for (Buffer missing : Buffer.values()) {
          ThrowingCallable step = () -> step(engine, optimizer, 1, missing);
          if (optimizer.buffers().contains(missing)) {
            assertThatThrownBy(step)
                .as("%s", optimizer)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("op.%s is null", missing.name().toLowerCase(Locale.ROOT));
          } else {
            assertThat(step(engine, optimizer, 1, missing)).as("%s", optimizer).isNotEqualTo(1);
          }
        }
      }
    }
  }

  /** A step from p = 1 on, without one of the buffers; returns p. */
  private double step(Engine engine, Optimizer optimizer, double clipNorm, Buffer missing) {
    MemorySegment values = one(1);
    Map<Buffer, MemorySegment> buffers = new EnumMap<>(Buffer.class);
    for (Buffer buffer : optimizer.buffers()) {
      buffers.put(buffer, one(0));
    }
    buffers.remove(missing);
    engine
        .ops()
        .optimizer()
        .step(
            Precision.FP64,
            new Shape(1, 1),
            settings(optimizer, clipNorm, 1, 0.1),
            one(2),
            values,
            buffers.get(Buffer.FIRST_MOMENTS),
            buffers.get(Buffer.SECOND_MOMENTS),
            buffers.get(Buffer.MOMENTUM));
    return Reals.toDoubles(values, Precision.FP64)[0];
  }

  private static Settings settings(Optimizer optimizer, double clipNorm, long step, double rate) {
    return new Settings(
        List.of(optimizer), new double[] {clipNorm}, new long[] {step}, new double[] {rate});
  }

  private MemorySegment one(double value) {
    MemorySegment memory = arena.allocate(8, 8);
    Reals.fromDoubles(new double[] {value}, memory, Precision.FP64);
    return memory;
  }

  @Test
  void refusesOtherSettings() {
    try (Engine engine = Tiny.engine(1)) {
      refuses(
          engine,
          settings(new Sgd(-1, false, 0), 0, 1, 0.1),
          "op.optimizers[0].momentum is -1; allowed are finite numbers that are not negative");
      refuses(
          engine,
          settings(new Sgd(0, false, 0), -1, 1, 0.1),
          "op.optimizers[0].clip_norm is -1; allowed are finite numbers that are not negative");
      refuses(
          engine,
          settings(new Sgd(0, false, 0), 0, 0, 0.1),
          "op.steps is 0; allowed are 1 to 9223372036854775807");
      refuses(
          engine,
          settings(new Sgd(0, false, 0), 0, 1, -0.1),
          "op.learning_rates is -0.1; allowed are finite numbers that are not negative");
      long[] step = {1};
      double[] number = {0};
      refuses(
          engine,
          new Settings(List.of(), number, step, number),
          "the list of optimizers has 0 elements; it must have 1");
      List<Optimizer> optimizers = List.of(Tiny.ADAM_W);
      refuses(
          engine,
          new Settings(optimizers, new double[2], step, number),
          "the array of clip norms has 2 elements; it must have 1");
      refuses(
          engine,
          new Settings(optimizers, number, new long[3], number),
          "the array of steps has 3 elements; it must have 1");
      refuses(
          engine,
          new Settings(optimizers, number, step, new double[0]),
          "the array of learning rates has 0 elements; it must have 1");
    }
  }

  private void refuses(Engine engine, Settings settings, String message) {
    MemorySegment x = one(0);
    assertThatThrownBy(
            () ->
                engine
                    .ops()
                    .optimizer()
                    .step(Precision.FP64, new Shape(1, 1), settings, x, x, x, x, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}

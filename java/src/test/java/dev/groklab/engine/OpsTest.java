package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each op through Java, in double precision: forward against a formula written out here, backward
 * against finite differences. That no field is mistaken for another is the point; accuracy, sizes
 * and guard values are the native op test's business.
 */
class OpsTest {

  private static final Precision FP64 = Precision.FP64;
  private static final int R = 2;
  private static final int N = 3;
  private static final int D = 4;

  private final Random random = new Random(42);
  private final Arena arena = Arena.ofConfined();
  private Engine engine;

  private Ops open(Backend backend) {
    engine = Engine.open(new EngineOptions(backend, 1));
    return engine.ops();
  }

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close();
    }
    arena.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void linear(Backend backend) {
    LinearOp op = open(backend).linear();
    int out = 5;
    LinearOp.Shape shape = new LinearOp.Shape(R, N, D, out);
    MemorySegment x = random(R * N * D);
    MemorySegment weight = random(R * out * D);
    MemorySegment bias = random(R * out);
    MemorySegment y = room(R * N * out);

    op.forward(FP64, shape, x, weight, bias, y);

    for (int r = 0; r < R; r++) {
      for (int n = 0; n < N; n++) {
        for (int o = 0; o < out; o++) {
          double expected = at(bias, r * out + o);
          for (int i = 0; i < D; i++) {
            expected += at(x, (r * N + n) * D + i) * at(weight, (r * out + o) * D + i);
          }
          assertThat(at(y, (r * N + n) * out + o)).isCloseTo(expected, within(1e-14));
        }
      }
    }
    MemorySegment dy = random(R * N * out);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(x, room(R * N * D));
    gradients.put(weight, room(R * out * D));
    gradients.put(bias, room(R * out));
    op.backward(
        FP64, shape, x, weight, dy, gradients.get(x), gradients.get(weight), gradients.get(bias));
    assertGradients(gradients, weighted(() -> op.forward(FP64, shape, x, weight, bias, y), dy, y));

    op.forward(FP64, shape, x, weight, null, y); // no bias
    op.backward(FP64, shape, x, weight, dy, null, null, null); // nothing wanted
    assertThat(at(y, 0)).isCloseTo(dot(x, weight, D), within(1e-14));
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void layerNorm(Backend backend) {
    LayerNormOp op = open(backend).layerNorm();
    RowShape shape = new RowShape(R, N, D);
    double epsilon = 1e-3;
    MemorySegment x = random(R * N * D);
    MemorySegment residual = random(R * N * D);
    MemorySegment gamma = random(R * D);
    MemorySegment beta = random(R * D);
    MemorySegment normalized = room(R * N * D);
    MemorySegment inverse = room(R * N);
    MemorySegment y = room(R * N * D);
    Runnable forward =
        () -> op.forward(FP64, shape, epsilon, x, residual, gamma, beta, normalized, inverse, y);

    forward.run();

    for (int row = 0; row < R * N; row++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < D; i++) {
        double s = at(x, row * D + i) + at(residual, row * D + i);
        mean += s / D;
        square += s * s / D;
      }
      double scale = 1 / Math.sqrt(square - mean * mean + epsilon);
      assertThat(at(inverse, row)).isCloseTo(scale, within(1e-12 * scale));
      for (int i = 0; i < D; i++) {
        double hat = (at(x, row * D + i) + at(residual, row * D + i) - mean) * scale;
        int parameter = row / N * D + i;
        assertThat(at(normalized, row * D + i)).isCloseTo(hat, within(1e-12));
        assertThat(at(y, row * D + i))
            .isCloseTo(at(gamma, parameter) * hat + at(beta, parameter), within(1e-12));
      }
    }
    MemorySegment dy = random(R * N * D);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(x, room(R * N * D));
    gradients.put(residual, gradients.get(x)); // one gradient for both
    gradients.put(gamma, room(R * D));
    gradients.put(beta, room(R * D));
    op.backward(
        FP64,
        shape,
        epsilon,
        gamma,
        normalized,
        inverse,
        dy,
        gradients.get(x),
        gradients.get(gamma),
        gradients.get(beta));
    assertGradients(gradients, weighted(forward, dy, y));
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void gelu(Backend backend) {
    ActivationOp op = open(backend).gelu();
    RowShape shape = new RowShape(1, 1, 6);
    MemorySegment x = doubles(0, 1, -1, 2, -2, -40);
    MemorySegment y = room(6);

    op.forward(FP64, shape, x, y);

    // x Φ(x) with Φ(1) = 0.8413447460685429 and Φ(2) = 0.9772498680518208
    double[] expected = {
      0, 0.8413447460685429, -0.15865525393145705, 1.9544997361036416, -0.04550026389635842, 0
    };
    assertThat(y.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(expected, within(1e-15));
    MemorySegment dy = random(6);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(x, room(6));
    op.backward(FP64, shape, x, dy, gradients.get(x));
    assertGradients(gradients, weighted(() -> op.forward(FP64, shape, x, y), dy, y));
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void relu(Backend backend) {
    ActivationOp op = open(backend).relu();
    RowShape shape = new RowShape(R, N, 1);
    MemorySegment x = doubles(0, 1, -1, -0.0, 1e-300, -40);
    MemorySegment dx = room(R * N);
    MemorySegment y = room(R * N);

    op.forward(FP64, shape, x, y);
    op.backward(FP64, shape, x, doubles(1, 2, 3, 4, 5, 6), dx);

    double[] expected = {0, 1, 0, 0, 1e-300, 0}; // of whatever sign zero is
    assertThat(y.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(expected, within(0.0));
    assertThat(dx.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(0, 2, 0, 0, 5, 0);
    MemorySegment away = doubles(1, -2, 0.5, -0.5, 3, -3); // from the kink
    MemorySegment dy = random(R * N);
    op.backward(FP64, shape, away, dy, dx);
    assertGradients(Map.of(away, dx), weighted(() -> op.forward(FP64, shape, away, y), dy, y));
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void lstmCell(Backend backend) {
    LstmCellOp op = open(backend).lstmCell();
    RowShape shape = new RowShape(R, N, D);
    MemorySegment input = random(R * N * 4 * D);
    MemorySegment hidden = random(R * N * 4 * D);
    MemorySegment bias = random(R * 4 * D);
    MemorySegment previous = random(R * N * D);
    MemorySegment gates = room(R * N * 4 * D);
    MemorySegment cell = room(R * N * D);
    MemorySegment squashed = room(R * N * D);
    MemorySegment output = room(R * N * D);
    Runnable forward =
        () -> op.forward(FP64, shape, input, hidden, bias, previous, gates, cell, squashed, output);

    forward.run();

    for (int row = 0; row < R * N; row++) {
      for (int j = 0; j < D; j++) {
        double[] gate = new double[4];
        for (int k = 0; k < 4; k++) {
          int column = k * D + j;
          double a =
              at(input, row * 4 * D + column)
                  + at(hidden, row * 4 * D + column)
                  + at(bias, row / N * 4 * D + column);
          gate[k] = k == 2 ? Math.tanh(a) : 1 / (1 + Math.exp(-a));
          assertThat(at(gates, row * 4 * D + column)).isCloseTo(gate[k], within(1e-14));
        }
        double c = gate[1] * at(previous, row * D + j) + gate[0] * gate[2];
        assertThat(at(cell, row * D + j)).isCloseTo(c, within(1e-14));
        assertThat(at(squashed, row * D + j)).isCloseTo(Math.tanh(c), within(1e-14));
        assertThat(at(output, row * D + j)).isCloseTo(gate[3] * Math.tanh(c), within(1e-14));
      }
    }
    MemorySegment doutput = random(R * N * D);
    MemorySegment dcell = random(R * N * D);
    MemorySegment dgates = room(R * N * 4 * D);
    MemorySegment dprevious = room(R * N * D);
    op.backward(FP64, shape, gates, squashed, previous, doutput, dcell, dgates, dprevious);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(input, dgates);
    gradients.put(hidden, dgates); // one gradient for both
    gradients.put(bias, sumOfRows(dgates, 4 * D));
    gradients.put(previous, dprevious);
    assertGradients(
        gradients,
        () -> weighted(forward, doutput, output).getAsDouble() + dot(dcell, cell, R * N * D));

    MemorySegment zero = doubles(new double[R * N * 4 * D]);
    op.forward(
        FP64,
        shape,
        input,
        zero,
        bias,
        zero.asSlice(0, previous.byteSize()),
        gates,
        cell,
        squashed,
        output);
    double[] first = output.toArray(ValueLayout.JAVA_DOUBLE);
    op.forward(FP64, shape, input, null, bias, null, gates, cell, squashed, output);
    assertThat(output.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(first, within(1e-15));
    op.backward(FP64, shape, gates, squashed, null, doutput, null, dgates, null);
    assertGradients(
        Map.of(input, dgates),
        weighted(
            () -> op.forward(FP64, shape, input, null, bias, null, gates, cell, squashed, output),
            doutput,
            output));
  }

  /** The sum over the N rows of each replica. */
  private MemorySegment sumOfRows(MemorySegment rows, int width) {
    double[] sums = new double[R * width];
    for (int i = 0; i < R * N * width; i++) {
      sums[i / (N * width) * width + i % width] += at(rows, i);
    }
    return doubles(sums);
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void attention(Backend backend) {
    AttentionOp op = open(backend).attention();
    int keys = 5;
    int length = 3;
    int heads = 2;
    AttentionOp.Shape shape = new AttentionOp.Shape(R, N, keys, length, heads, D);
    int[] paths = {0, 1, 4, 2, -1, 2, -1, -1, 3, 4, 3, -1, 0, 1, 2, -1, 4, 1};
    MemorySegment path = ints(paths);
    MemorySegment q = random(R * N * D);
    MemorySegment k = random(R * keys * D);
    MemorySegment v = random(R * keys * D);
    MemorySegment weights = room(R * N * heads * length);
    MemorySegment y = room(R * N * D);
    Runnable forward = () -> op.forward(FP64, shape, path, q, k, v, weights, y);

    forward.run();

    int dims = D / heads;
    for (int row = 0; row < R * N; row++) {
      for (int head = 0; head < heads; head++) {
        double[] share = new double[length];
        double sum = 0;
        for (int t = 0; t < length; t++) {
          int key = paths[row * length + t];
          if (key >= 0) {
            double score = 0;
            for (int i = head * dims; i < (head + 1) * dims; i++) {
              score += at(q, row * D + i) * at(k, (row / N * keys + key) * D + i);
            }
            share[t] = Math.exp(score / Math.sqrt(dims));
            sum += share[t];
          }
        }
        double[] expected = new double[dims];
        for (int t = 0; t < length; t++) {
          assertThat(at(weights, (row * heads + head) * length + t))
              .isCloseTo(share[t] / sum, within(1e-14));
          for (int i = 0; i < dims && share[t] > 0; i++) {
            int key = row / N * keys + paths[row * length + t];
            expected[i] += share[t] / sum * at(v, key * D + head * dims + i);
          }
        }
        for (int i = 0; i < dims; i++) {
          assertThat(at(y, row * D + head * dims + i)).isCloseTo(expected[i], within(1e-14));
        }
      }
    }
    MemorySegment dy = random(R * N * D);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(q, room(R * N * D));
    gradients.put(k, room(R * keys * D));
    gradients.put(v, room(R * keys * D));
    op.backward(
        FP64,
        shape,
        path,
        q,
        k,
        v,
        weights,
        dy,
        gradients.get(q),
        gradients.get(k),
        gradients.get(v));
    assertGradients(gradients, weighted(forward, dy, y));
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void crossEntropy(Backend backend) {
    CrossEntropyOp op = open(backend).crossEntropy();
    CrossEntropyOp.Shape shape = new CrossEntropyOp.Shape(R, N, D);
    MemorySegment logits = random(R * N * D);
    int[] target = {0, 3, 1, 2, 2, 0};
    int[] count = {2, 0, 1, 1, 5, 1};
    MemorySegment targets = ints(target);
    MemorySegment counts = ints(count);
    MemorySegment dlogits = room(R * N * D);

    CrossEntropyOp.Result result = op.run(FP64, shape, logits, targets, counts, dlogits);

    for (int r = 0; r < R; r++) {
      double loss = 0;
      double correct = 0;
      double total = 0;
      for (int row = r * N; row < (r + 1) * N; row++) {
        double sum = 0;
        boolean largest = true;
        double own = at(logits, row * D + target[row]);
        for (int c = 0; c < D; c++) {
          sum += Math.exp(at(logits, row * D + c) - own);
          largest &= at(logits, row * D + c) <= own;
        }
        loss += count[row] * Math.log(sum);
        correct += largest ? count[row] : 0;
        total += count[row];
      }
      assertThat(result.losses()[r]).isCloseTo(loss / total, within(1e-14));
      assertThat(result.correct()[r]).isEqualTo(correct);
    }
    Map<MemorySegment, MemorySegment> gradients = Map.of(logits, dlogits);
    assertGradients(
        gradients,
        () -> {
          double[] losses = op.run(FP64, shape, logits, targets, counts, null).losses();
          return losses[0] + losses[1];
        });
    assertThat(op.run(FP64, shape, logits, targets, ints(new int[R * N]), null).losses())
        .containsOnly(0); // nobody counts
    assertThat(op.run(FP64, shape, logits, targets, null, null).losses()).hasSize(R);
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void convolution(Backend backend) {
    ConvolutionOp op = open(backend).convolution();
    int in = 2;
    int height = 3;
    int width = 5;
    int out = 4;
    int kernel = 3;
    int pixels = height * width;
    int window = kernel * kernel;
    ConvolutionOp.Shape shape =
        new ConvolutionOp.Shape(R, N, new ImageShape(in, height, width), out, kernel);
    MemorySegment x = random(R * N * in * pixels);
    MemorySegment weight = random(R * out * in * window);
    MemorySegment bias = random(R * out);
    MemorySegment y = room(R * N * out * pixels);

    op.forward(FP64, shape, x, weight, bias, y);

    for (int row = 0; row < R * N; row++) {
      for (int o = 0; o < out; o++) {
        for (int pixel = 0; pixel < pixels; pixel++) {
          double expected = at(bias, row / N * out + o);
          for (int place = 0; place < in * window; place++) {
            int i = pixel / width + place % window / kernel - 1;
            int j = pixel % width + place % kernel - 1;
            if (i >= 0 && i < height && j >= 0 && j < width) {
              expected +=
                  at(weight, (row / N * out + o) * in * window + place)
                      * at(x, (row * in + place / window) * pixels + i * width + j);
            }
          }
          assertThat(at(y, (row * out + o) * pixels + pixel)).isCloseTo(expected, within(1e-14));
        }
      }
    }
    MemorySegment dy = random(R * N * out * pixels);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(x, room(R * N * in * pixels));
    gradients.put(weight, room(R * out * in * window));
    gradients.put(bias, room(R * out));
    op.backward(
        FP64, shape, x, weight, dy, gradients.get(x), gradients.get(weight), gradients.get(bias));
    assertGradients(gradients, weighted(() -> op.forward(FP64, shape, x, weight, bias, y), dy, y));
    double[] dx = gradients.get(x).toArray(ValueLayout.JAVA_DOUBLE);
    op.backward(FP64, shape, null, weight, dy, gradients.get(x), null, null);
    assertThat(gradients.get(x).toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(dx);
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void maxPool(Backend backend) {
    MaxPoolOp op = open(backend).maxPool();
    // An image of 3 × 5: two windows, and a row and a column in none.
    MaxPoolOp.Shape shape = new MaxPoolOp.Shape(1, 1, new ImageShape(1, 3, 5));
    MemorySegment x = doubles(1, 2, 5, 3, 9, 4, 3, 5, 4, 9, 9, 9, 9, 9, 9);
    MemorySegment winners = ints(7, 7);
    MemorySegment y = room(2);
    MemorySegment dy = random(2);
    MemorySegment dx = room(15);

    op.forward(FP64, shape, x, winners, y);
    op.backward(FP64, shape, winners, dy, dx);

    assertThat(y.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(4, 5);
    assertThat(winners.toArray(ValueLayout.JAVA_INT)).containsExactly(2, 0);
    double[] expected = new double[15];
    expected[5] = at(dy, 0);
    expected[2] = at(dy, 1);
    assertThat(dx.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(expected);
    assertRefused(
        () -> op.forward(FP64, shape, x, winners.asReadOnly(), y),
        "winners is read-only, but the op writes it");
    assertThatThrownBy(() -> op.backward(FP64, shape, ints(0, 4), dy, dx))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("op.winners[1] is 4; allowed are 0 to 3");
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void embedding(Backend backend) {
    EmbeddingOp op = open(backend).embedding();
    int vocabulary = 7;
    int positions = 2;
    EmbeddingOp.Shape shape = new EmbeddingOp.Shape(R, N, D, vocabulary, positions);
    int[] token = {6, 0, 6, 1, 2, 3};
    int[] position = {0, 1, 1, 1, 0, 0};
    MemorySegment tokens = ints(token);
    MemorySegment positionOf = ints(position);
    MemorySegment tokenTable = random(R * vocabulary * D);
    MemorySegment positionTable = random(R * positions * D);
    MemorySegment y = room(R * N * D);
    Runnable forward =
        () -> op.forward(FP64, shape, tokens, positionOf, tokenTable, positionTable, y);

    forward.run();

    for (int row = 0; row < R * N; row++) {
      for (int i = 0; i < D; i++) {
        assertThat(at(y, row * D + i))
            .isEqualTo(
                at(tokenTable, (row / N * vocabulary + token[row]) * D + i)
                    + at(positionTable, (row / N * positions + position[row]) * D + i));
      }
    }
    MemorySegment dy = random(R * N * D);
    Map<MemorySegment, MemorySegment> gradients = new LinkedHashMap<>();
    gradients.put(tokenTable, room(R * vocabulary * D));
    gradients.put(positionTable, room(R * positions * D));
    op.backward(
        FP64,
        shape,
        tokens,
        positionOf,
        dy,
        gradients.get(tokenTable),
        gradients.get(positionTable));
    assertGradients(gradients, weighted(forward, dy, y));
  }

  @Test
  void noRowsAreFine() {
    Ops ops = open(Backend.CPU);
    MemorySegment none = room(0);
    MemorySegment dweight = random(6);
    ops.gelu().forward(FP64, new RowShape(1, 0, 3), none, none);
    ops.relu().backward(FP64, new RowShape(1, 0, 3), none, none, none);
    ops.lstmCell()
        .forward(FP64, new RowShape(1, 0, 3), none, null, room(12), null, none, none, none, none);
    ops.linear()
        .backward(
            FP64, new LinearOp.Shape(1, 0, 2, 3), none, random(6), none, none, dweight, room(3));
    assertThat(dweight.toArray(ValueLayout.JAVA_DOUBLE)).containsOnly(0);
  }

  @Test
  void refusesBuffersThatDoNotFit() {
    ActivationOp op = open(Backend.CPU).gelu();
    RowShape shape = new RowShape(2, 3, 4);
    MemorySegment good = room(24);
    assertRefused(
        () -> op.forward(FP64, shape, room(23), good),
        "x has 184 bytes; [2, 3, 4] elements of 8 bytes each are 192");
    assertRefused(
        () -> op.forward(FP64, shape, good, room(25)),
        "y has 200 bytes; [2, 3, 4] elements of 8 bytes each are 192");
    assertRefused(
        () -> op.forward(Precision.FP32, shape, good, good),
        "x has 192 bytes; [2, 3, 4] elements of 4 bytes each are 96");
    assertRefused(
        () -> op.forward(FP64, shape, good, good.asReadOnly()),
        "y is read-only, but the op writes it");
    assertRefused(
        () -> op.forward(FP64, shape, MemorySegment.ofArray(new double[24]), good),
        "x lies in the Java heap; ops need native memory, as an Arena allocates it");
    assertRefused(
        () -> op.forward(FP64, shape, arena.allocate(200, 8).asSlice(4, 192), good),
        "x is not aligned to its elements of 8 bytes");
    assertRefused(
        () -> op.forward(FP64, new RowShape(2, -3, 4), good, good),
        "an extent of x is -3; at least 0 is allowed");
    assertRefused(
        () -> op.forward(FP64, new RowShape(1L << 40, 1L << 40, 4), good, good),
        "x would be too large: [1099511627776, 1099511627776, 4] elements");
    op.forward(FP64, shape, good.asReadOnly(), good); // what is only read may be read-only
  }

  @Test
  void refusesIndicesOutOfRange() {
    Ops ops = open(Backend.CPU);
    assertThatThrownBy(
            () ->
                ops.crossEntropy()
                    .run(FP64, new CrossEntropyOp.Shape(1, 1, 2), room(2), ints(2), null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2")
        .hasMessageContaining("0 to 1");
    assertThatThrownBy(
            () ->
                ops.embedding()
                    .forward(
                        FP64,
                        new EmbeddingOp.Shape(1, 1, 1, 2, 2),
                        ints(0),
                        ints(-1),
                        room(2),
                        room(2),
                        room(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1")
        .hasMessageContaining("0 to 1");
    assertThatThrownBy(
            () ->
                ops.attention()
                    .forward(
                        FP64,
                        new AttentionOp.Shape(1, 1, 2, 1, 1, 1),
                        ints(2),
                        room(1),
                        room(2),
                        room(2),
                        room(1),
                        room(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2")
        .hasMessageContaining("1");
  }

  /** Each gradient against central differences of the value. */
  private static void assertGradients(
      Map<MemorySegment, MemorySegment> gradients, DoubleSupplier value) {
    double h = 1e-5;
    gradients.forEach(
        (input, gradient) -> {
          for (int i = 0; i < input.byteSize() / Double.BYTES; i++) {
            double x = at(input, i);
            input.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x + h);
            double above = value.getAsDouble();
            input.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x - h);
            double below = value.getAsDouble();
            input.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x);
            assertThat(at(gradient, i)).isCloseTo((above - below) / (2 * h), within(1e-8));
          }
        });
  }

  /** The sum of an op's outputs, weighted by the gradients given to its backward op. */
  private static DoubleSupplier weighted(Runnable forward, MemorySegment dy, MemorySegment y) {
    return () -> {
      forward.run();
      return dot(dy, y, Math.toIntExact(y.byteSize() / Double.BYTES));
    };
  }

  private static double dot(MemorySegment a, MemorySegment b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += at(a, i) * at(b, i);
    }
    return sum;
  }

  private static double at(MemorySegment doubles, int index) {
    return doubles.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
  }

  private MemorySegment random(int count) {
    return arena.allocateFrom(ValueLayout.JAVA_DOUBLE, random.doubles(count, -1, 1).toArray());
  }

  private MemorySegment room(int count) {
    double[] values = new double[count];
    Arrays.fill(values, Double.NaN);
    return arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
  }

  private MemorySegment doubles(double... values) {
    return arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
  }

  private MemorySegment ints(int... values) {
    return arena.allocateFrom(ValueLayout.JAVA_INT, values);
  }

  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.engine.Tiny.Architecture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Training and evaluation as a user sees them. */
class TrainingTest {

  private static final int[] ALL = Tiny.rows(0, 49);

  private Engine engine;
  private Dataset dataset;

  @BeforeEach
  void open() {
    engine = Tiny.engine(2);
    dataset = engine.dataset(Tiny.TABLE);
  }

  @AfterEach
  void close() {
    dataset.close();
    engine.close();
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSFORMER, FP32",
    "TRANSFORMER, FP64",
    "MLP, FP32",
    "MLP, FP64",
    "LSTM, FP32",
    "LSTM, FP64",
  })
  void learnsATinyTable(Architecture architecture, Precision precision) {
    ReplicaOptions undecayed = new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 0), 0, 0);
    TrainerOptions options =
        Tiny.options(architecture, precision, BatchLayout.AUTO, List.of(undecayed, undecayed));
    try (Trainer trainer = engine.trainer(dataset, options);
        Chunk chunk = trainer.chunk(600, 49)) {
      for (int replica = 0; replica < 2; replica++) {
        trainer.initialize(replica, replica);
        trainer.setSplit(replica, 0, ALL);
        for (int step = 0; step < 600; step++) {
          chunk.batch(replica, step, ALL, 0, 49, 1e-2);
        }
      }
      Evaluation before = trainer.evaluate(1, null);

      trainer.run(chunk);

      Evaluation after = trainer.evaluate(1, null);
      for (int replica = 0; replica < 2; replica++) {
        assertThat(chunk.loss(replica, 0)).isCloseTo(before.loss(replica, 0), within(1e-5));
        assertThat(before.loss(replica, 0)).isGreaterThan(Math.log(7) * 0.8);
        assertThat(after.loss(replica, 0)).isLessThan(0.05);
        assertThat(after.accuracy(replica, 0)).isEqualTo(1);
        assertThat(trainer.step(replica)).isEqualTo(600);
      }
    }
  }

  @Test
  void evaluatesWhatTheLogitsSay() {
    try (Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP64, 2))) {
      trainer.initialize(0, 1);
      trainer.initialize(1, 2);
      int[][] splits = {{3, 1, 4, 15, 9, 2, 6}, {40, 41, 42}};
      for (int split = 0; split < 2; split++) {
        trainer.setSplit(1, split, splits[split]);
      }

      Evaluation evaluation = trainer.evaluate(2, new boolean[] {false, true});

      for (int split = 0; split < 2; split++) {
        double[][] logits = trainer.logits(1, splits[split]);
        double loss = 0;
        int correct = 0;
        for (int i = 0; i < logits.length; i++) {
          int target = Tiny.TABLE.targets()[splits[split][i]];
          loss += crossEntropy(logits[i], target) / logits.length;
          correct += argMax(logits[i]) == target ? 1 : 0;
        }
        assertThat(evaluation.loss(1, split)).isCloseTo(loss, within(1e-13));
        assertThat(evaluation.accuracy(1, split))
            .isEqualTo((double) correct / splits[split].length);
        assertThat(evaluation.loss(0, split)).isNaN();
        assertThat(evaluation.accuracy(0, split)).isNaN();
      }
      assertThat(evaluation.weightNorm(0)).isNaN();
      assertThat(evaluation.weightNorm(1))
          .isCloseTo(norm(trainer.readDoubles(1, Buffer.PARAMETERS)), within(1e-12));
    }
  }

  @Test
  void gradientIsThatOfTheNextStepAndChangesNothingElse() {
    try (Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP64, 1));
        Chunk chunk = trainer.chunk(1, 10)) {
      trainer.initialize(0, 5);
      double[] before = trainer.readDoubles(0, Buffer.PARAMETERS);

      double loss = trainer.gradient(0, Tiny.rows(0, 10));

      double[] gradients = trainer.readDoubles(0, Buffer.GRADIENTS);
      assertThat(trainer.readDoubles(0, Buffer.PARAMETERS)).isEqualTo(before);
      assertThat(trainer.step(0)).isZero();
      chunk.batch(0, 0, Tiny.rows(0, 10), 0, 10, 1e-3);
      trainer.run(chunk);
      assertThat(chunk.loss(0, 0)).isEqualTo(loss);
      assertThat(trainer.readDoubles(0, Buffer.GRADIENTS)).isEqualTo(gradients);
      double[] first = trainer.readDoubles(0, Buffer.FIRST_MOMENTS);
      double[] second = trainer.readDoubles(0, Buffer.SECOND_MOMENTS);
      double[] after = trainer.readDoubles(0, Buffer.PARAMETERS);
      for (int i = 0; i < gradients.length; i++) {
        double g = gradients[i];
        assertThat(first[i]).isCloseTo(0.1 * g, within(1e-15));
        assertThat(second[i]).isCloseTo(0.02 * g * g, within(1e-15));
        // After one step both corrected moments are g and g².
        double expected = before[i] * (1 - 1e-3 * 0.1) - 1e-3 * g / (Math.abs(g) + 1e-8);
        assertThat(after[i]).isCloseTo(expected, within(1e-13));
      }
    }
  }

  /** Every optimizer in one trainer, each with and without clipping, against the op by itself. */
  @ParameterizedTest
  @EnumSource
  void replicasFollowOptimizersOfTheirOwn(Architecture architecture) {
    List<ReplicaOptions> replicas = new ArrayList<>();
    for (Optimizer optimizer : Tiny.OPTIMIZERS) {
      replicas.add(new ReplicaOptions(optimizer, 0, 0));
      replicas.add(new ReplicaOptions(optimizer, 0, 0, 0, 0.1));
    }
    try (Trainer trainer =
            engine.trainer(
                dataset, Tiny.options(architecture, Precision.FP64, BatchLayout.AUTO, replicas));
        Chunk chunk = trainer.chunk(3, 10)) {
      List<Map<Buffer, double[]>> states = new ArrayList<>();
      for (int r = 0; r < replicas.size(); r++) {
        trainer.initialize(r, r);
        states.add(state(trainer, r, replicas.get(r).optimizer()));
      }
      for (int step = 1; step <= 3; step++) {
        chunk.clear();
        chunk.steps(1);
        for (int r = 0; r < replicas.size(); r++) {
          double rate = 1e-2 / (r + step);
          chunk.batch(r, 0, ALL, 10 * step, 10, rate);
          trainer.gradient(r, Tiny.rows(10 * step, 10 * step + 10));
          double[] gradient = trainer.readDoubles(r, Buffer.GRADIENTS);
          assertThat(norm(gradient)).isGreaterThan(0.1); // there is something to clip
          step(replicas.get(r), step, rate, gradient, states.get(r));
        }

        trainer.run(chunk);

        for (int r = 0; r < replicas.size(); r++) {
          Map<Buffer, double[]> actual = state(trainer, r, replicas.get(r).optimizer());
          String name = replicas.get(r).toString();
          states
              .get(r)
              .forEach((buffer, expected) -> assertClose(actual.get(buffer), expected, name));
        }
      }
    }
  }

  private static void assertClose(double[] actual, double[] expected, String name) {
    assertThat(actual).as(name).hasSameSizeAs(expected);
    double[] differences = new double[actual.length];
    Arrays.setAll(differences, i -> Math.abs(actual[i] - expected[i]));
    assertThat(Arrays.stream(differences).sum())
        .as(name)
        .isLessThan(1e-13 * (1 + Tiny.maxAbs(expected)));
  }

  private static Map<Buffer, double[]> state(Trainer trainer, int replica, Optimizer optimizer) {
    Map<Buffer, double[]> state = new EnumMap<>(Buffer.class);
    state.put(Buffer.PARAMETERS, trainer.readDoubles(replica, Buffer.PARAMETERS));
    for (Buffer buffer : optimizer.buffers()) {
      state.put(buffer, trainer.readDoubles(replica, buffer));
    }
    return state;
  }

  /** One step of one replica by the op. */
  private void step(
      ReplicaOptions options,
      long step,
      double rate,
      double[] gradient,
      Map<Buffer, double[]> state) {
    try (Arena arena = Arena.ofConfined()) {
      Map<Buffer, MemorySegment> buffers = new EnumMap<>(Buffer.class);
      state.forEach(
          (buffer, values) ->
              buffers.put(buffer, arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values)));
      engine
          .ops()
          .optimizer()
          .step(
              Precision.FP64,
              new OptimizerOp.Shape(1, gradient.length),
              new OptimizerOp.Settings(
                  List.of(options.optimizer()),
                  new double[] {options.clipNorm()},
                  new long[] {step},
                  new double[] {rate}),
              arena.allocateFrom(ValueLayout.JAVA_DOUBLE, gradient),
              buffers.get(Buffer.PARAMETERS),
              buffers.get(Buffer.FIRST_MOMENTS),
              buffers.get(Buffer.SECOND_MOMENTS),
              buffers.get(Buffer.MOMENTUM));
      buffers.forEach(
          (buffer, memory) -> state.put(buffer, memory.toArray(ValueLayout.JAVA_DOUBLE)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void buffersAreReadAndWrittenWithoutLoss(Precision precision) {
    RmsProp keepsAll = new RmsProp(0.9, 1e-8, 0, 0.5, true);
    ReplicaOptions replica = new ReplicaOptions(keepsAll, 0, 0);
    try (Trainer trainer =
        engine.trainer(
            dataset, Tiny.options(precision, BatchLayout.AUTO, List.of(replica, replica)))) {
      trainer.initialize(0, 1);
      int parameters = Math.toIntExact(trainer.parameterCount());
      for (Buffer buffer : Buffer.values()) {
        double[] values = new double[parameters];
        for (int i = 0; i < parameters; i++) {
          values[i] = (float) Math.sin(i * buffer.name().length());
        }

        trainer.write(1, buffer, values);

        assertThat(trainer.readDoubles(1, buffer)).isEqualTo(values);
        float[] floats = trainer.readFloats(1, buffer);
        ByteBuffer bytes = ByteBuffer.wrap(trainer.read(1, buffer)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < parameters; i++) {
          assertThat((double) floats[i]).isEqualTo(values[i]);
          assertThat(precision == Precision.FP32 ? bytes.getFloat() : bytes.getDouble())
              .isEqualTo(values[i]);
        }
        trainer.write(0, buffer, trainer.read(1, buffer));
        assertThat(trainer.readDoubles(0, buffer)).isEqualTo(values);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("dev.groklab.engine.Tiny#OPTIMIZERS")
  void initializingForgetsThePast(Optimizer optimizer) {
    List<ReplicaOptions> replicas = List.of(new ReplicaOptions(optimizer, 0, 0));
    try (Trainer trainer =
            engine.trainer(dataset, Tiny.options(Precision.FP32, BatchLayout.AUTO, replicas));
        Chunk chunk = trainer.chunk(3, 49)) {
      trainer.initialize(0, 1);
      byte[] fresh = trainer.read(0, Buffer.PARAMETERS);
      for (int step = 0; step < 3; step++) {
        chunk.batch(0, step, ALL, 0, 49, 1e-2);
      }
      trainer.run(chunk);
      assertThat(trainer.read(0, Buffer.PARAMETERS)).isNotEqualTo(fresh);
      for (Buffer buffer : optimizer.buffers()) {
        assertThat(Tiny.maxAbs(trainer.readDoubles(0, buffer))).as("%s", buffer).isPositive();
      }

      trainer.initialize(0, 1);

      assertThat(trainer.read(0, Buffer.PARAMETERS)).isEqualTo(fresh);
      for (Buffer buffer : optimizer.buffers()) {
        assertThat(trainer.readDoubles(0, buffer)).as("%s", buffer).containsOnly(0);
      }
      assertThat(trainer.step(0)).isZero();
    }
  }

  /** A chunk of no steps is allowed, as is a loss that is not finite. */
  @Test
  void oddChunks() {
    try (Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP32, 1));
        Chunk chunk = trainer.chunk(2, 49)) {
      trainer.initialize(0, 1);
      chunk.steps(0);
      trainer.run(chunk);
      assertThat(trainer.step(0)).isZero();

      double[] weights = trainer.readDoubles(0, Buffer.PARAMETERS);
      weights[0] = Double.NaN;
      trainer.write(0, Buffer.PARAMETERS, weights);
      chunk.clear();
      chunk.batch(0, 0, ALL, 0, 49, 1e-2);
      chunk.batch(0, 1, ALL, 0, 49, 1e-2);
      trainer.run(chunk);
      assertThat(chunk.loss(0, 1)).isNaN();
      assertThat(trainer.step(0)).isEqualTo(2);
    }
  }

  private static double crossEntropy(double[] logits, int target) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - logits[target]);
    }
    return Math.log(sum);
  }

  private static int argMax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.ModularAddition;
import dev.groklab.data.Split;
import dev.groklab.engine.Tiny.Architecture;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same bits for any number of threads, any replicas beside, any division into chunks, and a run
 * that was stopped and resumed.
 */
class DeterminismTest {

  private static final int STEPS = 24;

  /** Replicas that differ in everything that may differ; some drop out, some clip. */
  private static final List<ReplicaOptions> REPLICAS =
      List.of(
          new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 0.1), 0, 1),
          new ReplicaOptions(new Adam(0.8, 0.99, 1e-6, 1), 0.3, 2, 0, 0.1),
          new ReplicaOptions(new RmsProp(0.99, 1e-8, 0.1, 0.9, true), 0.1, 3),
          new ReplicaOptions(new Sgd(0, false, 0.01), 0, 4, 10, 0.5),
          new ReplicaOptions(new Sgd(0.9, true, 0.1), 0, 5),
          new ReplicaOptions(new RmsProp(0.9, 1e-6, 0, 0, false), 0, 6),
          new ReplicaOptions(new AdamW(0, 0.9, 1e-7, 0.01), 0.2, 7));

  private static final int[] ALL = {0, 1, 2, 3, 4, 5, 6};

  /** All that a replica has after a run, as bits. */
  private record Result(
      List<Double> losses, Map<Buffer, byte[]> buffers, List<Double> evaluation) {}

  static Stream<Arguments> settings() {
    return Arrays.stream(Architecture.values())
        .flatMap(
            architecture ->
                Arrays.stream(Precision.values())
                    .map(precision -> arguments(architecture, precision)));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void threadsDoNotMatter(Architecture architecture, Precision precision) {
    List<Result> one = train(1, architecture, precision, ALL, STEPS);

    assertSame(train(2, architecture, precision, ALL, STEPS), one);
    assertSame(train(3, architecture, precision, ALL, STEPS), one);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void replicasBesideDoNotMatter(Architecture architecture, Precision precision) {
    List<Result> together = train(2, architecture, precision, ALL, STEPS);

    for (int replica : ALL) {
      assertSame(
          train(2, architecture, precision, new int[] {replica}, STEPS),
          List.of(together.get(replica)));
    }
    assertSame(
        train(2, architecture, precision, new int[] {3, 1}, STEPS),
        List.of(together.get(3), together.get(1)));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void chunksDoNotMatter(Architecture architecture, Precision precision) {
    List<Result> whole = train(2, architecture, precision, ALL, STEPS);

    assertSame(train(2, architecture, precision, ALL, 1), whole);
    assertSame(train(2, architecture, precision, ALL, 7), whole);
  }

  /** The report's own size, at which one replica's work is shared out among threads. */
  @ParameterizedTest
  @CsvSource({
    "TRANSFORMER, 0",
    "TRANSFORMER, 0.1",
    "MLP, 0",
    "MLP, 0.1",
    "LSTM, 0",
    "LSTM, 0.1",
  })
  void threadsAndReplicasDoNotMatterAtFullSizeEither(Architecture architecture, double dropout) {
    List<Object> one = trainFullSize(1, 1, architecture, dropout);

    assertThat(trainFullSize(2, 1, architecture, dropout)).isEqualTo(one);
    assertThat(trainFullSize(3, 1, architecture, dropout)).isEqualTo(one);
    assertThat(trainFullSize(2, 3, architecture, dropout)).isEqualTo(one);
  }

  /** Weights and evaluation, as bits, of the last of some replicas after a few steps. */
  private static List<Object> trainFullSize(
      int threads, int replicas, Architecture architecture, double dropout) {
    ModularAddition task = new ModularAddition(97, 2);
    Split split = Split.random(task.table().rows(), 0.5, 1);
    int[] evaluated = split.validation();
    if (architecture == Architecture.LSTM) { // whose steps and rows cost most
      evaluated = Arrays.copyOf(evaluated, 600);
    }
    int steps = 3;
    List<ReplicaOptions> options = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      int seed = replicas - replica;
      options.add(new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 1), dropout, seed, 256, 1));
    }
    try (Engine engine = Tiny.engine(threads);
        Dataset dataset = engine.dataset(task.table());
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    architecture.of(99, 5, 2, 128, 4, 512),
                    Precision.FP32,
                    BatchLayout.AUTO,
                    options));
        Chunk chunk = trainer.chunk(steps, 256)) {
      for (int replica = 0; replica < replicas; replica++) {
        int seed = replicas - replica;
        trainer.initialize(replica, seed);
        trainer.setSplit(replica, 0, evaluated);
        BatchOrder order = BatchOrder.shuffled(split.train(), 256, seed);
        int[] rows = new int[256];
        for (int step = 0; step < steps; step++) {
          chunk.batch(replica, step, rows, 0, order.rows(step, rows), 5e-4);
        }
      }
      trainer.run(chunk);
      int last = replicas - 1;
      Evaluation evaluation = trainer.evaluate(1, null);
      return List.of(
          ByteBuffer.wrap(trainer.read(last, Buffer.PARAMETERS)), // equal if the contents are
          chunk.loss(last, steps - 1),
          evaluation.loss(last, 0),
          evaluation.accuracy(last, 0),
          evaluation.weightNorm(last));
    }
  }

  @Test
  void inactiveReplicasStayAsTheyAre() {
    try (Engine engine = Tiny.engine(2);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer = trainer(engine, dataset, Architecture.TRANSFORMER, Precision.FP32, ALL);
        Chunk chunk = trainer.chunk(STEPS, 10)) {
      List<Result> expected = train(2, Architecture.TRANSFORMER, Precision.FP32, ALL, STEPS);
      byte[] before = trainer.read(2, Buffer.PARAMETERS);
      Tiny.fill(chunk, ALL.length, ALL, 0, STEPS);
      chunk.setActive(2, false);

      trainer.run(chunk);

      assertThat(trainer.read(2, Buffer.PARAMETERS)).isEqualTo(before);
      assertThat(trainer.step(2)).isZero();
      assertThat(chunk.loss(2, 0)).isNaN();
      assertThat(trainer.read(1, Buffer.PARAMETERS))
          .isEqualTo(expected.get(1).buffers().get(Buffer.PARAMETERS));
      assertThat(trainer.read(4, Buffer.PARAMETERS))
          .isEqualTo(expected.get(4).buffers().get(Buffer.PARAMETERS));
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aResumedRunGoesOnAsIfNothingHadHappened(Architecture architecture, Precision precision) {
    List<Result> whole = train(2, architecture, precision, ALL, STEPS);
    int stop = 11;
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer first = trainer(engine, dataset, architecture, precision, ALL);
        Trainer second = trainer(engine, dataset, architecture, precision, ALL);
        Chunk before = first.chunk(stop, 10);
        Chunk after = second.chunk(STEPS - stop, 10)) {
      Tiny.fill(before, ALL.length, ALL, 0, stop);
      first.run(before);
      for (int replica : ALL) {
        second.write(replica, Buffer.PARAMETERS, first.read(replica, Buffer.PARAMETERS));
        for (Buffer buffer : REPLICAS.get(replica).optimizer().buffers()) {
          second.write(replica, buffer, first.read(replica, buffer));
        }
        second.setStep(replica, first.step(replica));
      }
      Tiny.fill(after, ALL.length, ALL, stop, STEPS - stop);
      second.run(after);

      for (int replica : ALL) {
        assertThat(second.read(replica, Buffer.PARAMETERS))
            .isEqualTo(whole.get(replica).buffers().get(Buffer.PARAMETERS));
        assertThat(after.loss(replica, STEPS - stop - 1))
            .isEqualTo(whole.get(replica).losses().getLast());
      }
    }
  }

  /** Without dropout its seed means nothing; with it, it does. */
  @Test
  void dropoutOfZeroIsNoDropout() {
    Result none = trainOne(new ReplicaOptions(Tiny.ADAM_W, 0, 1));

    assertSame(List.of(trainOne(new ReplicaOptions(Tiny.ADAM_W, 0, 2))), List.of(none));
    Result some = trainOne(new ReplicaOptions(Tiny.ADAM_W, 0.2, 1));
    Result others = trainOne(new ReplicaOptions(Tiny.ADAM_W, 0.2, 2));
    assertThat(some.losses()).isNotEqualTo(none.losses()).isNotEqualTo(others.losses());
  }

  private static Result trainOne(ReplicaOptions replica) {
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer =
            engine.trainer(
                dataset, Tiny.options(Precision.FP32, BatchLayout.AUTO, List.of(replica)))) {
      trainer.initialize(0, 0);
      return run(trainer, List.of(replica), new int[] {0}, STEPS).getFirst();
    }
  }

  private static List<Result> train(
      int threads, Architecture architecture, Precision precision, int[] replicas, int chunkSteps) {
    try (Engine engine = Tiny.engine(threads);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer = trainer(engine, dataset, architecture, precision, replicas)) {
      return run(trainer, REPLICAS, replicas, chunkSteps);
    }
  }

  private static Trainer trainer(
      Engine engine,
      Dataset dataset,
      Architecture architecture,
      Precision precision,
      int[] replicas) {
    List<ReplicaOptions> options = new ArrayList<>();
    for (int replica : replicas) {
      options.add(REPLICAS.get(replica));
    }
    Trainer trainer =
        engine.trainer(dataset, Tiny.options(architecture, precision, BatchLayout.AUTO, options));
    for (int i = 0; i < replicas.length; i++) {
      trainer.initialize(i, replicas[i]);
    }
    return trainer;
  }

  /**
   * @param options those of the replicas with the numbers in {@code replicas}
   */
  private static List<Result> run(
      Trainer trainer, List<ReplicaOptions> options, int[] replicas, int chunkSteps) {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < replicas.length; i++) {
      results.add(new Result(new ArrayList<>(), new EnumMap<>(Buffer.class), new ArrayList<>()));
      trainer.setSplit(i, 0, Tiny.rows(0, 49));
    }
    try (Chunk chunk = trainer.chunk(chunkSteps, 10)) {
      for (int first = 0; first < STEPS; first += chunkSteps) {
        int steps = Math.min(chunkSteps, STEPS - first);
        Tiny.fill(chunk, replicas.length, replicas, first, steps);
        trainer.run(chunk);
        for (int i = 0; i < replicas.length; i++) {
          for (int step = 0; step < steps; step++) {
            results.get(i).losses().add(chunk.loss(i, step));
          }
        }
      }
    }
    Evaluation evaluation = trainer.evaluate(1, null);
    for (int i = 0; i < replicas.length; i++) {
      for (Buffer buffer : buffers(options.get(replicas[i]).optimizer())) {
        results.get(i).buffers().put(buffer, trainer.read(i, buffer));
      }
      results.get(i).evaluation().add(evaluation.loss(i, 0));
      results.get(i).evaluation().add(evaluation.accuracy(i, 0));
      results.get(i).evaluation().add(evaluation.weightNorm(i));
    }
    return results;
  }

  private static List<Buffer> buffers(Optimizer optimizer) {
    List<Buffer> buffers = new ArrayList<>(List.of(Buffer.PARAMETERS, Buffer.GRADIENTS));
    buffers.addAll(optimizer.buffers());
    return buffers;
  }

  private static void assertSame(List<Result> actual, List<Result> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).losses()).isEqualTo(expected.get(i).losses());
      assertThat(actual.get(i).evaluation()).isEqualTo(expected.get(i).evaluation());
      assertThat(actual.get(i).buffers()).hasSameSizeAs(expected.get(i).buffers());
      for (Buffer buffer : expected.get(i).buffers().keySet()) {
        assertThat(actual.get(i).buffers().get(buffer))
            .as("%s of replica %d", buffer, i)
            .isEqualTo(expected.get(i).buffers().get(buffer));
      }
    }
  }
}

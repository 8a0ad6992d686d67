package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.ModularAddition;
import dev.groklab.data.Split;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same bits for any number of threads, any replicas beside, any division into chunks, and a run
 * that was stopped and resumed.
 */
class DeterminismTest {

  private static final int STEPS = 24;

  /** Replicas that differ in everything that may differ; some drop out. */
  private static final List<ReplicaOptions> REPLICAS =
      List.of(
          new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 0.1), 0, 1),
          new ReplicaOptions(new AdamW(0.8, 0.99, 1e-6, 1), 0.3, 2),
          new ReplicaOptions(new AdamW(0.9, 0.999, 1e-8, 0), 0.1, 3),
          new ReplicaOptions(new AdamW(0, 0.9, 1e-7, 0.01), 0, 4),
          new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 0.1), 0, 5));

  private static final int[] ALL = {0, 1, 2, 3, 4};

  /** All that a replica has after a run, as bits. */
  private record Result(
      List<Double> losses, Map<Buffer, byte[]> buffers, List<Double> evaluation) {}

  @ParameterizedTest
  @EnumSource
  void threadsDoNotMatter(Precision precision) {
    List<Result> one = train(1, precision, ALL, STEPS);

    assertSame(train(2, precision, ALL, STEPS), one);
    assertSame(train(3, precision, ALL, STEPS), one);
  }

  @ParameterizedTest
  @EnumSource
  void replicasBesideDoNotMatter(Precision precision) {
    List<Result> together = train(2, precision, ALL, STEPS);

    for (int replica : ALL) {
      assertSame(train(2, precision, new int[] {replica}, STEPS), List.of(together.get(replica)));
    }
    assertSame(
        train(2, precision, new int[] {3, 1}, STEPS), List.of(together.get(3), together.get(1)));
  }

  @ParameterizedTest
  @EnumSource
  void chunksDoNotMatter(Precision precision) {
    List<Result> whole = train(2, precision, ALL, STEPS);

    assertSame(train(2, precision, ALL, 1), whole);
    assertSame(train(2, precision, ALL, 7), whole);
  }

  /** The report's own size, at which one replica's work is shared out among threads. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1})
  void threadsAndReplicasDoNotMatterAtFullSizeEither(double dropout) {
    List<Object> one = trainFullSize(1, 1, dropout);

    assertThat(trainFullSize(2, 1, dropout)).isEqualTo(one);
    assertThat(trainFullSize(3, 1, dropout)).isEqualTo(one);
    assertThat(trainFullSize(2, 3, dropout)).isEqualTo(one);
  }

  /** Weights and evaluation, as bits, of the last of some replicas after a few steps. */
  private static List<Object> trainFullSize(int threads, int replicas, double dropout) {
    ModularAddition task = new ModularAddition(97, 2);
    Split split = Split.random(task.table().rows(), 0.5, 1);
    int steps = 3;
    List<ReplicaOptions> options = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      int seed = replicas - replica;
      options.add(new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 1), dropout, seed));
    }
    try (Engine engine = Tiny.engine(threads);
        Dataset dataset = engine.dataset(task.table());
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    new Transformer(99, 5, 2, 128, 4, 512),
                    Precision.FP32,
                    BatchLayout.AUTO,
                    options));
        Chunk chunk = trainer.chunk(steps, 256)) {
      for (int replica = 0; replica < replicas; replica++) {
        int seed = replicas - replica;
        trainer.initialize(replica, seed);
        trainer.setSplit(replica, 0, split.validation());
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
        Trainer trainer = trainer(engine, dataset, Precision.FP32, ALL);
        Chunk chunk = trainer.chunk(STEPS, 10)) {
      List<Result> expected = train(2, Precision.FP32, ALL, STEPS);
      byte[] before = trainer.read(2, Buffer.PARAMETERS);
      Tiny.fill(chunk, 5, ALL, 0, STEPS);
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
  @EnumSource
  void aResumedRunGoesOnAsIfNothingHadHappened(Precision precision) {
    List<Result> whole = train(2, precision, ALL, STEPS);
    int stop = 11;
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer first = trainer(engine, dataset, precision, ALL);
        Trainer second = trainer(engine, dataset, precision, ALL);
        Chunk before = first.chunk(stop, 10);
        Chunk after = second.chunk(STEPS - stop, 10)) {
      Tiny.fill(before, 5, ALL, 0, stop);
      first.run(before);
      for (int replica = 0; replica < 5; replica++) {
        for (Buffer buffer :
            List.of(Buffer.PARAMETERS, Buffer.FIRST_MOMENTS, Buffer.SECOND_MOMENTS)) {
          second.write(replica, buffer, first.read(replica, buffer));
        }
        second.setStep(replica, first.step(replica));
      }
      Tiny.fill(after, 5, ALL, stop, STEPS - stop);
      second.run(after);

      for (int replica = 0; replica < 5; replica++) {
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
      return run(trainer, new int[] {0}, STEPS).getFirst();
    }
  }

  private static List<Result> train(
      int threads, Precision precision, int[] replicas, int chunkSteps) {
    try (Engine engine = Tiny.engine(threads);
        Dataset dataset = engine.dataset(Tiny.TABLE);
        Trainer trainer = trainer(engine, dataset, precision, replicas)) {
      return run(trainer, replicas, chunkSteps);
    }
  }

  private static Trainer trainer(
      Engine engine, Dataset dataset, Precision precision, int[] replicas) {
    List<ReplicaOptions> options = new ArrayList<>();
    for (int replica : replicas) {
      options.add(REPLICAS.get(replica));
    }
    Trainer trainer = engine.trainer(dataset, Tiny.options(precision, BatchLayout.AUTO, options));
    for (int i = 0; i < replicas.length; i++) {
      trainer.initialize(i, replicas[i]);
    }
    return trainer;
  }

  private static List<Result> run(Trainer trainer, int[] replicas, int chunkSteps) {
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
      for (Buffer buffer : Buffer.values()) {
        results.get(i).buffers().put(buffer, trainer.read(i, buffer));
      }
      results.get(i).evaluation().add(evaluation.loss(i, 0));
      results.get(i).evaluation().add(evaluation.accuracy(i, 0));
      results.get(i).evaluation().add(evaluation.weightNorm(i));
    }
    return results;
  }

  private static void assertSame(List<Result> actual, List<Result> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).losses()).isEqualTo(expected.get(i).losses());
      assertThat(actual.get(i).evaluation()).isEqualTo(expected.get(i).evaluation());
      for (Buffer buffer : Buffer.values()) {
        assertThat(actual.get(i).buffers().get(buffer))
            .as("%s of replica %d", buffer, i)
            .isEqualTo(expected.get(i).buffers().get(buffer));
      }
    }
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.groklab.data.TokenTable;
import dev.groklab.engine.Tiny.Architecture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every argument outside what is allowed is refused by its name, with its value. */
class TrainerArgumentsTest {

  private Engine engine;
  private Dataset dataset;
  private Trainer trainer;
  private Chunk chunk;

  @BeforeEach
  void open() {
    engine = Tiny.engine(1);
    dataset = engine.dataset(Tiny.TABLE);
    trainer = engine.trainer(dataset, Tiny.options(Precision.FP32, 2));
    trainer.initialize(0, 0);
    trainer.initialize(1, 1);
    chunk = trainer.chunk(3, 4);
  }

  @AfterEach
  void close() {
    chunk.close();
    trainer.close();
    dataset.close();
    engine.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "8|5|2|8|2|12|options.model.vocabulary is 8; the data set's is 9",
        "9|3|2|8|2|12|options.model.positions is 3; allowed are 4 to 16777216",
        "9|5|65|8|2|12|options.model.layers is 65; allowed are 1 to 64",
        "9|5|2|8193|1|12|options.model.width is 8193; allowed are 1 to 8192",
        "9|5|2|8|3|12|options.model.heads is 3, which does not divide the width 8",
        "9|5|2|8|9|12|options.model.heads is 9; allowed are 1 to 8",
        "9|5|2|8|2|65537|options.model.hidden is 65537; allowed are 1 to 65536",
        "0|5|2|8|2|12|vocabulary is 0; at least 1 is allowed",
        "9|-1|2|8|2|12|positions is -1; at least 1 is allowed",
        "9|5|0|8|2|12|layers is 0; at least 1 is allowed",
        "9|5|2|-8|2|12|width is -8; at least 1 is allowed",
        "9|5|2|8|0|12|heads is 0; at least 1 is allowed",
        "9|5|2|8|2|0|hidden is 0; at least 1 is allowed",
      })
  void refusesModels(
      int vocabulary, int positions, int layers, int width, int heads, int hidden, String message) {
    assertRefused(
        () ->
            engine.trainer(
                dataset,
                new TrainerOptions(
                    new Transformer(vocabulary, positions, layers, width, heads, hidden),
                    Precision.FP32,
                    BatchLayout.AUTO,
                    List.of(Tiny.REPLICA))),
        message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "8|5|2|8|12|options.model.vocabulary is 8; the data set's is 9",
        "9|3|2|8|12|options.model.positions is 3; allowed are 4 to 16777216",
        "9|5|65|8|12|options.model.layers is 65; allowed are 1 to 64",
        "9|5|2|8193|12|options.model.width is 8193; allowed are 1 to 8192",
        "9|5|2|8|65537|options.model.hidden is 65537; allowed are 1 to 65536",
        "0|5|2|8|12|vocabulary is 0; at least 1 is allowed",
        "9|-1|2|8|12|positions is -1; at least 1 is allowed",
        "9|5|0|8|12|layers is 0; at least 1 is allowed",
        "9|5|2|-8|12|width is -8; at least 1 is allowed",
        "9|5|2|8|0|hidden is 0; at least 1 is allowed",
      })
  void refusesModelsWithoutHeads(
      int vocabulary, int positions, int layers, int width, int hidden, String message) {
    for (Architecture architecture : List.of(Architecture.MLP, Architecture.LSTM)) {
      assertRefused(
          () ->
              engine.trainer(
                  dataset,
                  new TrainerOptions(
                      architecture.of(vocabulary, positions, layers, width, 0, hidden),
                      Precision.FP32,
                      BatchLayout.AUTO,
                      List.of(Tiny.REPLICA))),
          message);
    }
  }

  /** An MLP's width is that of all tokens together. */
  @Test
  void refusesRowsThatAreTooLongForAnMlp() {
    TokenTable table = new TokenTable(2, 4096, new int[4096], new int[1]);
    try (Dataset wide = engine.dataset(table)) {
      assertRefused(
          () ->
              engine.trainer(
                  wide,
                  new TrainerOptions(
                      new Mlp(2, 4096, 1, 17, 1),
                      Precision.FP32,
                      BatchLayout.AUTO,
                      List.of(Tiny.REPLICA))),
          "options.model.width times the sequence length is 69632; allowed are 1 to 65536");
    }
  }

  static Stream<Arguments> badReplicas() {
    String interval = "; allowed are numbers from 0 to below 1";
    String size = "; allowed are finite numbers that are not negative";
    Sgd plain = new Sgd(0, false, 0);
    List<Arguments> bad = new ArrayList<>();
    for (Optimizer optimizer : List.of(new AdamW(1, 0.98, 1e-8, 0), new Adam(1, 0.98, 1e-8, 0))) {
      bad.add(arguments(optimizer, "beta1 is 1" + interval));
    }
    bad.add(arguments(new AdamW(-0.1, 0.98, 1e-8, 0), "beta1 is -0.1" + interval));
    bad.add(arguments(new AdamW(0.9, 1.5, 1e-8, 0), "beta2 is 1.5" + interval));
    bad.add(arguments(new Adam(0.9, Double.NaN, 1e-8, 0), "beta2 is nan" + interval));
    bad.add(arguments(new AdamW(0.9, 0.98, -1, 0), "epsilon is -1" + size));
    bad.add(arguments(new Adam(0.9, 0.98, 1e-8, -2), "weight_decay is -2" + size));
    bad.add(
        arguments(
            new AdamW(0.9, 0.98, 1e-8, Double.POSITIVE_INFINITY), "weight_decay is inf" + size));
    bad.add(arguments(new Sgd(-1, false, 0), "momentum is -1" + size));
    bad.add(arguments(new Sgd(Double.NaN, false, 0), "momentum is nan" + size));
    bad.add(arguments(new Sgd(0, false, -0.5), "weight_decay is -0.5" + size));
    bad.add(
        arguments(
            new Sgd(0, true, 0),
            "nesterov is 1, but .momentum is 0; Nesterov's needs a momentum above 0"));
    bad.add(arguments(new RmsProp(1, 1e-8, 0, 0, false), "alpha is 1" + interval));
    bad.add(arguments(new RmsProp(Double.NaN, 1e-8, 0, 0, false), "alpha is nan" + interval));
    bad.add(arguments(new RmsProp(0.99, -1e-8, 0, 0, true), "epsilon is -1e-08" + size));
    bad.add(arguments(new RmsProp(0.99, 1e-8, -1, 0, true), "weight_decay is -1" + size));
    bad.add(
        arguments(
            new RmsProp(0.99, 1e-8, 0, Double.POSITIVE_INFINITY, true), "momentum is inf" + size));
    Stream<Arguments> optimizers =
        bad.stream()
            .map(
                a ->
                    arguments(
                        new ReplicaOptions((Optimizer) a.get()[0], 0, 0),
                        "optimizer." + a.get()[1]));
    Stream<Arguments> others =
        Stream.of(
            arguments(new ReplicaOptions(plain, 0, 0, 0, -1), "optimizer.clip_norm is -1" + size),
            arguments(
                new ReplicaOptions(plain, 0, 0, 0, Double.NaN),
                "optimizer.clip_norm is nan" + size),
            arguments(
                new ReplicaOptions(plain, 0, 0, 0, Double.POSITIVE_INFINITY),
                "optimizer.clip_norm is inf" + size),
            arguments(new ReplicaOptions(plain, 1, 0), "dropout is 1" + interval),
            arguments(new ReplicaOptions(plain, -0.5, 0), "dropout is -0.5" + interval));
    return Stream.concat(optimizers, others);
  }

  @ParameterizedTest
  @MethodSource("badReplicas")
  void refusesReplicas(ReplicaOptions bad, String message) {
    assertRefused(
        () ->
            engine.trainer(
                dataset,
                Tiny.options(Precision.FP32, BatchLayout.AUTO, List.of(Tiny.REPLICA, bad))),
        "options.replica_options[1]." + message);
  }

  @Test
  void refusesNumbersOfReplicas() {
    assertRefused(
        () -> engine.trainer(dataset, Tiny.options(Precision.FP32, 0)),
        "options.replicas is 0; allowed are 1 to 65536");
    assertRefused(
        () ->
            engine.trainer(
                dataset,
                Tiny.options(
                    Precision.FP32, BatchLayout.AUTO, Collections.nCopies(65537, Tiny.REPLICA))),
        "options.replicas is 65537; allowed are 1 to 65536");
  }

  @Test
  void saysHowMuchMemoryThereWouldHaveToBe() {
    Transformer petabytes = new Transformer(9, 5, 64, 8192, 2, 65536);
    assertThatThrownBy(
            () ->
                engine.trainer(
                    dataset,
                    new TrainerOptions(
                        petabytes,
                        Precision.FP64,
                        BatchLayout.AUTO,
                        Collections.nCopies(65536, Tiny.REPLICA))))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.status()).isEqualTo(EngineException.Status.OUT_OF_MEMORY))
        .hasMessageMatching(".*\\d{15,} bytes.*");
  }

  @Test
  void refusesReplicasThatAreNotThere() {
    String message = "replica is 2; allowed are 0 to 1";
    int[] rows = {0};
    assertRefused(() -> trainer.initialize(2, 0), message);
    assertRefused(() -> trainer.read(2, Buffer.PARAMETERS), message);
    assertRefused(() -> trainer.readDoubles(2, Buffer.PARAMETERS), message);
    assertRefused(() -> trainer.readFloats(2, Buffer.PARAMETERS), message);
    assertRefused(() -> trainer.write(2, Buffer.PARAMETERS, doubles()), message);
    assertRefused(() -> trainer.step(2), message);
    assertRefused(() -> trainer.setStep(2, 0), message);
    assertRefused(() -> trainer.setSplit(2, 0, rows), message);
    assertRefused(() -> trainer.gradient(2, rows), message);
    assertRefused(() -> trainer.logits(2, rows), message);
    assertRefused(() -> trainer.stepCost(2, rows), message);
    assertRefused(() -> trainer.step(-1), "replica is -1; allowed are 0 to 1");
    assertRefused(() -> chunk.setActive(2, true), message);
    assertRefused(() -> chunk.batch(2, 0, rows, 0, 1, 0.1), message);
    assertRefused(() -> chunk.loss(2, 0), message);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PARAMETERS", "GRADIENTS"})
  void refusesBuffersThatTheOptimizerDoesNotKeep(Buffer buffer) {
    List<ReplicaOptions> replicas =
        Tiny.OPTIMIZERS.stream().map(optimizer -> new ReplicaOptions(optimizer, 0, 0)).toList();
    try (Trainer mixed =
        engine.trainer(dataset, Tiny.options(Precision.FP32, BatchLayout.AUTO, replicas))) {
      double[] values = doubles();
      for (int replica = 0; replica < replicas.size(); replica++) {
        int r = replica;
        if (replicas.get(r).optimizer().buffers().contains(buffer)) {
          mixed.write(r, buffer, values);
          assertThat(mixed.readDoubles(r, buffer)).isEqualTo(values);
        } else {
          String message =
              "buffer is %d, the %s, which the optimizer of replica %d does not keep"
                  .formatted(Codes.of(buffer), words(buffer), r);
          assertRefused(() -> mixed.read(r, buffer), message);
          assertRefused(() -> mixed.write(r, buffer, values), message);
        }
      }
    }
  }

  @Test
  void refusesBuffersOfAnotherSize() {
    long parameters = trainer.parameterCount();
    assertRefused(
        () -> trainer.write(0, Buffer.PARAMETERS, new double[3]),
        "the array of values has 3 elements; it must have " + parameters);
    assertRefused(
        () -> trainer.write(0, Buffer.PARAMETERS, new byte[3]),
        "the array of bytes has 3 elements; it must have " + 4 * parameters);
  }

  @Test
  void refusesNegativeSteps() {
    assertThatThrownBy(() -> trainer.setStep(0, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("step is -1; allowed are 0 to ");
  }

  @Test
  void refusesRowsThatAreNotInTheTable() {
    assertThatThrownBy(() -> trainer.gradient(0, new int[] {0, 49}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("49")
        .hasMessageContaining("0 to 48");
    assertThatThrownBy(() -> trainer.stepCost(0, new int[] {0, 49}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows[1] is 49; the data set has rows 0 to 48");
    assertThatThrownBy(() -> trainer.logits(0, new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1")
        .hasMessageContaining("0 to 48");
    assertThatThrownBy(() -> trainer.setSplit(0, 0, new int[] {1, 2, 50}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("50")
        .hasMessageContaining("0 to 48");
  }

  @Test
  void refusesEmptyBatchesAndSplits() {
    assertThatThrownBy(() -> trainer.gradient(0, new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("count is 0; allowed are 1 to ");
    assertThatThrownBy(() -> trainer.stepCost(0, new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("count is 0; allowed are 1 to ");
    assertThatThrownBy(() -> trainer.setSplit(0, 0, new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("count is 0; allowed are 1 to ");
    assertThat(trainer.logits(0, new int[0])).isEmpty();
  }

  @Test
  void refusesSplitsThatAreNotThere() {
    assertRefused(() -> trainer.setSplit(0, 16, new int[] {0}), "split is 16; allowed are 0 to 15");
    assertRefused(
        () -> trainer.evaluate(17, null), "the number of splits is 17; allowed are 0 to 16");
    trainer.setSplit(0, 0, new int[] {0});
    assertRefused(
        () -> trainer.evaluate(1, null), "split 0 of replica 1 has no rows yet; set them first");
    assertRefused(
        () -> trainer.evaluate(1, new boolean[3]),
        "the array of active replicas has 3 elements; it must have 2");
  }

  @Test
  void refusesChunksThatAreNotFilledIn() {
    int[] rows = {0, 1, 2, 3};
    assertRefused(() -> trainer.run(chunk), "chunk.batch_sizes[0, 0] is 0; allowed are 1 to 4");
    for (int step = 0; step < 3; step++) {
      chunk.batch(0, step, rows, 0, 4, 0.1);
    }
    chunk.batch(1, 0, rows, 0, 4, 0.1);
    chunk.batch(1, 2, rows, 0, 4, 0.1);
    double[] before = trainer.readDoubles(0, Buffer.PARAMETERS);
    assertRefused(() -> trainer.run(chunk), "chunk.batch_sizes[1, 1] is 0; allowed are 1 to 4");
    chunk.batch(1, 1, rows, 0, 4, -0.1);
    assertRefused(
        () -> trainer.run(chunk),
        "chunk.learning_rates[1, 1] is -0.1; allowed are finite numbers that are not negative");
    chunk.batch(1, 1, new int[] {0, 49}, 0, 2, 0.1);
    assertThatThrownBy(() -> trainer.run(chunk))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("49")
        .hasMessageContaining("0 to 48");

    assertThat(trainer.readDoubles(0, Buffer.PARAMETERS)).isEqualTo(before);
    assertThat(trainer.step(0)).isZero();
    chunk.setActive(1, false); // what is not trained needs no batches
    trainer.run(chunk);
    assertThat(trainer.step(0)).isEqualTo(3);
    assertThat(trainer.step(1)).isZero();
  }

  @Test
  void refusesWhatDoesNotFitIntoAChunk() {
    int[] rows = {0, 1, 2, 3, 4};
    assertRefused(() -> chunk.batch(0, 3, rows, 0, 1, 0.1), "step is 3; allowed are 0 to 2");
    assertRefused(
        () -> chunk.batch(0, 0, rows, 0, 5, 0.1), "a batch of 5 rows; allowed are 1 to 4");
    assertRefused(
        () -> chunk.batch(0, 0, rows, 0, 0, 0.1), "a batch of 0 rows; allowed are 1 to 4");
    assertRefused(
        () -> chunk.batch(0, 0, rows, 3, 4, 0.1), "rows 3 to 6 of an array with 5 elements");
    assertRefused(
        () -> chunk.batch(0, 0, rows, -1, 4, 0.1), "rows -1 to 2 of an array with 5 elements");
    assertRefused(() -> chunk.steps(4), "the number of steps is 4; allowed are 0 to 3");
    assertRefused(() -> chunk.steps(-1), "the number of steps is -1; allowed are 0 to 3");
    chunk.steps(1);
    assertRefused(() -> chunk.loss(0, 1), "step is 1; allowed are 0 to 0");
  }

  @Test
  void refusesSizesOfChunks() {
    assertRefused(
        () -> trainer.chunk(0, 1), "the number of steps of a chunk is 0; at least 1 is allowed");
    assertRefused(
        () -> trainer.chunk(1, 0), "the batch capacity of a chunk is 0; at least 1 is allowed");
  }

  @Test
  void refusesAnotherTrainersChunk() {
    try (Trainer other = engine.trainer(dataset, Tiny.options(Precision.FP32, 2))) {
      assertRefused(() -> other.run(chunk), "the chunk belongs to another trainer");
    }
  }

  private static String words(Buffer buffer) {
    return buffer.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private double[] doubles() {
    return new double[Math.toIntExact(trainer.parameterCount())];
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}

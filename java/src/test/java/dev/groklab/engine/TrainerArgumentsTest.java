package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        "1|0.98|1e-8|0|0|beta1 is 1; allowed are numbers from 0 to below 1",
        "-0.1|0.98|1e-8|0|0|beta1 is -0.1; allowed are numbers from 0 to below 1",
        "0.9|1.5|1e-8|0|0|beta2 is 1.5; allowed are numbers from 0 to below 1",
        "0.9|NaN|1e-8|0|0|beta2 is nan; allowed are numbers from 0 to below 1",
        "0.9|0.98|-1|0|0|epsilon is -1; allowed are finite numbers that are not negative",
        "0.9|0.98|1e-8|-2|0|weight_decay is -2; allowed are finite numbers that are not negative",
        "0.9|0.98|1e-8|Infinity|0|weight_decay is inf;"
            + " allowed are finite numbers that are not negative",
        "0.9|0.98|1e-8|0|1|dropout is 1; allowed are numbers from 0 to below 1",
        "0.9|0.98|1e-8|0|-0.5|dropout is -0.5; allowed are numbers from 0 to below 1",
      })
  void refusesReplicas(
      double beta1, double beta2, double epsilon, double decay, double dropout, String message) {
    ReplicaOptions bad = new ReplicaOptions(new AdamW(beta1, beta2, epsilon, decay), dropout, 0);
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
    assertRefused(() -> trainer.step(-1), "replica is -1; allowed are 0 to 1");
    assertRefused(() -> chunk.setActive(2, true), message);
    assertRefused(() -> chunk.batch(2, 0, rows, 0, 1, 0.1), message);
    assertRefused(() -> chunk.loss(2, 0), message);
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

  private double[] doubles() {
    return new double[Math.toIntExact(trainer.parameterCount())];
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}

package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.data.FeatureTable;
import dev.groklab.data.PairTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of real numbers: two classes, told apart by whether the first number is the larger one. */
class FeatureTrainingTest {

  private static final int ROWS = 16;

  private Engine engine;

  @BeforeEach
  void open() {
    engine = Tiny.engine(1);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static float[] values() {
    float[] values = new float[2 * ROWS];
    for (int row = 0; row < ROWS; row++) {
      values[2 * row] = row % 4 - 1.5f;
      values[2 * row + 1] = 0.25f * row - 2;
    }
    return values;
  }

  private static int[] targets() {
    int[] targets = new int[ROWS];
    for (int row = 0; row < ROWS; row++) {
      targets[row] = values()[2 * row] > values()[2 * row + 1] ? 1 : 0;
    }
    return targets;
  }

  private static FeatureTable table(double weight) {
    double[] weights = new double[ROWS];
    Arrays.fill(weights, weight);
    return new FeatureTable(2, 2, 1, 1, values(), targets(), Optional.of(weights));
  }

  private Trainer trainer(Dataset dataset) {
    Trainer trainer =
        engine.trainer(
            dataset,
            new TrainerOptions(
                new Dense(2, 2, 16), Precision.FP64, BatchLayout.AUTO, List.of(Tiny.REPLICA)));
    trainer.initialize(0, 1);
    return trainer;
  }

  private static int[] allRows() {
    int[] rows = new int[ROWS];
    Arrays.setAll(rows, row -> row);
    return rows;
  }

  @Test
  void aNetworkLearnsThem() {
    try (Dataset dataset = engine.dataset(table(1));
        Trainer trainer = trainer(dataset);
        Chunk chunk = trainer.chunk(300, ROWS)) {
      for (int step = 0; step < 300; step++) {
        chunk.batch(0, step, allRows(), 0, ROWS, 0.01);
      }
      trainer.run(chunk);
      assertThat(chunk.loss(0, 299)).isLessThan(0.2 * chunk.loss(0, 0));
      double[][] logits = trainer.logits(0, allRows());
      for (int row = 0; row < ROWS; row++) {
        assertThat(logits[row][targets()[row]]).isGreaterThan(logits[row][1 - targets()[row]]);
      }
    }
  }

  /** Images with a bright pixel: which half it is in. */
  @Test
  void aNetworkLearnsImages() {
    float[] values = new float[ROWS * 16];
    int[] targets = new int[ROWS];
    for (int row = 0; row < ROWS; row++) {
      values[row * 16 + row] = 2;
      targets[row] = row / 8;
    }
    Cnn model = new Cnn(2, 2, 8, 32);
    try (Dataset dataset =
            engine.dataset(new FeatureTable(2, 1, 4, 4, values, targets, Optional.empty()));
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    model, Precision.FP64, BatchLayout.AUTO, List.of(Tiny.REPLICA)));
        Chunk chunk = trainer.chunk(300, ROWS)) {
      assertThat(trainer.tensors())
          .extracting(TensorInfo::shape)
          .startsWith(List.of(8, 1, 3, 3), List.of(8), List.of(16, 8, 3, 3), List.of(16))
          .endsWith(List.of(16, 32), List.of(16), List.of(2, 16), List.of(2));
      trainer.initialize(0, 1);
      for (int step = 0; step < 300; step++) {
        chunk.batch(0, step, allRows(), 0, ROWS, 0.005);
      }
      trainer.run(chunk);
      assertThat(chunk.loss(0, 299)).isLessThan(0.2 * chunk.loss(0, 0));
    }
  }

  @Test
  void predictionIsTheLogitsOfARow() {
    try (Dataset dataset = engine.dataset(table(1));
        Trainer trainer = trainer(dataset)) {
      double[] predicted = new double[2];
      trainer.predict(0, new float[] {values()[10], values()[11]}, predicted);
      assertThat(predicted).isEqualTo(trainer.logits(0, new int[] {5})[0]);
      assertThatThrownBy(() -> trainer.predict(0, new float[3], predicted))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("features has 3 elements; it must have 2");
      assertThatThrownBy(() -> trainer.predict(0, new float[2], new double[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("logits has 1 elements; it must have 2");
    }
  }

  @Test
  void rowsCanBeReplaced() {
    try (Dataset dataset = engine.dataset(table(1));
        Trainer trainer = trainer(dataset)) {
      double before = trainer.gradient(0, allRows());
      dataset.write(0, table(-2));
      assertThat(trainer.gradient(0, allRows())).isEqualTo(-2 * before);
      assertThatThrownBy(() -> dataset.write(1, table(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("count is 16; allowed are 1 to 15");
      assertThatThrownBy(
              () -> dataset.write(0, FeatureTable.ofVectors(2, 1, new float[1], new int[1])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a row of the table has 1 elements; it must have 2");
      assertThatThrownBy(
              () -> dataset.write(0, FeatureTable.ofVectors(2, 2, new float[2], new int[1])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("weights");
    }
  }

  @Test
  void tablesRefuseArraysThatDoNotFit() {
    assertThatThrownBy(() -> FeatureTable.ofVectors(2, 3, new float[5], new int[2]))
        .hasMessageContaining("2 targets with rows of 3 × 1 × 1 numbers need 6 numbers");
    assertThatThrownBy(() -> FeatureTable.ofVectors(1, 3, new float[6], new int[2]))
        .hasMessage("classes is 1; at least 2 is allowed");
    assertThatThrownBy(() -> FeatureTable.ofVectors(2, 3, new float[0], new int[0]))
        .hasMessageContaining("without rows");
    assertThatThrownBy(
            () ->
                new FeatureTable(2, 1, 1, 1, new float[2], new int[2], Optional.of(new double[3])))
        .hasMessage("3 weights do not fit 2 targets");
    assertThatThrownBy(() -> new PairTable(5, 2, 5, 2, new int[3], new int[3]))
        .hasMessage("3 tokens are no rows of 2 tokens");
    assertThatThrownBy(() -> new PairTable(5, 2, 5, 2, new int[4], new int[5]))
        .hasMessageContaining("2 sources with targets of 3 tokens need 6 tokens");
    assertThatThrownBy(() -> new PairTable(5, 0, 5, 2, new int[4], new int[5]))
        .hasMessageContaining("too short");
  }

  @Test
  void pairsAreCheckedByTheEngine() {
    PairTable good = new PairTable(4, 3, 5, 2, new int[] {1, 2, -1}, new int[] {0, 3, -1});
    try (Dataset dataset = engine.dataset(good)) {
      assertThat(dataset.rows()).isEqualTo(1);
      assertThat(dataset.classes()).isEqualTo(5);
    }
    PairTable bad = new PairTable(4, 3, 5, 2, new int[] {1, 4, -1}, new int[] {0, 3, -1});
    assertThatThrownBy(() -> engine.dataset(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("source token 4 in row 0 is outside the vocabulary");
  }
}

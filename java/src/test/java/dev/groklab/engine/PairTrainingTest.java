package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.data.PairTable;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pairs of sequences: a target is its source read backwards, between a beginning and an end. */
class PairTrainingTest {

  private static final int LENGTH = 3;
  private static final int SYMBOLS = 3;
  private static final int BEGIN = SYMBOLS;
  private static final int END = SYMBOLS + 1;
  private static final int[][] SOURCES = {
    {0}, {1}, {2}, {0, 1}, {1, 0}, {2, 1}, {1, 2}, {0, 1, 2}, {2, 1, 0}, {1, 1, 2}, {2, 0, 0}
  };

  private Engine engine;

  @BeforeEach
  void open() {
    engine = Tiny.engine(1);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static PairTable table(int... rows) {
    int[] sources = new int[rows.length * LENGTH];
    int[] targets = new int[rows.length * (LENGTH + 2)];
    Arrays.fill(sources, -1);
    Arrays.fill(targets, -1);
    for (int row = 0; row < rows.length; row++) {
      int[] source = SOURCES[rows[row]];
      System.arraycopy(source, 0, sources, row * LENGTH, source.length);
      int target = row * (LENGTH + 2);
      targets[target++] = BEGIN;
      for (int i = source.length - 1; i >= 0; i--) {
        targets[target++] = source[i];
      }
      targets[target] = END;
    }
    return new PairTable(SYMBOLS, LENGTH, SYMBOLS + 2, LENGTH + 1, sources, targets);
  }

  private static int[] allRows() {
    int[] rows = new int[SOURCES.length];
    Arrays.setAll(rows, row -> row);
    return rows;
  }

  private Trainer trainer(Dataset dataset, boolean causal) {
    Trainer trainer =
        engine.trainer(
            dataset,
            new TrainerOptions(
                new Seq2Seq(SYMBOLS + 2, LENGTH + 2, 1, 16, 2, 32, causal),
                Precision.FP32,
                BatchLayout.AUTO,
                List.of(Tiny.REPLICA)));
    trainer.initialize(0, 1);
    return trainer;
  }

  @Test
  void aNetworkLearnsThem() {
    PairTable table = table(allRows());
    try (Dataset dataset = engine.dataset(table);
        Trainer trainer = trainer(dataset, true);
        Chunk chunk = trainer.chunk(300, SOURCES.length)) {
      for (int step = 0; step < 300; step++) {
        chunk.batch(0, step, allRows(), 0, SOURCES.length, 0.003);
      }
      trainer.run(chunk);
      assertThat(chunk.loss(0, 299)).isLessThan(0.1);
      double[][] logits = trainer.logits(0, allRows());
      for (int row = 0; row < SOURCES.length; row++) {
        assertThat(logits[row]).hasSize((LENGTH + 1) * (SYMBOLS + 2));
        for (int u = 0; u <= SOURCES[row].length; u++) {
          assertThat(likeliest(logits[row], u))
              .isEqualTo(table.targets()[row * (LENGTH + 2) + u + 1]);
        }
      }
    }
  }

  /** Who answers attends to all of its source, and to nothing behind it. */
  @Test
  void attentionAcrossIsSeen() {
    try (Dataset dataset = engine.dataset(table(allRows()));
        Trainer trainer = trainer(dataset, true)) {
      Activation seen = trainer.observe(0, "decoder.0.cross_attention.weights", allRows());
      assertThat(seen.info())
          .isEqualTo(
              new ActivationInfo(
                  "decoder.0.cross_attention.weights", LENGTH + 1, 2 * LENGTH, false));
      for (int row = 0; row < SOURCES.length; row++) {
        for (int head = 0; head < 2; head++) {
          double sum = 0;
          for (int s = 0; s < LENGTH; s++) {
            double weight = seen.value(row, 0, head * LENGTH + s);
            assertThat(weight > 0).isEqualTo(s < SOURCES[row].length);
            sum += weight;
          }
          assertThat(sum).isCloseTo(1, within(1e-6));
        }
      }
    }
  }

  private static int likeliest(double[] logits, int position) {
    int best = 0;
    for (int symbol = 1; symbol < SYMBOLS + 2; symbol++) {
      if (logits[position * (SYMBOLS + 2) + symbol] > logits[position * (SYMBOLS + 2) + best]) {
        best = symbol;
      }
    }
    return best;
  }

  @Test
  void looksAheadOnlyWhereItShall() {
    // The same source; targets that differ in the last token that is read.
    int[] targets = {BEGIN, 1, 2, 0, END, BEGIN, 1, 2, 1, END};
    PairTable table = new PairTable(SYMBOLS, 1, SYMBOLS + 2, LENGTH + 1, new int[] {0, 0}, targets);
    try (Dataset dataset = engine.dataset(table);
        Trainer causal = trainer(dataset, true);
        Trainer not = trainer(dataset, false)) {
      double[][] blind = causal.logits(0, new int[] {0, 1});
      assertThat(blind[0][0]).isEqualTo(blind[1][0]);
      double[][] seeing = not.logits(0, new int[] {0, 1});
      assertThat(seeing[0][0]).isNotEqualTo(seeing[1][0]);
    }
  }

  @Test
  void rowsCanBeReplaced() {
    try (Dataset dataset = engine.dataset(table(allRows()));
        Dataset other = engine.dataset(table(7, 8));
        Trainer trainer = trainer(dataset, true);
        Trainer onOther = trainer(other, true)) {
      dataset.write(4, table(7, 8));
      assertThat(trainer.logits(0, new int[] {4, 5}))
          .isDeepEqualTo(onOther.logits(0, new int[] {0, 1}));
      assertThatThrownBy(() -> dataset.write(10, table(7, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("count is 2");
      PairTable longer =
          new PairTable(SYMBOLS, LENGTH + 1, SYMBOLS + 2, LENGTH + 1, new int[4], new int[5]);
      assertThatThrownBy(() -> dataset.write(0, longer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a source of the table has 4 elements");
    }
  }

  @Test
  void refusesAnotherDataSet() {
    try (Dataset tokens = engine.dataset(Tiny.TABLE)) {
      assertThatThrownBy(() -> trainer(tokens, true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a model over pairs of sequences");
    }
  }
}

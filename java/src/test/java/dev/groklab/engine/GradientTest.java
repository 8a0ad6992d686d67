package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.data.ModularAddition;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.Tiny.Architecture;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients of the whole model, against the loss itself and between the layouts of a batch. */
class GradientTest {

  /** Rows out of order, some twice, so that the tree has shared and repeated leaves. */
  private static final int[] ROWS = {24, 3, 3, 7, 0, 11, 4, 20, 3, 21};

  @ParameterizedTest(name = "{0}, summands {1}, layers {2}, dropout {3}, {4}, {5}")
  @CsvSource({
    "TRANSFORMER, 2, 2, 0, AUTO, CPU",
    "TRANSFORMER, 2, 2, 0, DENSE, CPU",
    "TRANSFORMER, 2, 2, 0.3, AUTO, CPU",
    "TRANSFORMER, 2, 1, 0, AUTO, CPU",
    "TRANSFORMER, 2, 1, 0.3, AUTO, CPU",
    "TRANSFORMER, 2, 3, 0, AUTO, CPU",
    "TRANSFORMER, 3, 2, 0, AUTO, CPU",
    "TRANSFORMER, 3, 1, 0.1, AUTO, CPU",
    "TRANSFORMER, 2, 2, 0, AUTO, NAIVE",
    "TRANSFORMER, 2, 2, 0.3, AUTO, NAIVE",
    "MLP, 2, 2, 0, AUTO, CPU",
    "MLP, 2, 2, 0, DENSE, CPU",
    "MLP, 2, 2, 0.3, AUTO, CPU",
    "MLP, 2, 1, 0, AUTO, CPU",
    "MLP, 2, 1, 0.3, AUTO, CPU",
    "MLP, 3, 3, 0.1, AUTO, CPU",
    "MLP, 3, 2, 0, AUTO, CPU",
    "MLP, 2, 2, 0, AUTO, NAIVE",
    "MLP, 2, 2, 0.3, AUTO, NAIVE",
    "LSTM, 2, 2, 0, AUTO, CPU",
    "LSTM, 2, 2, 0, DENSE, CPU",
    "LSTM, 2, 2, 0.3, AUTO, CPU",
    "LSTM, 2, 1, 0, AUTO, CPU",
    "LSTM, 2, 1, 0.3, AUTO, CPU",
    "LSTM, 3, 3, 0.1, AUTO, CPU",
    "LSTM, 3, 2, 0, AUTO, CPU",
    "LSTM, 2, 2, 0, AUTO, NAIVE",
    "LSTM, 2, 2, 0.3, AUTO, NAIVE",
  })
  void agreesWithFiniteDifferences(
      Architecture architecture,
      int summands,
      int layers,
      double dropout,
      BatchLayout layout,
      Backend backend) {
    ModularAddition task = new ModularAddition(5, summands);
    ReplicaOptions replica = new ReplicaOptions(Tiny.ADAM_W, dropout, 17);
    try (Engine engine = Engine.open(new EngineOptions(backend, 1));
        Dataset dataset = engine.dataset(task.table());
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    architecture.of(task, layers), Precision.FP64, layout, List.of(replica)))) {
      trainer.initialize(0, 3);
      trainer.setStep(0, 5); // the masks of some step
      trainer.gradient(0, ROWS);
      double[] gradients = trainer.readDoubles(0, Buffer.GRADIENTS);
      double[] weights = trainer.readDoubles(0, Buffer.PARAMETERS);
      assertThat(Tiny.maxAbs(gradients)).isGreaterThan(0.01);

      double h = 1e-5;
      for (int i = 0; i < weights.length; i++) {
        double value = weights[i];
        weights[i] = value + h;
        double above = lossAt(trainer, weights);
        weights[i] = value - h;
        double below = lossAt(trainer, weights);
        weights[i] = value;
        assertThat(gradients[i])
            .as("%s", nameOf(trainer, i))
            .isCloseTo((above - below) / (2 * h), within(2e-8));
      }
    }
  }

  @ParameterizedTest(name = "{0}, summands {1}, layers {2}, {3}")
  @CsvSource({
    "TRANSFORMER, 2, 2, CPU",
    "TRANSFORMER, 2, 1, CPU",
    "TRANSFORMER, 3, 2, CPU",
    "TRANSFORMER, 3, 3, CPU",
    "TRANSFORMER, 2, 2, NAIVE",
    "MLP, 2, 2, CPU",
    "MLP, 2, 1, CPU",
    "MLP, 3, 2, CPU",
    "MLP, 3, 3, CPU",
    "MLP, 2, 2, NAIVE",
    "LSTM, 2, 2, CPU",
    "LSTM, 2, 1, CPU",
    "LSTM, 3, 2, CPU",
    "LSTM, 3, 3, CPU",
    "LSTM, 2, 2, NAIVE",
  })
  void prefixTreeAndDenseBatchAgree(
      Architecture architecture, int summands, int layers, Backend backend) {
    ModularAddition task = new ModularAddition(5, summands);
    try (Engine engine = Engine.open(new EngineOptions(backend, 2));
        Dataset dataset = engine.dataset(task.table());
        Trainer tree = trainer(engine, dataset, architecture.of(task, layers), BatchLayout.AUTO);
        Trainer dense =
            trainer(engine, dataset, architecture.of(task, layers), BatchLayout.DENSE)) {
      int[] all = Tiny.rows(0, task.table().rows());
      for (int[] rows : List.of(ROWS, all, new int[] {7})) {
        double loss = tree.gradient(0, rows);

        assertThat(dense.gradient(0, rows)).isCloseTo(loss, within(1e-12 * loss));
        double[] expected = dense.readDoubles(0, Buffer.GRADIENTS);
        double[] actual = tree.readDoubles(0, Buffer.GRADIENTS);
        double tolerance = 1e-12 * Tiny.maxAbs(expected);
        for (int i = 0; i < expected.length; i++) {
          assertThat(actual[i]).as("%s", nameOf(tree, i)).isCloseTo(expected[i], within(tolerance));
        }
        double[][] logits = tree.logits(0, rows);
        double[][] denseLogits = dense.logits(0, rows);
        for (int row = 0; row < rows.length; row++) {
          assertThat(logits[row]).containsExactly(denseLogits[row], within(1e-12));
        }
      }
    }
  }

  /** Rows in no order, some of them equal, with equal and with other targets. */
  @ParameterizedTest(name = "{0}, length {1}, layers {2}, width {3}")
  @CsvSource({
    "TRANSFORMER, 5, 2, 8",
    "TRANSFORMER, 5, 1, 8",
    "TRANSFORMER, 1, 2, 8",
    "TRANSFORMER, 1, 1, 8",
    "TRANSFORMER, 2, 3, 6",
    "TRANSFORMER, 7, 2, 2",
    "MLP, 5, 2, 8",
    "MLP, 5, 1, 8",
    "MLP, 1, 2, 8",
    "MLP, 1, 1, 8",
    "MLP, 2, 3, 6",
    "MLP, 7, 2, 2",
    "LSTM, 5, 2, 8",
    "LSTM, 5, 1, 8",
    "LSTM, 1, 2, 8",
    "LSTM, 1, 1, 8",
    "LSTM, 2, 3, 6",
    "LSTM, 7, 2, 2",
  })
  void anyTableWillDo(Architecture architecture, int length, int layers, int width) {
    int vocabulary = 4;
    Random random = new Random(length);
    int[] tokens = random.ints(40L * length, 0, vocabulary).toArray();
    int[] targets = random.ints(40, 0, vocabulary).toArray();
    System.arraycopy(tokens, 0, tokens, 20 * length, 10 * length); // rows 20 … 29 are 0 … 9 again
    System.arraycopy(targets, 0, targets, 20, 5);
    TokenTable table = new TokenTable(vocabulary, length, tokens, targets);
    Model model = architecture.of(vocabulary, length, layers, width, 2, 5);
    int[] rows = random.ints(60, 0, 40).toArray();
    try (Engine engine = Tiny.engine(2);
        Dataset dataset = engine.dataset(table);
        Trainer tree = trainer(engine, dataset, model, BatchLayout.AUTO);
        Trainer dense = trainer(engine, dataset, model, BatchLayout.DENSE)) {
      double loss = tree.gradient(0, rows);

      double[] gradients = tree.readDoubles(0, Buffer.GRADIENTS);
      assertThat(dense.gradient(0, rows)).isCloseTo(loss, within(1e-12));
      assertThat(dense.readDoubles(0, Buffer.GRADIENTS))
          .containsExactly(gradients, within(1e-12 * Tiny.maxAbs(gradients)));
      double[][] logits = tree.logits(0, rows);
      double mean = 0;
      for (int i = 0; i < rows.length; i++) {
        double sum = 0;
        for (double logit : logits[i]) {
          sum += Math.exp(logit - logits[i][targets[rows[i]]]);
        }
        mean += Math.log(sum) / rows.length;
      }
      assertThat(loss).isCloseTo(mean, within(1e-12));
    }
  }

  private static Trainer trainer(Engine engine, Dataset dataset, Model model, BatchLayout layout) {
    Trainer trainer =
        engine.trainer(
            dataset, new TrainerOptions(model, Precision.FP64, layout, List.of(Tiny.REPLICA)));
    trainer.initialize(0, 3);
    return trainer;
  }

  private static double lossAt(Trainer trainer, double[] weights) {
    trainer.write(0, Buffer.PARAMETERS, weights);
    return trainer.gradient(0, ROWS);
  }

  private static String nameOf(Trainer trainer, int index) {
    for (TensorInfo tensor : trainer.tensors()) {
      if (index >= tensor.offset() && index < tensor.offset() + tensor.count()) {
        return tensor.name() + " element " + (index - tensor.offset());
      }
    }
    throw new AssertionError("no tensor has element " + index);
  }
}

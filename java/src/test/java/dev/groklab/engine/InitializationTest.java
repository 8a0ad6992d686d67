package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.data.ModularAddition;
import dev.groklab.engine.Tiny.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors and initial weights of the report's models: names, shapes and distributions. */
class InitializationTest {

  private static final int D = 128;
  private static final int HIDDEN = 4 * D;
  private static final int V = 99;
  private static final int T = 4; // tokens of a row

  /** How a tensor begins: uniform in ±bound, normal with deviation 1, or a constant. */
  private sealed interface Start {
    record Uniform(double bound) implements Start {}

    record Normal() implements Start {}

    record Constant(double value) implements Start {}

    /** Within one over the root of the number of inputs. */
    static Start inverseRoot(int inputs) {
      return new Uniform(1 / Math.sqrt(inputs));
    }
  }

  private record Expected(String name, List<Integer> shape, Start start) {}

  private final ModularAddition task = new ModularAddition(97, 2);
  private Engine engine;
  private Dataset dataset;

  @BeforeEach
  void open() {
    engine = Tiny.engine(2);
    dataset = engine.dataset(task.table());
  }

  @AfterEach
  void close() {
    dataset.close();
    engine.close();
  }

  private Trainer trainer(Architecture architecture) {
    Model model = architecture.of(V, task.positions(), 2, D, 4, HIDDEN);
    ReplicaOptions replica = new ReplicaOptions(new Sgd(0, false, 0), 0, 0);
    return engine.trainer(
        dataset,
        new TrainerOptions(model, Precision.FP64, BatchLayout.AUTO, List.of(replica, replica)));
  }

  private static List<Expected> expected(Architecture architecture) {
    List<Expected> tensors = new ArrayList<>();
    tensors.add(new Expected("token_embedding.weight", List.of(V, D), new Start.Normal()));
    tensors.add(new Expected("position_embedding.weight", List.of(5, D), new Start.Normal()));
    int features =
        switch (architecture) {
          case TRANSFORMER -> addTransformer(tensors);
          case MLP -> addMlp(tensors);
          case LSTM -> addLstm(tensors);
        };
    addLinear(tensors, "readout", V, features);
    return tensors;
  }

  private static int addTransformer(List<Expected> tensors) {
    Start zero = new Start.Constant(0);
    for (int block = 0; block < 2; block++) {
      String prefix = "blocks." + block + ".";
      String in = prefix + "attention.in_proj";
      Start xavier = new Start.Uniform(Math.sqrt(6.0 / (D + 3 * D)));
      tensors.add(new Expected(in + ".weight", List.of(3 * D, D), xavier));
      tensors.add(new Expected(in + ".bias", List.of(3 * D), zero));
      String out = prefix + "attention.out_proj";
      tensors.add(new Expected(out + ".weight", List.of(D, D), Start.inverseRoot(D)));
      tensors.add(new Expected(out + ".bias", List.of(D), zero));
      addNorm(tensors, prefix + "attention_norm", D);
      addLinear(tensors, prefix + "feed_forward.up", HIDDEN, D);
      addLinear(tensors, prefix + "feed_forward.down", D, HIDDEN);
      addNorm(tensors, prefix + "feed_forward_norm", D);
    }
    addNorm(tensors, "final_norm", D);
    return D;
  }

  private static int addMlp(List<Expected> tensors) {
    for (int block = 0; block < 2; block++) {
      String prefix = "blocks." + block + ".";
      addLinear(tensors, prefix + "feed_forward.up", HIDDEN, T * D);
      addLinear(tensors, prefix + "feed_forward.down", T * D, HIDDEN);
      addNorm(tensors, prefix + "norm", T * D);
    }
    return T * D;
  }

  /** All of an LSTM follows the width of its state, whatever its inputs. */
  private static int addLstm(List<Expected> tensors) {
    Start start = Start.inverseRoot(HIDDEN);
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "lstm." + layer + ".";
      int in = layer == 0 ? D : HIDDEN;
      tensors.add(new Expected(prefix + "input.weight", List.of(4 * HIDDEN, in), start));
      tensors.add(new Expected(prefix + "hidden.weight", List.of(4 * HIDDEN, HIDDEN), start));
      tensors.add(new Expected(prefix + "input.bias", List.of(4 * HIDDEN), start));
      tensors.add(new Expected(prefix + "hidden.bias", List.of(4 * HIDDEN), start));
    }
    return HIDDEN;
  }

  private static void addLinear(List<Expected> tensors, String name, int out, int in) {
    tensors.add(new Expected(name + ".weight", List.of(out, in), Start.inverseRoot(in)));
    tensors.add(new Expected(name + ".bias", List.of(out), Start.inverseRoot(in)));
  }

  private static void addNorm(List<Expected> tensors, String name, int width) {
    tensors.add(new Expected(name + ".weight", List.of(width), new Start.Constant(1)));
    tensors.add(new Expected(name + ".bias", List.of(width), new Start.Constant(0)));
  }

  @ParameterizedTest
  @CsvSource({"TRANSFORMER, 422883", "MLP, 1116771", "LSTM, 3480163"})
  void tensorsAreThoseOfTheDefinition(Architecture architecture, long parameters) {
    try (Trainer trainer = trainer(architecture)) {
      assertThat(trainer.parameterCount()).isEqualTo(parameters);
      assertThat(trainer.tensors().stream().map(tensor -> List.of(tensor.name(), tensor.shape())))
          .containsExactlyInAnyOrderElementsOf(
              expected(architecture).stream().map(e -> List.<Object>of(e.name, e.shape)).toList());
      long next = 0;
      for (TensorInfo tensor : trainer.tensors()) { // one after the other, without gaps
        assertThat(tensor.offset()).isEqualTo(next);
        assertThat(tensor.count())
            .isEqualTo(
                tensor.shape().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b));
        next += tensor.count();
      }
      assertThat(next).isEqualTo(trainer.parameterCount());
    }
  }

  @ParameterizedTest
  @EnumSource
  void weightsHaveTheMomentsOfTheDefinition(Architecture architecture) {
    try (Trainer trainer = trainer(architecture)) {
      trainer.initialize(0, 12345);
      for (Expected tensor : expected(architecture)) {
        double[] values = values(trainer, 0, tensor.name);
        switch (tensor.start) {
          case Start.Constant(double value) ->
              assertThat(values).as(tensor.name).containsOnly(value);
          case Start.Uniform(double bound) -> {
            assertThat(Tiny.maxAbs(values)).as(tensor.name).isLessThanOrEqualTo(bound);
            assertThat(Tiny.maxAbs(values))
                .as(tensor.name)
                .isGreaterThan(bound * (1 - 10.0 / values.length));
            // The fourth moment of a uniform number is 9/5 of its squared variance.
            assertMoments(tensor.name, values, bound * bound / 3, 1.8);
          }
          case Start.Normal() -> assertMoments(tensor.name, values, 1, 3);
        }
      }
    }
  }

  /** Mean 0 and the variance given, within five standard errors. */
  private static void assertMoments(
      String name, double[] values, double variance, double kurtosis) {
    int n = values.length;
    double mean = Arrays.stream(values).sum() / n;
    double square = Arrays.stream(values).map(x -> x * x).sum() / n;
    assertThat(mean).as(name).isCloseTo(0, within(5 * Math.sqrt(variance / n)));
    assertThat(square)
        .as(name)
        .isCloseTo(variance, within(5 * variance * Math.sqrt((kurtosis - 1) / n)));
    double fourth = Arrays.stream(values).map(x -> x * x * x * x).sum() / n;
    if (n > 10_000) {
      assertThat(fourth / (square * square)).as(name).isCloseTo(kurtosis, within(0.2));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSFORMER, blocks.0.feed_forward.up, blocks.1.feed_forward.up, blocks.0.feed_forward.down",
    "MLP, blocks.0.feed_forward.up, blocks.1.feed_forward.up, blocks.0.feed_forward.down",
    "LSTM, lstm.0.hidden, lstm.1.hidden, lstm.1.input",
  })
  void seedsDecideAndTensorsAreIndependent(
      Architecture architecture, String one, String ofAnotherLayer, String another) {
    try (Trainer trainer = trainer(architecture)) {
      trainer.initialize(0, 7);
      trainer.initialize(1, 7);
      assertThat(trainer.read(0, Buffer.PARAMETERS)).isEqualTo(trainer.read(1, Buffer.PARAMETERS));
      trainer.initialize(1, 7 + (1L << 32)); // the high half of a seed counts too
      double[] token = values(trainer, 0, "token_embedding.weight");
      assertUncorrelated(token, values(trainer, 1, "token_embedding.weight"));
      double[] weight = values(trainer, 0, one + ".weight");
      assertUncorrelated(weight, values(trainer, 0, ofAnotherLayer + ".weight"));
      assertUncorrelated(weight, values(trainer, 0, another + ".weight"));
      assertUncorrelated(
          Arrays.copyOfRange(token, 0, token.length - 1),
          Arrays.copyOfRange(token, 1, token.length));
    }
  }

  private static void assertUncorrelated(double[] a, double[] b) {
    assertThat(a).hasSameSizeAs(b);
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      squareA += a[i] * a[i];
      squareB += b[i] * b[i];
    }
    assertThat(product / Math.sqrt(squareA * squareB))
        .isCloseTo(0, within(5 / Math.sqrt(a.length)));
  }

  private static double[] values(Trainer trainer, int replica, String name) {
    TensorInfo tensor =
        trainer.tensors().stream().filter(t -> t.name().equals(name)).findAny().orElseThrow();
    int from = Math.toIntExact(tensor.offset());
    return Arrays.copyOfRange(
        trainer.readDoubles(replica, Buffer.PARAMETERS),
        from,
        from + Math.toIntExact(tensor.count()));
  }
}

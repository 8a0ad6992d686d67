package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.data.ModularAddition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tensors and initial weights of the report's Transformer: names, shapes and distributions. */
class InitializationTest {

  private static final int D = 128;
  private static final int HIDDEN = 4 * D;
  private static final int V = 99;

  /** How a tensor begins: uniform in ±bound, normal with deviation 1, or a constant. */
  private sealed interface Start {
    record Uniform(double bound) implements Start {}

    record Normal() implements Start {}

    record Constant(double value) implements Start {}
  }

  private record Expected(String name, List<Integer> shape, Start start) {}

  private Engine engine;
  private Dataset dataset;
  private Trainer trainer;

  @BeforeEach
  void open() {
    ModularAddition task = new ModularAddition(97, 2);
    engine = Tiny.engine(2);
    dataset = engine.dataset(task.table());
    Transformer model = new Transformer(V, task.positions(), 2, D, 4, HIDDEN);
    trainer =
        engine.trainer(
            dataset,
            new TrainerOptions(
                model, Precision.FP64, BatchLayout.AUTO, List.of(Tiny.REPLICA, Tiny.REPLICA)));
  }

  @AfterEach
  void close() {
    trainer.close();
    dataset.close();
    engine.close();
  }

  private static List<Expected> expected() {
    Start inverseRoot = new Start.Uniform(1 / Math.sqrt(D));
    Start zero = new Start.Constant(0);
    List<Expected> tensors = new ArrayList<>();
    tensors.add(new Expected("token_embedding.weight", List.of(V, D), new Start.Normal()));
    tensors.add(new Expected("position_embedding.weight", List.of(5, D), new Start.Normal()));
    for (int block = 0; block < 2; block++) {
      String prefix = "blocks." + block + ".";
      String in = prefix + "attention.in_proj";
      Start xavier = new Start.Uniform(Math.sqrt(6.0 / (D + 3 * D)));
      tensors.add(new Expected(in + ".weight", List.of(3 * D, D), xavier));
      tensors.add(new Expected(in + ".bias", List.of(3 * D), zero));
      String out = prefix + "attention.out_proj";
      tensors.add(new Expected(out + ".weight", List.of(D, D), inverseRoot));
      tensors.add(new Expected(out + ".bias", List.of(D), zero));
      addNorm(tensors, prefix + "attention_norm");
      String up = prefix + "feed_forward.up";
      tensors.add(new Expected(up + ".weight", List.of(HIDDEN, D), inverseRoot));
      tensors.add(new Expected(up + ".bias", List.of(HIDDEN), inverseRoot));
      String down = prefix + "feed_forward.down";
      Start wide = new Start.Uniform(1 / Math.sqrt(HIDDEN));
      tensors.add(new Expected(down + ".weight", List.of(D, HIDDEN), wide));
      tensors.add(new Expected(down + ".bias", List.of(D), wide));
      addNorm(tensors, prefix + "feed_forward_norm");
    }
    addNorm(tensors, "final_norm");
    tensors.add(new Expected("readout.weight", List.of(V, D), inverseRoot));
    tensors.add(new Expected("readout.bias", List.of(V), inverseRoot));
    return tensors;
  }

  private static void addNorm(List<Expected> tensors, String name) {
    tensors.add(new Expected(name + ".weight", List.of(D), new Start.Constant(1)));
    tensors.add(new Expected(name + ".bias", List.of(D), new Start.Constant(0)));
  }

  @Test
  void tensorsAreThoseOfTheDefinition() {
    assertThat(trainer.parameterCount()).isEqualTo(422_883);
    assertThat(trainer.tensors().stream().map(tensor -> List.of(tensor.name(), tensor.shape())))
        .containsExactlyInAnyOrderElementsOf(
            expected().stream().map(e -> List.<Object>of(e.name, e.shape)).toList());
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

  @Test
  void weightsHaveTheMomentsOfTheDefinition() {
    trainer.initialize(0, 12345);
    for (Expected tensor : expected()) {
      double[] values = values(0, tensor.name);
      switch (tensor.start) {
        case Start.Constant(double value) -> assertThat(values).as(tensor.name).containsOnly(value);
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

  @Test
  void seedsDecideAndTensorsAreIndependent() {
    trainer.initialize(0, 7);
    trainer.initialize(1, 7);
    assertThat(trainer.read(0, Buffer.PARAMETERS)).isEqualTo(trainer.read(1, Buffer.PARAMETERS));
    trainer.initialize(1, 7 + (1L << 32)); // the high half of a seed counts too
    double[] token = values(0, "token_embedding.weight");
    assertUncorrelated(token, values(1, "token_embedding.weight"));
    assertUncorrelated(
        values(0, "blocks.0.feed_forward.up.weight"), values(0, "blocks.1.feed_forward.up.weight"));
    assertUncorrelated(
        values(0, "blocks.0.feed_forward.up.weight"),
        values(0, "blocks.0.feed_forward.down.weight"));
    assertUncorrelated(
        Arrays.copyOfRange(token, 0, token.length - 1), Arrays.copyOfRange(token, 1, token.length));
  }

  private static void assertUncorrelated(double[] a, double[] b) {
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

  private double[] values(int replica, String name) {
    TensorInfo tensor =
        trainer.tensors().stream().filter(t -> t.name().equals(name)).findAny().orElseThrow();
    int from = Math.toIntExact(tensor.offset());
    return Arrays.copyOfRange(
        trainer.readDoubles(replica, Buffer.PARAMETERS),
        from,
        from + Math.toIntExact(tensor.count()));
  }
}

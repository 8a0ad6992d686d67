package dev.groklab.run;

import dev.groklab.data.ModularAddition;
import dev.groklab.data.NoisyTable;
import dev.groklab.data.RandomStream;
import dev.groklab.data.Split;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.TensorInfo;
import dev.groklab.engine.Trainer;
import dev.groklab.progress.AdditionCircuit;
import dev.groklab.progress.EffectiveRank;
import dev.groklab.progress.Logits;
import dev.groklab.progress.Spectrum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Measures how far a replica has come, at an evaluation, and changes nothing. The columns that
 * {@code metrics.csv} gets, in this order:
 *
 * <ul>
 *   <li>{@code gradient_norm}: of the latest step's batch, before clipping.
 *   <li>{@code logit_scale}, {@code softmax_collapse}: see {@link Logits}; the latter is the share
 *       of training rows.
 *   <li>{@code embedding_rank}, {@code unembedding_rank}: {@link EffectiveRank} of the token
 *       embedding and of the readout's weight.
 *   <li>{@code embedding_gini}, {@code unembedding_gini}, {@code key_frequencies}: see {@link
 *       Spectrum}. The number of key frequencies is that of the unembedding, whose small initial
 *       values hide nothing.
 *   <li>{@code restricted_loss}, {@code restricted_accuracy}, {@code excluded_loss}: see {@link
 *       AdditionCircuit}, with the key frequencies of that moment; for additions of two numbers.
 *   <li>{@code weight_norm_TENSOR} of each tensor, dots being underscores.
 *   <li>{@code embedding_power_K}, {@code unembedding_power_K}: share of each frequency.
 * </ul>
 *
 * <p>Spectra are of the rows of 0 … p−1, and for tasks on numbers, not on a group. To stay cheap,
 * logits are not computed of the whole table but of a fixed random part: for additions of two
 * numbers, all y with so many x that there are {@value #ROWS} rows, at least {@value
 * #FIRST_SUMMANDS} x (for p = 97, restricted and excluded loss were within 7 % of those of the
 * whole table until a circuit had formed), else at most {@value #ROWS} training rows.
 */
final class Probe {

  private static final int FIRST_SUMMANDS = 8;
  private static final int ROWS = 768;
  private static final int STREAM = 2; // 0 and 1 choose the rows of the splits
  private static final String EMBEDDING = "token_embedding.weight";
  private static final String UNEMBEDDING = "readout.weight";

  private final int p;
  private final boolean spectra;
  private final boolean addition;
  private final int[] rows; // in the engine's table
  private final int[] sums; // of additions
  private final int[] targets; // the labels that are trained on
  private final int[] trained; // which of the rows are training rows
  private final List<TensorInfo> tensors;
  private final List<String> names;

  /**
   * Chooses the rows.
   *
   * @param config the run
   * @param split its rows in the task's own table
   * @param table the engine's table, in which the run is number {@code replica}
   * @param tensors the parameters
   */
  Probe(RunConfig config, Split split, NoisyTable table, int replica, List<TensorInfo> tensors) {
    this.p = config.p();
    this.tensors = tensors;
    this.spectra =
        !config.task().startsWith("s5")
            && find(EMBEDDING).isPresent()
            && find(UNEMBEDDING).isPresent();
    this.addition = spectra && config.task().equals(ModularAddition.NAME) && config.summands() == 2;
    int[] canonical = addition ? block(config.splitSeed()) : sample(split, config.splitSeed());
    boolean[] isTrained = new boolean[config.newTask().rows()];
    for (int row : split.train()) {
      isTrained[row] = true;
    }
    trained = IntStream.range(0, canonical.length).filter(i -> isTrained[canonical[i]]).toArray();
    rows = canonical.clone();
    int[] labelled = table.rows(replica, Arrays.stream(trained).map(i -> canonical[i]).toArray());
    for (int i = 0; i < trained.length; i++) {
      rows[trained[i]] = labelled[i];
    }
    targets = Arrays.stream(rows).map(row -> table.table().targets()[row]).toArray();
    sums = Arrays.stream(canonical).map(row -> (row / p + row % p) % p).toArray();
    names = columns();
  }

  /** All rows x + y with a few x. */
  private int[] block(long seed) {
    int[] order = IntStream.range(0, p).toArray();
    new RandomStream(seed, RandomStream.Purpose.EVALUATION, STREAM).shuffle(order);
    return Arrays.stream(order)
        .limit(Math.max(FIRST_SUMMANDS, Math.ceilDiv(ROWS, p)))
        .sorted()
        .flatMap(x -> IntStream.range(x * p, (x + 1) * p))
        .toArray();
  }

  private static int[] sample(Split split, long seed) {
    return split.evaluationSubset(ROWS, seed).train();
  }

  private Optional<TensorInfo> find(String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  private List<String> columns() {
    List<String> columns =
        new ArrayList<>(List.of("gradient_norm", "logit_scale", "softmax_collapse"));
    if (spectra) {
      columns.addAll(
          List.of(
              "embedding_rank",
              "unembedding_rank",
              "embedding_gini",
              "unembedding_gini",
              "key_frequencies"));
    }
    if (addition) {
      columns.addAll(List.of("restricted_loss", "restricted_accuracy", "excluded_loss"));
    }
    tensors.forEach(tensor -> columns.add("weight_norm_" + tensor.name().replace('.', '_')));
    if (spectra) {
      for (String table : List.of("embedding_power_", "unembedding_power_")) {
        IntStream.rangeClosed(1, p / 2).forEach(k -> columns.add(table + k));
      }
    }
    return List.copyOf(columns);
  }

  /** Names of the columns. */
  List<String> names() {
    return names;
  }

  /**
   * What is asked of the engine.
   *
   * @param parameters [P]
   * @param gradients [P] of the latest step
   * @param logits [rows][V]
   */
  record Reading(double[] parameters, double[] gradients, double[][] logits) {}

  /** Asks the engine. */
  Reading read(Trainer trainer, int replica) {
    return new Reading(
        trainer.readDoubles(replica, Buffer.PARAMETERS),
        trainer.readDoubles(replica, Buffer.GRADIENTS),
        trainer.logits(replica, rows));
  }

  /** Measures, on any thread. */
  Measures measure(Reading reading) {
    double[] parameters = reading.parameters();
    double[][] logits = reading.logits();
    DoubleStream.Builder values = DoubleStream.builder();
    values.add(norm(reading.gradients(), 0, reading.gradients().length));
    values.add(Logits.scale(logits));
    values.add(collapsed(logits));
    double[] shares = {};
    if (spectra) {
      Table embedding = table(parameters, EMBEDDING);
      Table unembedding = table(parameters, UNEMBEDDING);
      Spectrum in = embedding.spectrum(p);
      Spectrum out = unembedding.spectrum(p);
      int[] keys = out.keyFrequencies();
      values.add(embedding.rank(p)).add(unembedding.rank(p));
      values.add(in.gini()).add(out.gini()).add(keys.length);
      if (addition) {
        addCircuit(values, AdditionCircuit.of(p, sums, logits, keys), logits);
      }
      shares =
          DoubleStream.concat(Arrays.stream(in.shares()), Arrays.stream(out.shares())).toArray();
    }
    for (TensorInfo tensor : tensors) {
      values.add(norm(parameters, (int) tensor.offset(), (int) (tensor.offset() + tensor.count())));
    }
    Arrays.stream(shares).forEach(values::add);
    return new Measures(names, values.build().toArray()).rounded();
  }

  private double collapsed(double[][] logits) {
    return Arrays.stream(trained)
        .map(i -> Logits.isCollapsed(logits[i], targets[i]) ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  private void addCircuit(DoubleStream.Builder values, AdditionCircuit circuit, double[][] logits) {
    values.add(circuit.restrictedLoss());
    values.add(circuit.restrictedAccuracy());
    values.add(
        circuit.excludedLoss(
            Arrays.stream(trained).map(i -> sums[i]).toArray(),
            Arrays.stream(trained).mapToObj(i -> logits[i]).toArray(double[][]::new),
            Arrays.stream(trained).map(i -> targets[i]).toArray()));
  }

  /** A matrix with a row per token. */
  private record Table(double[] values, int width) {

    Spectrum spectrum(int p) {
      return Spectrum.of(values, p, width);
    }

    double rank(int p) {
      return EffectiveRank.of(values, p, width);
    }
  }

  private Table table(double[] parameters, String name) {
    TensorInfo tensor = find(name).orElseThrow();
    int from = (int) tensor.offset();
    return new Table(
        Arrays.copyOfRange(parameters, from, from + (int) tensor.count()), tensor.shape().get(1));
  }

  private static double norm(double[] values, int from, int to) {
    double squares = 0;
    for (int i = from; i < to; i++) {
      squares += values[i] * values[i];
    }
    return Math.sqrt(squares);
  }
}

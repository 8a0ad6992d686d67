package dev.groklab.experiments.explain;

import dev.groklab.data.Split;
import dev.groklab.experiments.plot.Style;
import dev.groklab.progress.Logits;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The table of all additions modulo p, and how it is answered.
 *
 * @param p modulus
 * @param split its training and validation rows
 */
record AdditionTable(int p, Split split) {

  /** All rows. */
  int[] rows() {
    return IntStream.range(0, p * p).toArray();
  }

  /** The right answer of a row. */
  int sum(int row) {
    return (row / p + row % p) % p;
  }

  /** The right answers of all rows. */
  int[] sums() {
    return IntStream.range(0, p * p).map(this::sum).toArray();
  }

  /** Whether a network of these logits knows it: a line of a table, under a name. */
  List<String> answers(String name, IntFunction<double[]> logits) {
    return List.of(
        name,
        percent(accuracy(split.train(), logits)),
        percent(accuracy(split.validation(), logits)),
        Style.number(Math.round(1000 * loss(split.train(), logits)) / 1000.0),
        Style.number(Math.round(1000 * loss(split.validation(), logits)) / 1000.0));
  }

  /** Names of the columns of {@link #answers}. */
  static final List<String> COLUMNS =
      List.of("", "training accuracy", "validation accuracy", "training loss", "validation loss");

  double accuracy(int[] rows, IntFunction<double[]> logits) {
    return IntStream.of(rows)
        .map(row -> Logits.answer(logits.apply(row)) == sum(row) ? 1 : 0)
        .average()
        .orElseThrow();
  }

  private double loss(int[] rows, IntFunction<double[]> logits) {
    return IntStream.of(rows)
        .mapToDouble(row -> Logits.loss(logits.apply(row), sum(row)))
        .average()
        .orElseThrow();
  }

  /** The probability of the right answer, of every row. */
  double[] confidence(double[][] logits) {
    return IntStream.range(0, p * p)
        .mapToDouble(row -> Math.exp(-Logits.loss(logits[row], sum(row))))
        .toArray();
  }

  /** The logit of a class against the mean of all classes, of every row. */
  static double[] logit(double[][] logits, int of) {
    return IntStream.range(0, logits.length)
        .mapToDouble(
            row -> {
              double mean = 0;
              for (double logit : logits[row]) {
                mean += logit / logits[row].length;
              }
              return logits[row][of] - mean;
            })
        .toArray();
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}

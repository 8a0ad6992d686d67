package dev.groklab.run;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The progress measures of an evaluation, by the names of their columns in {@code metrics.csv}; see
 * {@link Probe} for what they are.
 *
 * @param names names of columns; shared between evaluations
 * @param values a value for each, NaN where it was not measured
 */
public record Measures(List<String> names, double[] values) {

  /** No measures. */
  public static final Measures NONE = new Measures(List.of(), new double[0]);

  private static final MathContext DIGITS = new MathContext(6);

  /**
   * Copies.
   *
   * @throws IllegalArgumentException if there are not as many values as names
   */
  public Measures {
    names = List.copyOf(names);
    values = values.clone();
    if (names.size() != values.length) {
      throw new IllegalArgumentException(
          values.length + " values need as many names, not " + names.size());
    }
  }

  /**
   * A measure.
   *
   * @param name name of its column
   * @return its value, NaN if there is none
   */
  public double value(String name) {
    int at = names.indexOf(name);
    return at < 0 ? Double.NaN : values[at];
  }

  /** The same to six digits, which is what the file holds. */
  Measures rounded() {
    return new Measures(names, Arrays.stream(values).map(Measures::rounded).toArray());
  }

  private static double rounded(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
  }

  /** Those of these names, in their order. */
  Measures select(List<String> columns) {
    return columns.equals(names)
        ? this
        : new Measures(columns, columns.stream().mapToDouble(this::value).toArray());
  }

  /** Equal if names and values are, NaN being equal to itself. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Measures that
        && names.equals(that.names)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * names.hashCode() + Arrays.hashCode(values);
  }

  /** As a map is written. */
  @Override
  public String toString() {
    return IntStream.range(0, values.length)
        .mapToObj(i -> names.get(i) + "=" + values[i])
        .toList()
        .toString();
  }
}

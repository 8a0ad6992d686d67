package dev.groklab.experiments.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as tables show them. */
final class Numbers {

  private Numbers() {}

  /** Three digits that count, and no exponent: 0.0123, 4.56, 78.9, 1230. */
  static String three(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(3));
    // The first digit's exponent is precision − 1 − scale.
    int decimals = Math.clamp(2 + rounded.scale() - (rounded.precision() - 1), 0, 9);
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  static String milliseconds(double seconds) {
    return three(seconds * 1e3);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", share * 100);
  }

  /** {@code 4.56 (4.50 to 4.71)}. */
  static String withRange(double median, double least, double most) {
    return three(median) + " (" + three(least) + " to " + three(most) + ")";
  }
}

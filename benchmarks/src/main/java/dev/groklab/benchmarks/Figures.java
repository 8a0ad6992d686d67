package dev.groklab.benchmarks;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as the tables show them. */
final class Figures {
  private static final MathContext THREE_DIGITS = new MathContext(3);
  private static final MathContext TWO_DIGITS = new MathContext(2);

  private Figures() {}

  /** Three digits in the unit that fits. */
  static String time(double seconds) {
    if (seconds < 1e-6) {
      return digits(seconds * 1e9, THREE_DIGITS) + " ns";
    }
    if (seconds < 1e-3) {
      return digits(seconds * 1e6, THREE_DIGITS) + " µs";
    }
    if (seconds < 1) {
      return digits(seconds * 1e3, THREE_DIGITS) + " ms";
    }
    return digits(seconds, THREE_DIGITS) + " s";
  }

  /** The time, and how far it may be off where that is known. */
  static String time(Results.Metric metric) {
    String time = time(metric.seconds());
    double error = metric.scoreError() / metric.score();
    return Double.isFinite(error) ? time + " ± " + percent(100 * error) : time;
  }

  /** Three digits. */
  static String rate(double rate) {
    return digits(rate, THREE_DIGITS);
  }

  /** Two digits, or all of the integer part. */
  static String percent(double percent) {
    return percent >= 100 ? Math.round(percent) + " %" : digits(percent, TWO_DIGITS) + " %";
  }

  /** Without an exponent. */
  private static String digits(double number, MathContext digits) {
    return BigDecimal.valueOf(number).round(digits).toPlainString();
  }
}

package dev.groklab.analysis;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.ranking.NaNStrategy;
import org.apache.commons.statistics.ranking.NaturalRanking;
import org.apache.commons.statistics.ranking.TiesStrategy;

/** Checks of arguments, and what several statistics need. */
final class Numbers {

  private static final MathContext DIGITS = new MathContext(4);

  private Numbers() {}

  /** A confidence level. */
  static void requireLevel(double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "the confidence level is " + level + "; a number between 0 and 1 is allowed, as 0.95");
    }
  }

  /** Values of a sample, at least so many of them. */
  static void requireSample(String name, double[] values, int least) {
    if (values.length < least) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values; at least " + least + " are needed");
    }
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            name + " has the value " + value + "; finite numbers are allowed");
      }
    }
  }

  /** A group of runs. */
  static void requireRuns(String name, List<Observation> group) {
    if (group.isEmpty()) {
      throw new IllegalArgumentException(name + " has no runs; at least 1 is needed");
    }
  }

  /** The standard normal distribution's quantile that leaves (1 − level) / 2 above it. */
  static double z(double level) {
    requireLevel(level);
    return NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - level) / 2);
  }

  /** Ranks from 1 on, equal values sharing their mean rank, times two so that they are integers. */
  static int[] doubledRanks(double[] values) {
    double[] ranks =
        new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE).apply(values.clone());
    return Arrays.stream(ranks).mapToInt(rank -> (int) Math.rint(2 * rank)).toArray();
  }

  /** The middle of sorted values, or the mean of the two in the middle; they may be infinite. */
  static double median(double[] sorted) {
    int half = sorted.length / 2;
    double above = sorted[half];
    double below = sorted[(sorted.length - 1) / 2];
    return above == below ? above : below / 2 + above / 2;
  }

  /** The number to 4 digits. */
  static String text(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "undefined" : value > 0 ? "∞" : "-∞";
    }
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
  }
}

package dev.groklab.analysis;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The exact distribution of a sum of scores over a random subset, the null distribution of rank
 * tests. Counting all subsets by their sum, score after score, takes ties as they are; libraries
 * count exactly only without ties, and accuracies do tie.
 */
final class SubsetSums {

  /** (1 − 0.9) / 2 is less than 0.05 in binary. */
  private static final double ROUNDING = 1e-12;

  private final double[] ways; // by sum − least
  private final double all;
  private final int least;

  private SubsetSums(double[] ways, int least) {
    this.ways = ways;
    this.least = least;
    this.all = Arrays.stream(ways).sum();
  }

  /** Subsets of a given size, all equally likely: two samples. */
  static SubsetSums ofSize(int[] scores, int size) {
    int shift = Math.min(0, Arrays.stream(scores).min().orElse(0)); // sums of what is ≥ 0
    int span = Arrays.stream(scores).map(score -> score - shift).sum();
    double[][] ways = new double[size + 1][span + 1];
    ways[0][0] = 1;
    for (int i = 0; i < scores.length; i++) {
      int score = scores[i] - shift;
      for (int chosen = Math.min(i + 1, size); chosen > 0; chosen--) {
        for (int sum = span; sum >= score; sum--) {
          ways[chosen][sum] += ways[chosen - 1][sum - score];
        }
      }
    }
    return new SubsetSums(ways[size], size * shift);
  }

  /**
   * The Mann–Whitney statistic of two samples without ties: pairs in which the second is larger.
   */
  static SubsetSums mannWhitney(int first, int second) {
    SubsetSums ranks = ofSize(IntStream.range(0, first + second).toArray(), second);
    int smallest = second * (second - 1) / 2;
    return new SubsetSums(
        Arrays.copyOfRange(ranks.ways, smallest, smallest + first * second + 1), 0);
  }

  /** The least p-value of two samples: that one arrangement of all is as extreme. */
  static double leastTail(int first, int second) {
    return mannWhitney(first, second).atMost(0);
  }

  /** Subsets of any size, all equally likely: signs of differences. Scores are at least 0. */
  static SubsetSums ofAnySize(int[] scores) {
    int span = Arrays.stream(scores).sum();
    double[] ways = new double[span + 1];
    ways[0] = 1;
    for (int score : scores) {
      for (int sum = span; sum >= score; sum--) {
        ways[sum] += ways[sum - score];
      }
    }
    return new SubsetSums(ways, 0);
  }

  /** P(sum ≤ bound). */
  double atMost(long bound) {
    double count = 0;
    for (int i = 0; i < ways.length && least + i <= bound; i++) {
      count += ways[i];
    }
    return Math.min(1, count / all);
  }

  /** P(sum ≥ bound). */
  double atLeast(long bound) {
    double count = 0;
    for (int i = ways.length - 1; i >= 0 && least + i >= bound; i--) {
      count += ways[i];
    }
    return Math.min(1, count / all);
  }

  /**
   * How many values may be left out at either end of N sorted ones, so that the interval of the
   * rest has a level: the most k ≥ 0 with P(sum ≤ k − 1) ≤ (1 − level) / 2.
   */
  int leftOut(double level) {
    int k = 0;
    while (atMost(k) <= (1 - level) / 2 + ROUNDING) {
      k++;
    }
    return k;
  }
}

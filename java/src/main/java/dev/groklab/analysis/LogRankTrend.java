package dev.groklab.analysis;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Tarone's log-rank test for trend, for groups that have an order: "the smaller the share of
 * training data, the later". It has more power against that than {@link LogRank}, which asks for
 * any difference, and one degree of freedom.
 *
 * @param z Σ score × (O − E) over its standard deviation; negative if higher scores are later
 * @param asymptoticP two-sided, of z² by χ² with one degree of freedom; wrong for few runs
 * @param permutationP two-sided, by permutation of the runs' log-rank scores
 * @see <a href="https://doi.org/10.1093/biomet/62.3.679">Tarone: Tests for trend in life table
 *     analysis (Biometrika 1975)</a>
 */
public record LogRankTrend(double z, double asymptoticP, PValue permutationP) {

  /**
   * Looks for a trend.
   *
   * @param groups two or more groups of runs
   * @param scores the groups' places on a scale, such as 1, 2, 3, or logarithms of what was set
   * @param seed of the random permutations, which are drawn where there are more than a million
   * @return the test
   */
  public static LogRankTrend of(List<List<Observation>> groups, double[] scores, long seed) {
    if (scores.length != groups.size()) {
      throw new IllegalArgumentException(
          groups.size() + " groups need as many scores, not " + scores.length);
    }
    Numbers.requireSample("the scale of the groups", scores, 2);
    double low = Arrays.stream(scores).min().getAsDouble();
    double span = Arrays.stream(scores).max().getAsDouble() - low;
    if (span == 0) {
      throw new IllegalArgumentException(
          "all groups have the score " + low + "; different ones are needed");
    }
    double[] scale = Arrays.stream(scores).map(score -> (score - low) / span).toArray();
    LogRankTable table = new LogRankTable(groups);
    double variance = 0;
    for (int i = 0; i < scale.length; i++) {
      for (int j = 0; j < scale.length; j++) {
        variance += scale[i] * scale[j] * table.covariance[i][j];
      }
    }
    double z = variance > 0 ? trend(table, scale, table.labels) / Math.sqrt(variance) : 0;
    return new LogRankTrend(
        z,
        Math.min(1, 2 * NormalDistribution.of(0, 1).survivalProbability(Math.abs(z))),
        Arrangements.tails(table.labels, labels -> Math.abs(trend(table, scale, labels)), seed)
            .atLeast());
  }

  private static double trend(LogRankTable table, double[] scores, int[] labels) {
    double trend = 0;
    for (int i = 0; i < labels.length; i++) {
      trend += scores[labels[i]] * table.scores[i];
    }
    return trend;
  }
}

package dev.groklab.analysis;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * The log-rank test that groups of runs, some of them censored, get there alike.
 *
 * <p>Use the permutation p-value. The asymptotic one is wrong for the five runs a group that
 * experiments have: of the 252 ways to deal ten times out to 5 against 5, it calls 18 different at
 * 0.05, which are 7.1%, and it goes down to 0.002, where no exact two-sided test can go below
 * 2/252. The permutation test takes the runs' log-rank scores as they are and exchanges the labels;
 * it is exact when runs of different groups are censored alike, as by one budget of steps ({@link
 * Observation#cutAt(List, double)}).
 *
 * @param groups what was seen in each group
 * @param chiSquare (O − E)ᵀ V⁻ (O − E)
 * @param degreesOfFreedom rank of V: groups − 1, less if some were never at risk
 * @param asymptoticP P(χ² ≥ chiSquare)
 * @param permutationP p-value of Σ (O − E)² / n over the groups by permutation
 * @see <a href="https://doi.org/10.2307/2344317">Peto, Peto: Asymptotically efficient rank
 *     invariant test procedures (JRSS A 1972)</a>
 * @see <a href="https://doi.org/10.1007/b97377">Klein, Moeschberger: Survival analysis (2nd ed.,
 *     2003), section 7.3</a>
 */
public record LogRank(
    List<Group> groups,
    double chiSquare,
    int degreesOfFreedom,
    double asymptoticP,
    PValue permutationP) {

  private static final double SINGULAR = 1e-10;

  /**
   * One group.
   *
   * @param runs its runs
   * @param observed how many of them got there
   * @param expected how many would have, if the groups did not differ
   */
  public record Group(int runs, int observed, double expected) {}

  /** Copies the list. */
  public LogRank {
    groups = List.copyOf(groups);
  }

  /**
   * Compares groups.
   *
   * @param groups two or more groups of runs
   * @param seed of the random permutations, which are drawn where there are more than a million
   * @return the test
   */
  public static LogRank of(List<List<Observation>> groups, long seed) {
    LogRankTable table = new LogRankTable(groups);
    List<Group> seen = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      seen.add(new Group(groups.get(i).size(), table.observed[i], table.expected[i]));
    }
    Quadratic quadratic = quadratic(table);
    return new LogRank(
        seen,
        quadratic.value,
        quadratic.rank,
        quadratic.rank == 0
            ? 1
            : ChiSquaredDistribution.of(quadratic.rank).survivalProbability(quadratic.value),
        Arrangements.tails(table.labels, labels -> distance(table, groups, labels), seed)
            .atLeast());
  }

  private static double distance(LogRankTable table, List<List<Observation>> groups, int[] labels) {
    double[] sums = table.sums(labels);
    double distance = 0;
    for (int i = 0; i < sums.length; i++) {
      distance += sums[i] * sums[i] / groups.get(i).size();
    }
    return distance;
  }

  private record Quadratic(double value, int rank) {}

  /** dᵀ V⁻ d by elimination; rows that depend on others are left out, which makes V⁻. */
  private static Quadratic quadratic(LogRankTable table) {
    int size = table.observed.length;
    double[][] v = new double[size][];
    double[] d = new double[size];
    double scale = 0;
    for (int i = 0; i < size; i++) {
      v[i] = table.covariance[i].clone();
      d[i] = table.observed[i] - table.expected[i];
      scale = Math.max(scale, v[i][i]);
    }
    double value = 0;
    int rank = 0;
    for (int i = 0; i < size; i++) {
      if (!(v[i][i] > SINGULAR * scale)) {
        continue;
      }
      rank++;
      value += d[i] * d[i] / v[i][i];
      for (int j = i + 1; j < size; j++) {
        double factor = v[j][i] / v[i][i];
        d[j] -= factor * d[i];
        for (int k = i + 1; k < size; k++) {
          v[j][k] -= factor * v[i][k];
        }
      }
    }
    return new Quadratic(value, rank);
  }
}

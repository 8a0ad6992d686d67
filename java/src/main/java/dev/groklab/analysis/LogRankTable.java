package dev.groklab.analysis;

import java.util.List;

/** What the log-rank tests are made of: events observed and expected, covariances, scores. */
final class LogRankTable {

  /** Events of each group. */
  final int[] observed;

  /**
   * The same if the groups did not differ: Σ over event times of events × share of those at risk.
   */
  final double[] expected;

  /** Covariances of observed − expected, given who was at risk when. */
  final double[][] covariance;

  /** The group of each run. */
  final int[] labels;

  /**
   * The score of each run: event (1 or 0) minus the Nelson–Aalen estimate at its time. The scores
   * of a group add up to observed − expected, and stay with the runs when labels are exchanged.
   */
  final double[] scores;

  LogRankTable(List<List<Observation>> groups) {
    if (groups.size() < 2) {
      throw new IllegalArgumentException(
          "there are " + groups.size() + " groups to compare; at least 2 are needed");
    }
    for (int group = 0; group < groups.size(); group++) {
      Numbers.requireRuns("group " + group, groups.get(group));
    }
    List<Observation> runs = groups.stream().flatMap(List::stream).toList();
    labels = new int[runs.size()];
    int run = 0;
    for (int group = 0; group < groups.size(); group++) {
      for (int i = 0; i < groups.get(group).size(); i++) {
        labels[run++] = group;
      }
    }
    observed = new int[groups.size()];
    expected = new double[groups.size()];
    covariance = new double[groups.size()][groups.size()];
    scores = runs.stream().mapToDouble(one -> one.event() ? 1 : 0).toArray();
    for (double time : eventTimes(runs)) {
      addTime(runs, time);
    }
  }

  private static double[] eventTimes(List<Observation> runs) {
    return runs.stream()
        .filter(Observation::event)
        .mapToDouble(Observation::time)
        .distinct()
        .sorted()
        .toArray();
  }

  private void addTime(List<Observation> runs, double time) {
    int[] atRisk = new int[observed.length];
    int all = 0;
    int events = 0;
    for (int i = 0; i < labels.length; i++) {
      Observation run = runs.get(i);
      if (run.time() >= time) {
        atRisk[labels[i]]++;
        all++;
        if (run.event() && run.time() == time) {
          events++;
          observed[labels[i]]++;
        }
      }
    }
    for (int i = 0; i < labels.length; i++) {
      if (runs.get(i).time() >= time) {
        scores[i] -= (double) events / all;
      }
    }
    double spread = all > 1 ? events * (all - events) / (all - 1.0) : 0; // hypergeometric
    for (int i = 0; i < observed.length; i++) {
      double share = (double) atRisk[i] / all;
      expected[i] += events * share;
      for (int j = 0; j < observed.length; j++) {
        covariance[i][j] += spread * share * ((i == j ? 1 : 0) - (double) atRisk[j] / all);
      }
    }
  }

  /** Sums of the scores by label. */
  double[] sums(int[] arrangement) {
    double[] sums = new double[observed.length];
    for (int i = 0; i < arrangement.length; i++) {
      sums[arrangement[i]] += scores[i];
    }
    return sums;
  }
}

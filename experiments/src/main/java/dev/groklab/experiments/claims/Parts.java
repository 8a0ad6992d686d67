package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.KaplanMeier;
import dev.groklab.analysis.LogRank;
import dev.groklab.analysis.LogRankTrend;
import dev.groklab.analysis.Observation;
import dev.groklab.analysis.PValue;
import dev.groklab.analysis.RankCorrelation;
import dev.groklab.analysis.RatioOfTimes;
import dev.groklab.analysis.Share;
import dev.groklab.analysis.Superiority;
import dev.groklab.experiments.table.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The kinds of comparisons that statements are made of. Each is empty where a group is. */
final class Parts {

  static final String STEPS = "steps to generalization";

  /** Of random permutations, which are drawn where there are too many to count. */
  private static final long PERMUTATION_SEED = 1;

  private Parts() {}

  /** Whether runs generalize later or sooner along a scale. */
  static List<Part> trend(ClaimRule rule, String scale, List<Group> given) {
    List<Group> groups = Group.inOrder(given);
    if (groups.stream().mapToDouble(Group::place).distinct().count() < 2) {
      return List.of();
    }
    double budget = budget(groups);
    List<Double> places = new ArrayList<>();
    List<Observation> all = new ArrayList<>();
    List<List<Observation>> cut = new ArrayList<>();
    for (Group group : groups) {
      cut.add(Observation.cutAt(group.generalization(), budget));
      all.addAll(cut.getLast());
      group.runs().forEach(_ -> places.add(group.place()));
    }
    double[] scores = groups.stream().mapToDouble(Group::place).toArray();
    PValue logRank = LogRankTrend.of(cut, scores, PERMUTATION_SEED).permutationP();
    return List.of(
        new Part(
            rule,
            STEPS,
            Sample.of(groups, Times::generalization),
            "rank correlation (Spearman's ρ) of the " + STEPS + " with the " + scale,
            new OfSeeds(
                RankCorrelation.ofTimes(
                    places.stream().mapToDouble(Double::doubleValue).toArray(),
                    all,
                    PERMUTATION_SEED),
                leastSeeds(groups)),
            List.of(new Part.Fact("log-rank test for trend", p(logRank)))));
  }

  /** How many times later one group is than another. */
  static List<Part> ratio(
      ClaimRule rule,
      String time,
      Function<RunRecord, Observation> measure,
      Group reference,
      Group group) {
    if (reference.runs().isEmpty() || group.runs().isEmpty()) {
      return List.of();
    }
    List<Group> groups = List.of(reference, group);
    List<List<Observation>> times = groups.stream().map(one -> one.observe(measure)).toList();
    return List.of(
        new Part(
            rule,
            time,
            Sample.of(groups, measure),
            "ratio of the " + time + ", " + group.label() + " to " + reference.label(),
            new OfSeeds(RatioOfTimes.of(times.get(0), times.get(1)), leastSeeds(groups)),
            List.of(logRank(times))));
  }

  /** How probably a run of one group is sooner than one of another. */
  static List<Part> superiority(ClaimRule rule, Group sooner, Group later) {
    if (sooner.runs().isEmpty() || later.runs().isEmpty()) {
      return List.of();
    }
    List<Group> groups = List.of(sooner, later);
    List<List<Observation>> times = groups.stream().map(Group::generalization).toList();
    return List.of(
        new Part(
            rule,
            STEPS,
            Sample.of(groups, Times::generalization),
            "probability that " + sooner.label() + " generalizes before " + later.label(),
            new OfSeeds(Superiority.of(times.get(0), times.get(1)), leastSeeds(groups)),
            List.of(logRank(times))));
  }

  /** How many runs have something. */
  static List<Part> share(
      ClaimRule rule, String what, List<Group> given, Function<RunRecord, Boolean> has) {
    List<Group> groups = given.stream().filter(group -> !group.runs().isEmpty()).toList();
    if (groups.isEmpty()) {
      return List.of();
    }
    List<RunRecord> runs = groups.stream().flatMap(group -> group.runs().stream()).toList();
    Share share = new Share((int) runs.stream().filter(has::apply).count(), runs.size());
    return List.of(
        new Part(
            rule,
            STEPS,
            Sample.of(groups, Times::generalization),
            "share of runs " + what,
            new OfSeeds(share, leastSeeds(groups)),
            List.of(new Part.Fact("runs " + what, share.toString()))));
  }

  /** Whether more than half of the runs get there. */
  static boolean mostlyGeneralizes(Group group) {
    List<Observation> times = group.generalization();
    return 2 * times.stream().filter(Observation::event).count() > times.size();
  }

  static int leastSeeds(List<Group> groups) {
    return groups.stream().mapToInt(Group::seeds).min().orElse(0);
  }

  /** Until when all groups were watched: what happened later must not count for any. */
  private static double budget(List<Group> groups) {
    return groups.stream()
        .flatMap(group -> group.generalization().stream())
        .filter(observation -> !observation.event())
        .mapToDouble(Observation::time)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** The group that is soonest: by the median time, then by how many get there, then by order. */
  static Group soonest(List<Group> groups) {
    Group best = null;
    double bestMedian = 0;
    long bestCount = 0;
    for (Group group : groups) {
      if (group.runs().isEmpty()) {
        continue;
      }
      List<Observation> times = group.generalization();
      double median = KaplanMeier.of(times).median();
      long count = times.stream().filter(Observation::event).count();
      boolean better = median < bestMedian || (median == bestMedian && count > bestCount);
      if (best == null || better) {
        best = group;
        bestMedian = median;
        bestCount = count;
      }
    }
    return best;
  }

  static Part.Fact logRank(List<List<Observation>> times) {
    return new Part.Fact("log-rank test", p(LogRank.of(times, PERMUTATION_SEED).permutationP()));
  }

  private static String p(PValue p) {
    return String.format(
        Locale.ROOT,
        "p = %.2g by %s of %,d",
        p.value(),
        p.exact() ? "all permutations" : "random permutations",
        p.arrangements());
  }
}

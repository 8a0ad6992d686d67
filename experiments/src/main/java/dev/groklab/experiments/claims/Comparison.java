package dev.groklab.experiments.claims;

import dev.groklab.analysis.Observation;
import dev.groklab.experiments.results.CurveData;
import java.util.List;

/**
 * Steps to generalization of curves beside each other, without a claim.
 *
 * @param time what is timed
 * @param samples the times, by curve
 * @param facts the test whether the curves differ
 */
public record Comparison(String time, List<Sample> samples, List<Part.Fact> facts) {

  /** Copies the lists. */
  public Comparison {
    samples = List.copyOf(samples);
    facts = List.copyOf(facts);
  }

  /**
   * Compares curves.
   *
   * @param curves the curves; runs that are not complete are left out
   * @return the comparison; it may have no samples
   */
  public static Comparison of(List<CurveData> curves) {
    List<Group> groups =
        Group.inOrder(curves.stream().map(curve -> Group.of(curve.label(), curve)).toList());
    List<List<Observation>> times = groups.stream().map(Group::generalization).toList();
    return new Comparison(
        Parts.STEPS,
        Sample.of(groups, Times::generalization),
        times.size() < 2 ? List.of() : List.of(Parts.logRank(times)));
  }
}

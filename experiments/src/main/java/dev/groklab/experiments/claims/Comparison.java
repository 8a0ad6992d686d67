package dev.groklab.experiments.claims;

import dev.groklab.analysis.Observation;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.table.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Steps that the runs of curves take, the curves beside each other, without a claim.
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
   * Compares curves: steps to generalization, and in each stage of learning that a run has begun.
   *
   * @param curves the curves; runs that are not complete are left out
   * @return the comparisons, of which each may have no samples
   */
  public static List<Comparison> of(List<CurveData> curves) {
    List<Group> groups =
        Group.inOrder(curves.stream().map(curve -> Group.of(curve.label(), curve)).toList());
    List<Comparison> comparisons = new ArrayList<>();
    comparisons.add(of(Parts.STEPS, groups, Times::generalization));
    List<Group> opened = groups.stream().map(group -> group.where(Stage::areByCircuit)).toList();
    for (Stage stage : Stage.values()) {
      comparisons.add(
          of(
              "steps of " + stage.word(),
              Group.inOrder(opened.stream().map(group -> group.where(stage::begins)).toList()),
              stage::length));
    }
    return comparisons;
  }

  private static Comparison of(
      String time, List<Group> groups, Function<RunRecord, Observation> measure) {
    List<List<Observation>> times = groups.stream().map(group -> group.observe(measure)).toList();
    return new Comparison(
        time,
        Sample.of(groups, measure),
        times.size() < 2 ? List.of() : List.of(Parts.logRank(times)));
  }
}

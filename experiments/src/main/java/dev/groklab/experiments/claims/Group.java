package dev.groklab.experiments.claims;

import dev.groklab.analysis.Observation;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Runs that are compared with others. Runs that were stopped, or are still going on, are left out.
 *
 * @param label what they have in common
 * @param place where they stand on a scale, if there is one
 * @param runs the runs
 */
record Group(String label, double place, List<RunRecord> runs) {

  Group {
    runs = runs.stream().filter(Group::isComplete).toList();
  }

  private static boolean isComplete(RunRecord run) {
    return run.summary().status() != Status.STOPPED;
  }

  static Group of(String label, CurveData curve) {
    return new Group(label, 0, curve.runs());
  }

  /** All runs of several groups, as one. */
  static Group pooled(String label, List<Group> groups) {
    return new Group(label, 0, groups.stream().flatMap(group -> group.runs.stream()).toList());
  }

  /** How many seeds they have; runs of other settings with the same seed count once. */
  int seeds() {
    return (int) runs.stream().map(run -> run.config().seed()).distinct().count();
  }

  /** Those of its runs. */
  Group where(Predicate<RunRecord> condition) {
    return new Group(label, place, runs.stream().filter(condition).toList());
  }

  List<Observation> generalization() {
    return observe(Times::generalization);
  }

  List<Observation> observe(Function<RunRecord, Observation> measure) {
    return runs.stream().map(measure).toList();
  }

  /** Groups in the order of their places; empty ones are left out. */
  static List<Group> inOrder(List<Group> groups) {
    List<Group> ordered = new ArrayList<>(groups);
    ordered.removeIf(group -> group.runs.isEmpty());
    ordered.sort(Comparator.comparingDouble(Group::place));
    return ordered;
  }
}

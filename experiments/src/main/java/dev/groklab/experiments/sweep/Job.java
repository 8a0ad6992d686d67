package dev.groklab.experiments.sweep;

import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.Runner;
import dev.groklab.run.Speed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs that train together, and what they cost.
 *
 * @param runs the runs, at least one
 * @param speed of all of them together, on one lane of the machine
 */
record Job(List<PlannedRun> runs, Speed speed) {

  Job {
    runs = List.copyOf(runs);
  }

  /** Time on one lane until the last step of all runs. */
  double seconds() {
    return runs.stream().mapToDouble(run -> secondsLeft(run, run.steps())).max().orElseThrow();
  }

  /** A run's share of that time. */
  double cost(PlannedRun run, long step) {
    return secondsLeft(run, step) / runs.size();
  }

  private double secondsLeft(PlannedRun run, long step) {
    return speed.secondsLeft(run.config(), step);
  }

  /** Pending runs as they will train: one by one, or all of an architecture together. */
  static List<List<PlannedRun>> groups(List<PlannedRun> pending, Machine machine) {
    if (!machine.isTogether()) {
      return pending.stream().map(List::of).toList();
    }
    Map<List<Object>, List<PlannedRun>> groups = new LinkedHashMap<>();
    for (PlannedRun run : pending) {
      List<Object> key = List.of(Runner.shared(run.config()), run.madeOn());
      groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(run);
    }
    return List.copyOf(groups.values());
  }

  /** What the speed depends on: runs alike in it are measured once. */
  static List<Object> shape(List<PlannedRun> runs) {
    List<Object> shape = new ArrayList<>();
    for (PlannedRun run : runs) {
      RunConfig config = run.config();
      Map<ConfigKey, Object> shared = Runner.shared(config);
      Object batch =
          config.batchSize().isPresent() ? config.batchSize() : (Object) config.trainFraction();
      shape.add(
          List.of(
              shared,
              batch,
              config.evalRows(),
              config.dropout() > 0,
              config.optimizer(),
              config.labelNoise() > 0));
    }
    return shape;
  }
}

package dev.groklab.experiments.sweep;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts steps, and tells from what they cost how long the others take. */
final class Tally {

  private static final double TRUSTED_SECONDS = 5;

  private static final class Entry {
    final Job job;
    long start;
    long step;
    boolean ended;

    Entry(Job job, long step) {
      this.job = job;
      this.start = step;
      this.step = step;
    }
  }

  private final Map<PlannedRun, Entry> entries = new HashMap<>();
  private final int lanes;
  private final int runs;
  private final long begin = System.nanoTime();
  private int done;

  Tally(List<Job> jobs, int lanes, int runs, int done) {
    jobs.forEach(job -> job.runs().forEach(run -> entries.put(run, new Entry(job, run.steps()))));
    this.lanes = lanes;
    this.runs = runs;
    this.done = done;
  }

  /** A run begins at a step, which only its checkpoint knows. */
  synchronized void started(PlannedRun run, long step) {
    Entry entry = entries.get(run);
    entry.start += step - entry.step;
    entry.step = step;
  }

  synchronized void reached(PlannedRun run, long step) {
    entries.get(run).step = step;
  }

  synchronized void ended(PlannedRun run) {
    entries.get(run).ended = true;
    done++;
  }

  synchronized SweepProgress progress() {
    double left = 0;
    double made = 0;
    long steps = 0;
    for (Map.Entry<PlannedRun, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      double rest = entry.job.cost(each.getKey(), entry.step);
      left += entry.ended ? 0 : rest;
      made += entry.job.cost(each.getKey(), entry.start) - rest;
      steps += entry.step - entry.start;
    }
    double seconds = 1e-9 * (System.nanoTime() - begin);
    // Once there is enough to go by, the trial's error is known.
    double error = made / lanes > TRUSTED_SECONDS ? seconds * lanes / made : 1;
    double all = left + made;
    return new SweepProgress(
        done, runs, all > 0 ? made / all : 1, steps / seconds, left * error / lanes);
  }
}

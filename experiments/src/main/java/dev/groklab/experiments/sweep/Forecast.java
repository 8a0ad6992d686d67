package dev.groklab.experiments.sweep;

import dev.groklab.engine.EngineException;
import dev.groklab.run.Speed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How long a plan's pending runs take here, and what room: from a moment's trial of each shape.
 *
 * @param jobs the runs as they will train
 * @param lanes how many jobs train side by side
 */
public record Forecast(List<Job> jobs, int lanes) {

  private static final long PICTURES_BYTES = 120_000;

  /** Copies the jobs. */
  public Forecast {
    jobs = List.copyOf(jobs);
  }

  /**
   * Measures, for about a fifth of a second per shape.
   *
   * @param plan the plan
   * @param machine where it would be trained
   * @return the forecast
   * @throws IOException if a file cannot be read
   * @throws InterruptedException if this thread is interrupted
   */
  public static Forecast of(SweepPlan plan, Machine machine)
      throws IOException, InterruptedException {
    List<List<PlannedRun>> groups = Job.groups(plan.pending(), machine);
    int threads = machine.isTogether() ? machine.engine().threads() : 1;
    Map<List<Object>, Future<Speed>> speeds = new LinkedHashMap<>();
    List<Job> jobs = new ArrayList<>();
    try (ExecutorService lanes = Executors.newFixedThreadPool(machine.lanes())) {
      for (List<PlannedRun> group : groups) {
        speeds.computeIfAbsent(Job.shape(group), _ -> lanes.submit(() -> speed(group, threads)));
      }
      for (List<PlannedRun> group : groups) {
        jobs.add(new Job(group, get(speeds.get(Job.shape(group)))));
      }
    }
    return new Forecast(jobs, machine.lanes());
  }

  /** Where even a trial fails, so will the run, and tell why. */
  private static Speed speed(List<PlannedRun> group, int threads) throws IOException {
    try {
      return Speed.measure(group.stream().map(PlannedRun::config).toList(), threads);
    } catch (EngineException | IllegalArgumentException _) {
      return new Speed(0, 0, 0);
    }
  }

  private static Speed get(Future<Speed> speed) throws IOException, InterruptedException {
    try {
      return speed.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  /**
   * Time until the last run has made its last step; less if runs end early.
   *
   * @return seconds
   */
  public double seconds() {
    return jobs.stream().mapToDouble(Job::seconds).sum() / lanes;
  }

  /**
   * Time of one run on one lane.
   *
   * @param run a pending run of the plan
   * @return seconds
   */
  public double seconds(PlannedRun run) {
    return jobs.stream()
        .filter(job -> job.runs().contains(run))
        .mapToDouble(job -> job.cost(run, run.steps()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * What the folders will take on the disk at the end.
   *
   * @return bytes
   */
  public long bytes() {
    return jobs.stream()
        .flatMap(job -> job.runs().stream().map(run -> job.speed().diskBytes(run.config())))
        .mapToLong(bytes -> bytes + PICTURES_BYTES)
        .sum();
  }
}

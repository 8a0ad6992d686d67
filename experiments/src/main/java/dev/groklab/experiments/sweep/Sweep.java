package dev.groklab.experiments.sweep;

import dev.groklab.run.IoFailure;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.Run;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.RunListener;
import dev.groklab.run.Runner;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains the pending runs of a plan. What comes out does not depend on the order, the threads or
 * the interruptions: a run's files hold the bits that it would have got alone. A run that fails
 * stops no other.
 */
public final class Sweep {

  /** To pause a run and to go on takes about a second. */
  private static final double WORTH_PAUSING_SECONDS = 20;

  /** Draws what belongs into a run's folder. */
  @FunctionalInterface
  public interface Pictures {
    /**
     * Draws.
     *
     * @param config the run
     * @param folder its folder
     * @throws IOException if a picture cannot be written
     */
    void draw(RunConfig config, RunFolder folder) throws IOException;
  }

  private final SweepPlan plan;
  private final Machine machine;
  private final Forecast forecast;
  private final SweepListener listener;
  private final Pictures pictures;
  private final Scheduler scheduler;
  private final Tally tally;
  private final Map<PlannedRun, Summary> summaries = new LinkedHashMap<>();
  private final Map<PlannedRun, String> failures = new LinkedHashMap<>();

  /**
   * A sweep, ready to go.
   *
   * @param plan what is needed
   * @param machine where to train
   * @param forecast what it costs there
   * @param listener is told how it goes
   * @param pictures draws what belongs into a run's folder
   */
  public Sweep(
      SweepPlan plan,
      Machine machine,
      Forecast forecast,
      SweepListener listener,
      Pictures pictures) {
    this(plan, machine, forecast, listener, pictures, WORTH_PAUSING_SECONDS);
  }

  Sweep(
      SweepPlan plan,
      Machine machine,
      Forecast forecast,
      SweepListener listener,
      Pictures pictures,
      double worthPausing) {
    this.plan = plan;
    this.machine = machine;
    this.forecast = forecast;
    this.listener = listener;
    this.pictures = pictures;
    this.scheduler = new Scheduler(machine.lanes(), worthPausing);
    plan.runs().forEach(run -> run.outcome().ifPresent(summary -> summaries.put(run, summary)));
    this.tally = new Tally(forecast.jobs(), machine.lanes(), plan.runs().size(), summaries.size());
  }

  /**
   * Trains until every run has ended or failed, or {@link #stop} is called. To be called once.
   *
   * @return what became of the runs
   * @throws InterruptedException if this thread is interrupted
   */
  public SweepResult run() throws InterruptedException {
    for (PlannedRun run : plan.runs()) {
      if (run.isDone() && !Files.exists(run.folder().curvesPng())) {
        draw(run); // it ended, and the process did before it could draw
      }
    }
    scheduler.run(forecast.jobs().stream().map(job -> new Training(job, job.runs())).toList());
    synchronized (this) {
      return new SweepResult(
          new LinkedHashMap<>(summaries),
          new LinkedHashMap<>(failures),
          plan.runs().size() - summaries.size() - failures.size());
    }
  }

  /** Ends the sweep within about a second; begun again, it goes on. From any thread. */
  public void stop() {
    scheduler.stop();
  }

  private synchronized void finished(PlannedRun run, Summary summary) {
    summaries.put(run, summary);
    tally.ended(run);
    listener.finished(run, summary);
    listener.progressed(tally.progress());
  }

  private synchronized void failed(PlannedRun run, String reason) {
    failures.put(run, reason);
    tally.ended(run);
    listener.failed(run, reason);
  }

  private synchronized void progressed() {
    listener.progressed(tally.progress());
  }

  private synchronized void notice(String message) {
    listener.notice(message);
  }

  private synchronized boolean isOver(PlannedRun run) {
    return summaries.containsKey(run) || failures.containsKey(run);
  }

  private void draw(PlannedRun run) {
    try {
      pictures.draw(run.config(), run.folder());
    } catch (IOException e) {
      notice(run.name() + " has no pictures: " + IoFailure.describe(e));
    }
  }

  /** The training of a job, in one piece or several. */
  private final class Training implements Scheduler.Task, RunListener {
    private final Job job;
    private final List<PlannedRun> runs;
    private volatile double secondsLeft;
    private Runner runner;
    private boolean paused;

    Training(Job job, List<PlannedRun> runs) {
      this.job = job;
      this.runs = runs;
      this.secondsLeft = job.seconds();
    }

    @Override
    public double secondsLeft() {
      return secondsLeft;
    }

    @Override
    public synchronized void pause() {
      paused = true;
      if (runner != null) {
        runner.stop();
      }
    }

    private synchronized void trainWith(Runner runner) {
      this.runner = runner;
      if (paused && runner != null) {
        runner.stop();
      }
    }

    @Override
    public List<Training> run(int share) {
      try {
        train(machine.isTogether() ? machine.engine().threads() : share);
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        return afterFailure(e);
      }
      List<PlannedRun> ended = runs.stream().filter(Sweep.this::isOver).toList();
      ended.forEach(Sweep.this::draw);
      return ended.size() == runs.size() ? List.of() : List.of(rest(unfinished()));
    }

    private void train(int threads) throws IOException {
      List<Run> all =
          runs.stream()
              .map(run -> new Run(run.config(), run.folder(), true, Optional.empty()))
              .toList();
      try (Runner runner = Runner.open(all, threads)) {
        trainWith(runner);
        List<Summary> outcome = runner.run(this);
        for (int r = 0; r < runs.size(); r++) {
          // Those that had ended in a session that was killed were not told to the listener.
          finished(r, outcome.get(r));
        }
      } finally {
        trainWith(null);
      }
    }

    /** Half a group may fit where a whole one does not, and a fault may be one run's alone. */
    private List<Training> afterFailure(Throwable failure) {
      List<PlannedRun> left = unfinished();
      if (left.size() > 1) {
        int half = left.size() / 2;
        return List.of(rest(left.subList(0, half)), rest(left.subList(half, left.size())));
      }
      left.forEach(run -> failed(run, describe(failure)));
      return List.of();
    }

    private List<PlannedRun> unfinished() {
      return runs.stream().filter(run -> !isOver(run)).toList();
    }

    private Training rest(List<PlannedRun> left) {
      Training rest = new Training(job, List.copyOf(left));
      rest.secondsLeft = secondsLeft;
      return rest;
    }

    @Override
    public void notice(String message) {
      Sweep.this.notice(message);
    }

    @Override
    public void started(int replica, RunConfig config, long step) {
      tally.started(runs.get(replica), step);
    }

    @Override
    public void evaluated(int replica, MetricsRow row) {
      tally.reached(runs.get(replica), row.step());
    }

    @Override
    public void progressed(Progress progress) {
      if (runs.size() == 1) {
        tally.reached(runs.getFirst(), progress.step());
      }
      secondsLeft = progress.secondsLeft();
      Sweep.this.progressed();
    }

    @Override
    public void finished(int replica, Summary summary) {
      PlannedRun run = runs.get(replica);
      tally.reached(run, summary.steps());
      if (summary.status() != Status.STOPPED && !isOver(run)) {
        Sweep.this.finished(run, summary);
      }
    }
  }

  private static String describe(Throwable failure) {
    return switch (failure) {
      case IOException e -> IoFailure.describe(e);
      case OutOfMemoryError _ -> "the Java heap is too small: give more with -Xmx";
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }
}

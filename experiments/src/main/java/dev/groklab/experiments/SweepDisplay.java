package dev.groklab.experiments;

import dev.groklab.experiments.sweep.PlannedRun;
import dev.groklab.experiments.sweep.SweepListener;
import dev.groklab.experiments.sweep.SweepProgress;
import dev.groklab.run.Summary;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Progress of a sweep, for a person: a bar on a terminal, a plain line now and then elsewhere, or
 * nothing. A line for each run that ends.
 */
abstract sealed class SweepDisplay implements SweepListener, AutoCloseable {

  private final int runs;
  private int done;

  private SweepDisplay(int runs, int done) {
    this.runs = runs;
    this.done = done;
  }

  /** The kind that fits where the output goes. */
  static SweepDisplay on(PrintWriter out, boolean quiet, int runs, int done) {
    if (quiet) {
      return new Quiet(runs, done);
    }
    return Display.isTerminal() ? new Bar(out, runs, done) : new Plain(out, runs, done);
  }

  /** Shows a line that stays. */
  abstract void say(String line);

  @Override
  public void notice(String message) {
    say("note: " + message);
  }

  @Override
  public void finished(PlannedRun run, Summary summary) {
    done++;
    say(String.format("[%d/%d] %s: %s", done, runs, run.name(), Display.describe(summary)));
  }

  @Override
  public void failed(PlannedRun run, String reason) {
    done++;
    say(String.format("[%d/%d] %s: failed: %s", done, runs, run.name(), reason));
  }

  @Override
  public void close() {}

  private static String words(SweepProgress progress) {
    return String.format(
        Locale.ROOT,
        "%d/%d runs, %.1f run-steps/s, at most about %s left",
        progress.done(),
        progress.runs(),
        progress.stepsPerSecond(),
        Display.time(progress.secondsLeft()));
  }

  private static final class Bar extends SweepDisplay {
    private static final int PARTS = 1000;
    private final LiveLine line;

    Bar(PrintWriter out, int runs, int done) {
      super(runs, done);
      line = new LiveLine(out);
      line.begin(0, PARTS);
    }

    @Override
    public void progressed(SweepProgress progress) {
      line.show(Math.round(PARTS * progress.share()), words(progress));
    }

    @Override
    void say(String text) {
      line.say(text);
    }

    @Override
    public void close() {
      line.close();
    }
  }

  private static final class Plain extends SweepDisplay {
    private static final long PAUSE_NANOS = 10_000_000_000L;
    private final PrintWriter out;
    private long shown = System.nanoTime();

    Plain(PrintWriter out, int runs, int done) {
      super(runs, done);
      this.out = out;
    }

    @Override
    public void progressed(SweepProgress progress) {
      if (System.nanoTime() - shown >= PAUSE_NANOS) {
        shown = System.nanoTime();
        say(words(progress));
      }
    }

    @Override
    void say(String text) {
      out.println(text);
      out.flush();
    }
  }

  private static final class Quiet extends SweepDisplay {
    Quiet(int runs, int done) {
      super(runs, done);
    }

    @Override
    void say(String text) {}
  }
}

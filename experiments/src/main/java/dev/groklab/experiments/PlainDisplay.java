package dev.groklab.experiments;

import dev.groklab.run.MetricsRow;
import dev.groklab.run.Run;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** A line after an evaluation, but not more often than every two seconds. */
final class PlainDisplay extends Display {

  private static final long PAUSE_NANOS = 2_000_000_000L;

  private long shown = System.nanoTime() - PAUSE_NANOS;
  private boolean news;

  PlainDisplay(PrintWriter out, List<Run> runs) {
    super(out, runs);
  }

  @Override
  public void evaluated(int replica, MetricsRow row) {
    super.evaluated(replica, row);
    news = true;
  }

  @Override
  public void progressed(Progress progress) {
    if (news && System.nanoTime() - shown >= PAUSE_NANOS) {
      say(
          String.format(
              Locale.ROOT,
              "step %d/%d  %s  %.1f steps/s  %s left",
              progress.step(),
              progress.steps(),
              evaluation(),
              progress.stepsPerSecond(),
              time(progress.secondsLeft())));
      shown = System.nanoTime();
      news = false;
    }
  }

  @Override
  void say(String line) {
    out.println(line);
    out.flush();
  }
}

package dev.groklab.experiments;

import dev.groklab.run.Run;
import dev.groklab.run.RunConfig;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** A bar that stays on one line of a terminal. */
final class BarDisplay extends Display {

  private final LiveLine line;

  BarDisplay(PrintWriter out, List<Run> runs) {
    super(out, runs);
    line = new LiveLine(out);
  }

  @Override
  public void started(int replica, RunConfig config, long step) {
    super.started(replica, config, step);
    if (!line.isBegun()) {
      line.begin(step, config.steps());
    }
  }

  @Override
  public void progressed(Progress progress) {
    line.show(
        progress.step(),
        String.format(
            Locale.ROOT,
            "%d/%d %s, %.1f steps/s, %s left",
            progress.step(),
            progress.steps(),
            evaluation(),
            progress.stepsPerSecond(),
            time(progress.secondsLeft())));
  }

  @Override
  void say(String text) {
    line.say(text);
  }

  @Override
  public void close() {
    line.close();
    super.close();
  }
}

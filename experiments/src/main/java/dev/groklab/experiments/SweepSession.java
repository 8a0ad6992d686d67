package dev.groklab.experiments;

import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.sweep.Forecast;
import dev.groklab.experiments.sweep.Machine;
import dev.groklab.experiments.sweep.PlannedRun;
import dev.groklab.experiments.sweep.Sweep;
import dev.groklab.experiments.sweep.SweepPlan;
import dev.groklab.experiments.sweep.SweepResult;
import dev.groklab.run.ConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** What commands that train grids have in common: words for a person. */
final class SweepSession {

  private final CommandSpec spec;
  private final StopOnSignal signal;
  private final boolean quiet;

  SweepSession(CommandSpec spec, StopOnSignal signal, boolean quiet) {
    this.spec = spec;
    this.signal = signal;
    this.quiet = quiet;
  }

  /** Settings given one by one, as KEY=VALUE. */
  static Map<String, String> settings(List<String> set) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String text : set) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new ConfigException(
            "set", "'" + text + "' is not allowed: KEY=VALUE is needed, such as steps=3000");
      }
      settings.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
    }
    return settings;
  }

  void list(SweepPlan plan, Machine machine, Forecast forecast) {
    PrintWriter console = spec.commandLine().getOut();
    for (PlannedRun run : plan.runs()) {
      String state =
          run.isDone()
              ? "there already"
              : (run.steps() > 0 ? "goes on at step " + run.steps() + ", " : "")
                  + Display.time(forecast.seconds(run));
      console.println(run.folder().path() + ": " + state);
    }
    console.println(
        String.format(
            Locale.ROOT,
            "%d of %d runs to train on %s: at most about %s, and %s on the disk",
            plan.pending().size(),
            plan.runs().size(),
            Display.describe(machine.engine()),
            Display.time(forecast.seconds()),
            bytes(forecast.bytes())));
  }

  private static String bytes(long count) {
    String[] units = {"kB", "MB", "GB", "TB"};
    int unit = 0;
    double shown = count / 1000.0;
    while (shown >= 999.5 && unit < units.length - 1) {
      shown /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, shown < 10 ? "%.1f %s" : "%.0f %s", shown, units[unit]);
  }

  SweepResult train(SweepPlan plan, Machine machine, Forecast forecast, Set<Path> folders)
      throws InterruptedException {
    PrintWriter console = spec.commandLine().getOut();
    int pending = plan.pending().size();
    int all = plan.runs().size();
    SweepResult result;
    try (SweepDisplay display = SweepDisplay.on(console, quiet, all, all - pending)) {
      display.say(
          String.format(
              "training %d of %d runs on %s", pending, all, Display.describe(machine.engine())));
      for (Path folder : folders) {
        display.say("into " + folder);
      }
      Optional<String> obstacle = Picture.obstacle();
      obstacle.ifPresent(reason -> display.notice("no pictures are drawn: " + reason));
      Sweep sweep =
          new Sweep(
              plan,
              machine,
              forecast,
              display,
              (config, folder) -> {
                if (obstacle.isEmpty()) {
                  Curves.draw(config, folder.readMetrics(), folder);
                }
              });
      signal.stopBy(sweep::stop);
      result = sweep.run();
    }
    report(result, all);
    return result;
  }

  /** Faults are told even where progress is not. */
  private void report(SweepResult result, int all) {
    PrintWriter err = spec.commandLine().getErr();
    String name = spec.qualifiedName() + ": ";
    result
        .failures()
        .forEach((run, reason) -> err.println(name + run.folder().path() + " failed: " + reason));
    Set<PlannedRun> diverged = new LinkedHashSet<>(result.diverged());
    diverged.forEach(run -> err.println(name + run.folder().path() + " diverged"));
    if (!quiet) {
      spec.commandLine()
          .getOut()
          .println(
              String.format(
                  "%d of %d runs are done, %d diverged, %d failed, %d are left",
                  result.summaries().size() - diverged.size(),
                  all,
                  diverged.size(),
                  result.failures().size(),
                  result.left()));
    }
  }
}

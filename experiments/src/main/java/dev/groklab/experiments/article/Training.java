package dev.groklab.experiments.article;

import dev.groklab.data.FeatureTable;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Model;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.experiments.Curves;
import dev.groklab.experiments.Display;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.run.EpochRun;
import dev.groklab.run.EpochRunner;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;

/** Trains the networks of an experiment on rows of features, shows how it goes, and draws. */
final class Training {

  /** How often the rows are used, and how often the networks are evaluated, in epochs. */
  record Length(int epochs, int evalEvery) {}

  private static final int STOPPED = 130; // 128 + SIGINT

  private final CommandSpec spec;
  private final Consumer<Runnable> stopBy;
  private final RunConfig means;
  private final Progress progress;
  private volatile boolean stopped;

  /**
   * Training by some backend.
   *
   * @param spec the command
   * @param stopBy is told how to stop
   * @param means backend, threads and precision
   * @param progress where progress goes
   */
  Training(CommandSpec spec, Consumer<Runnable> stopBy, RunConfig means, Progress progress) {
    this.spec = spec;
    this.stopBy = stopBy;
    this.means = means;
    this.progress = progress;
  }

  /**
   * Trains networks together.
   *
   * @return the parameters that each ends with
   */
  List<double[]> train(
      String what, FeatureTable table, Model model, List<Network> networks, Length length)
      throws IOException {
    try (Engine engine = Engine.open(new EngineOptions(means.backend(), means.threads()));
        Dataset dataset = engine.dataset(table);
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    model,
                    means.precision(),
                    BatchLayout.DENSE,
                    networks.stream().map(Network::options).toList()))) {
      List<EpochRun> runs = networks.stream().map(Network::run).toList();
      EpochRunner runner =
          new EpochRunner(trainer, engine.info(), runs, length.epochs(), length.evalEvery());
      for (int r = 0; r < networks.size(); r++) {
        networks.get(r).start().write(trainer, r);
      }
      stopBy.accept(
          () -> {
            stopped = true;
            runner.stop();
          });
      progress.say("training " + what + " on " + Display.describe(engine.info()));
      List<Summary> summaries = runner.run(new Told(progress, networks));
      if (summaries.stream().anyMatch(summary -> summary.status() == Status.STOPPED)) {
        stopped = true;
      }
      List<double[]> weights = new ArrayList<>();
      for (int r = 0; r < networks.size(); r++) {
        weights.add(trainer.readDoubles(r, Buffer.PARAMETERS));
      }
      return weights;
    }
  }

  /** Whether training was stopped before its end. */
  boolean isStopped() {
    return stopped;
  }

  /** The command's exit status. */
  int status() {
    return stopped ? STOPPED : 0;
  }

  /**
   * Draws the curves of each network, and of all of them in one picture where they are several.
   *
   * @param title what is trained
   * @param folder that of the experiment
   */
  void draw(String title, List<Network> networks, RunFolder folder) throws IOException {
    Optional<String> obstacle = Picture.obstacle();
    if (obstacle.isPresent()) {
      spec.commandLine()
          .getErr()
          .println(spec.qualifiedName() + ": no pictures were drawn: " + obstacle.get());
      return;
    }
    Map<String, List<MetricsRow>> rows = new LinkedHashMap<>();
    for (Network network : networks) {
      List<MetricsRow> metrics = network.run().folder().readMetrics();
      Curves.draw(network.title(), metrics, network.run().folder());
      rows.put(network.name(), metrics);
    }
    Path own = networks.getFirst().run().folder().path();
    if (networks.size() > 1 || !own.equals(folder.path())) {
      Lines.accuracies(title, rows).write(folder.curvesSvg(), folder.curvesPng());
    }
  }
}

package dev.groklab.experiments;

import dev.groklab.experiments.explain.Explanation;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code groklab explain}: what a trained network does inside. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Open a trained network: the algorithm that it has formed, in pictures.",
    description = {
      "For a finished run that adds two numbers modulo p. Writes DIR/index.html, a page that needs"
          + " no other file, and its pictures as SVG and PNG. Train with --snapshot-every log to"
          + " see the middle of training, too.%n"
    })
final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The run's folder.")
  private Path folder;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where page and pictures go (default: RUN/explain).")
  private Path out;

  @Override
  public Integer call() throws IOException {
    RunFolder run = new RunFolder(folder);
    if (!Files.isRegularFile(run.config())) {
      throw new IllegalArgumentException(folder + ": no run is in it, for it has no config.yaml");
    }
    RunRecord record = RunRecord.read(run);
    Path page =
        Explanation.write(
            record,
            Curves.picture(record.config(), record.metrics()),
            out == null ? folder.resolve("explain") : out);
    spec.commandLine().getOut().println("page: " + page);
    return 0;
  }
}

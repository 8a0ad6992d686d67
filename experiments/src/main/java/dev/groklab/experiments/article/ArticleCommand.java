package dev.groklab.experiments.article;

import dev.groklab.experiments.Version;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code groklab article NAME}: an experiment of the article. */
@Command(
    name = "article",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    header = "Repeat an experiment of the article.",
    description = {
      "Each writes a run folder: config.yaml, metrics.csv, summary.json, final.safetensors and"
          + " pictures. Ctrl-C stops after the current steps and leaves the files whole.%n"
    },
    synopsisSubcommandLabel = "NAME",
    commandListHeading = "%nExperiments:%n")
public final class ArticleCommand implements Runnable {

  @Spec private CommandSpec spec;

  private ArticleCommand() {}

  /**
   * The command with its experiments.
   *
   * @param stopBy is told how to stop the one that runs
   * @return the command line
   */
  public static CommandLine commandLine(Consumer<Runnable> stopBy) {
    return new CommandLine(new ArticleCommand())
        .addSubcommand(new ModularMlpCommand(stopBy))
        .addSubcommand(new OptimizersCommand(stopBy))
        .addSubcommand(new TranslationCommand(stopBy))
        .addSubcommand(new CnnCommand(stopBy))
        .addSubcommand(new CartPoleCommand(stopBy));
  }

  /** Without an experiment there is nothing to do. */
  @Override
  public void run() {
    String names = String.join(", ", spec.commandLine().getSubcommands().keySet());
    throw new ParameterException(
        spec.commandLine(), "an experiment is needed: " + names + " (see groklab article --help)");
  }
}

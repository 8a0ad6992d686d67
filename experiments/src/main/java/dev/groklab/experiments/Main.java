package dev.groklab.experiments;

import dev.groklab.experiments.article.ArticleCommand;
import dev.groklab.experiments.bench.BenchCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * {@code groklab COMMAND}. Exit status 0: done; 1: failed; 2: wrong usage; 130: stopped by Ctrl-C.
 */
@Command(
    name = "groklab",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "A laboratory for grokking: networks that learn by heart, and understand later.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "'groklab COMMAND --help' explains a command. Exit status: 0 done, 1 failed, 2 wrong usage,",
      "130 stopped by Ctrl-C."
    })
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure (also: GROKLAB_DEBUG=1).")
  private boolean debug;

  private Main() {}

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is needed: train, sweep, paper, article, report, explain, runs, bench or doctor"
            + " (see groklab --help)");
  }

  /**
   * Runs a command and ends the process with its exit status.
   *
   * @param arguments the command and its options
   */
  public static void main(String[] arguments) {
    System.exit(execute(utf8(FileDescriptor.out), utf8(FileDescriptor.err), arguments));
  }

  /** In a bare locale, the JDK would write question marks for ≥ and ×. */
  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }

  /**
   * Runs a command.
   *
   * @param out where results and progress go
   * @param err where failures go
   * @param arguments the command and its options
   * @return the exit status
   */
  static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    Main main = new Main();
    Failures failures =
        new Failures(() -> main.debug || "1".equals(System.getenv("GROKLAB_DEBUG")));
    try (StopOnSignal signal = new StopOnSignal()) {
      int status =
          new CommandLine(main)
              .addSubcommand(TrainCommand.commandLine(signal))
              .addSubcommand(new SweepCommand(signal))
              .addSubcommand(new PaperCommand(signal))
              .addSubcommand(ArticleCommand.commandLine(signal::stopBy))
              .addSubcommand(new ReportCommand())
              .addSubcommand(new ExplainCommand())
              .addSubcommand(new RunsCommand())
              .addSubcommand(new BenchCommand(signal::stopBy))
              .addSubcommand(new DoctorCommand())
              .setOut(out)
              .setErr(err)
              .setUsageHelpWidth(100)
              .setParameterExceptionHandler(failures)
              .setExecutionExceptionHandler(failures)
              .execute(arguments);
      out.flush();
      err.flush();
      return status;
    }
  }
}

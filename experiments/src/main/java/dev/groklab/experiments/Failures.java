package dev.groklab.experiments;

import dev.groklab.engine.EngineException;
import dev.groklab.run.ConfigException;
import dev.groklab.run.IoFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Failures as one line: {@code groklab train: --p: 1 is not allowed: the modulus must be at least
 * 2}. Status 2 for what the user can mend in the command, 1 for the rest.
 *
 * @param debug whether to show the stack trace too
 */
record Failures(BooleanSupplier debug)
    implements IParameterExceptionHandler, IExecutionExceptionHandler {

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    String message = failure.getMessage();
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String what = unmatched.getUnmatched().getFirst();
      List<String> similar = unmatched.getSuggestions();
      message =
          "'"
              + what
              + (what.startsWith("-") ? "' is no option" : "' is not understood")
              + (similar.isEmpty() ? "" : "; similar: " + String.join(", ", similar));
    }
    return report(failure.getCommandLine(), message, failure, ExitCode.USAGE);
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult arguments) {
    return switch (failure) {
      case ConfigException e ->
          report(command, "--" + e.key() + ": " + e.problem(), e, ExitCode.USAGE);
      case IllegalArgumentException e -> report(command, e.getMessage(), e, ExitCode.USAGE);
      case IOException e -> report(command, IoFailure.describe(e), e, ExitCode.SOFTWARE);
      case UncheckedIOException e ->
          report(command, IoFailure.describe(e.getCause()), e, ExitCode.SOFTWARE);
      case EngineException e -> report(command, e.getMessage(), e, ExitCode.SOFTWARE);
      default ->
          report(
              command,
              "a fault of this program: " + failure + " (--debug shows where)",
              failure,
              ExitCode.SOFTWARE);
    };
  }

  private int report(CommandLine command, String message, Exception failure, int status) {
    PrintWriter err = command.getErr();
    String line = message == null ? failure.toString() : message.replaceAll("\\s*\\R\\s*", " ");
    err.println(command.getCommandSpec().qualifiedName() + ": " + line);
    if (debug.getAsBoolean()) {
      failure.printStackTrace(err);
    }
    err.flush();
    return status;
  }
}

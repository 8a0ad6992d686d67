package dev.groklab.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks, with JMH's own options, and keeps what they found: as JSON, by default in
 * {@code ../build/benchmarks.json}, and beside it as the tables of {@link ResultsTable}.
 */
public final class Main {
  private static final String FILE = "../build/benchmarks.json";

  private Main() {}

  /**
   * Runs, and ends the process with exit status 0: done; 1: failed; 2: wrong usage.
   *
   * @param arguments JMH's; {@code -rff FILE.json} says where the results go
   */
  public static void main(String[] arguments) {
    try {
      CommandLineOptions options = new CommandLineOptions(arguments);
      if (options.shouldHelp()) {
        options.showHelp();
      } else if (options.shouldList()) {
        new Runner(options).list();
      } else if (options.shouldListWithParams()) {
        new Runner(options).listWithParams(options);
      } else {
        run(options);
      }
    } catch (NoBenchmarksException _) {
      fail(2, "no benchmark has such a name; -l lists them");
    } catch (CommandLineOptionException | IllegalArgumentException e) {
      fail(2, e.getMessage());
    } catch (RunnerException | IOException e) {
      fail(1, e.getMessage());
    }
  }

  private static void run(CommandLineOptions options) throws RunnerException, IOException {
    Path file = Path.of(options.getResult().orElse(FILE));
    Path table = ResultsTable.beside(file);
    Files.createDirectories(file.toAbsolutePath().getParent());
    new Runner(
            new OptionsBuilder()
                .parent(options)
                .addProfiler(RateProfiler.class)
                .shouldFailOnError(true)
                .resultFormat(ResultFormatType.JSON)
                .result(file.toString())
                .build())
        .run();
    Results results = Results.ofJmh(Files.readString(file), Machine.present(Clock.systemUTC()));
    Files.writeString(file, results.json());
    String text = ResultsTable.of(results);
    Files.writeString(table, text);
    System.out.printf("%n%s%nKept in %s and %s.%n", text, file, table);
  }

  private static void fail(int status, String message) {
    System.err.println("groklab-benchmarks: " + message);
    System.exit(status);
  }
}

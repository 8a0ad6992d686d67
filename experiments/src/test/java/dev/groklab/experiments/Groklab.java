package dev.groklab.experiments;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code groklab} did with its arguments, run in this process.
 *
 * @param status exit status
 * @param out what it printed
 * @param err what it complained about
 */
record Groklab(int status, String out, String err) {

  /** Options of a run that takes milliseconds: 60 training rows, evaluated every 7 steps. */
  static final List<String> TINY =
      List.of(
          "train",
          "--p",
          "11",
          "--layers",
          "1",
          "--dim",
          "16",
          "--heads",
          "2",
          "--batch-size",
          "16",
          "--lr",
          "0.001",
          "--eval-every",
          "7",
          "--checkpoint-every",
          "10",
          "--threads",
          "1");

  static Groklab run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.execute(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Groklab(status, out.toString(), err.toString());
  }

  /** Trains the tiny run with more options. */
  static Groklab tiny(Path out, String... options) {
    return run(tinyArguments(out, options).toArray(String[]::new));
  }

  static List<String> tinyArguments(Path out, String... options) {
    List<String> arguments = new ArrayList<>(TINY);
    // An option may be given once: those of the test replace those of the tiny run.
    for (String option : options) {
      int at = arguments.indexOf(option);
      if (at > 0 && option.startsWith("--")) {
        arguments.subList(at, at + 2).clear();
      }
    }
    arguments.addAll(List.of("--out", out.toString()));
    arguments.addAll(List.of(options));
    return arguments;
  }
}

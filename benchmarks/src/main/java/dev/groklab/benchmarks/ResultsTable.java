package dev.groklab.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.Predicate;

/** Makes Markdown of {@link Results}. */
public final class ResultsTable {
  private ResultsTable() {}

  /**
   * Writes the tables of a file of results beside it.
   *
   * @param arguments the file
   * @throws IOException if it cannot be read, or the tables not be written
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("groklab-benchmarks: needs one argument, the JSON file of results");
      System.exit(2);
    }
    Path file = Path.of(arguments[0]);
    Files.writeString(beside(file), of(Results.of(Files.readString(file))));
  }

  /** Where the tables of a file of results are. */
  static Path beside(Path file) {
    String name = file.getFileName().toString();
    if (!name.endsWith(".json")) {
      throw new IllegalArgumentException("the file of results is " + file + "; allowed is *.json");
    }
    return file.resolveSibling(name.replaceFirst("json$", "md"));
  }

  static String of(Results results) {
    Predicate<Results.Result> rate = RateTable::shows;
    Predicate<Results.Result> op = result -> result.param("shape") != null;
    StringJoiner text = new StringJoiner("\n");
    text.add(results.machine() + ".\n");
    add(text, results, rate.and(op), shown -> RateTable.of("Op", shown));
    add(text, results, rate.and(op.negate()), shown -> RateTable.of("Training", shown));
    add(text, results, rate.negate().and(r -> !ChunkTable.shows(r)), ResultsTable::calls);
    add(text, results, ChunkTable::shows, _ -> ChunkTable.of(results.results()));
    return text.toString();
  }

  private static void add(
      StringJoiner text,
      Results results,
      Predicate<Results.Result> which,
      Function<List<Results.Result>, String> table) {
    List<Results.Result> shown = results.results().stream().filter(which).toList();
    if (!shown.isEmpty()) {
      text.add(table.apply(shown));
    }
  }

  private static String calls(List<Results.Result> results) {
    MarkdownTable table = new MarkdownTable(2, List.of("Call", "", "time"));
    for (Results.Result result : results) {
      String model = Objects.requireNonNullElse(result.param("model"), "");
      table.row(List.of(result.name(), model, Figures.time(result.primaryMetric())));
    }
    return table.toString();
  }
}

package dev.groklab.run;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code metrics.csv} while a run writes it: every row reaches the file at once. */
final class MetricsLog implements Closeable {

  private final CsvLog csv;
  private final List<String> measures;

  private MetricsLog(CsvLog csv, List<String> measures) {
    this.csv = csv;
    this.measures = measures;
  }

  /** Starts a file with columns for these measures. */
  static MetricsLog create(Path file, List<String> measures) throws IOException {
    return new MetricsLog(CsvLog.create(file, header(measures)), measures);
  }

  /**
   * Goes on with a file, of which the rows with wanted steps stay. It keeps the columns that it
   * has, which may be those of an earlier version; a new one gets those given.
   */
  static MetricsLog resume(Path file, List<String> measures, LongPredicate keep)
      throws IOException {
    List<String> columns = measures;
    if (Files.exists(file) && Files.size(file) > 0) {
      try (BufferedReader in = Files.newBufferedReader(file)) {
        columns = measures(file, Objects.requireNonNullElse(in.readLine(), ""));
      }
    }
    return new MetricsLog(CsvLog.resume(file, header(columns), keep), columns);
  }

  private static String header(List<String> measures) {
    return Stream.concat(MetricsRow.COLUMNS.stream(), measures.stream())
        .collect(Collectors.joining(","));
  }

  /** The columns after those that every file has. */
  private static List<String> measures(Path file, String header) throws FormatException {
    if (!header.equals(MetricsRow.HEADER) && !header.startsWith(MetricsRow.HEADER + ",")) {
      throw new FormatException(file, "its first line is not '" + MetricsRow.HEADER + "'");
    }
    List<String> columns = List.of(header.split(",", -1));
    return columns.subList(MetricsRow.COLUMNS.size(), columns.size());
  }

  /** The measures that the file has columns for. */
  List<String> measures() {
    return measures;
  }

  /**
   * Reads the rows of a file; a last line that a crash cut off is left out.
   *
   * @throws FormatException if the file is no {@code metrics.csv}
   */
  static List<MetricsRow> read(Path file) throws IOException {
    String text = Files.readString(file);
    List<String> lines = text.lines().toList();
    List<String> measures = measures(file, lines.isEmpty() ? "" : lines.getFirst());
    int whole = text.endsWith("\n") ? lines.size() : lines.size() - 1;
    List<MetricsRow> rows = new ArrayList<>();
    for (String line : lines.subList(1, Math.max(1, whole))) {
      try {
        rows.add(MetricsRow.parse(line, measures));
      } catch (IllegalArgumentException _) {
        throw new FormatException(file, "the row '" + line + "' cannot be read");
      }
    }
    return rows;
  }

  void add(MetricsRow row) throws IOException {
    csv.add(row.toCsv());
    csv.flush();
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }
}

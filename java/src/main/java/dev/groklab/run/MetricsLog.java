package dev.groklab.run;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/** {@code metrics.csv} while a run writes it: every row reaches the file at once. */
final class MetricsLog implements Closeable {

  private final CsvLog csv;

  private MetricsLog(CsvLog csv) {
    this.csv = csv;
  }

  static MetricsLog create(Path file) throws IOException {
    return new MetricsLog(CsvLog.create(file, MetricsRow.HEADER));
  }

  /** Goes on with a file, of which the rows with wanted steps stay. */
  static MetricsLog resume(Path file, LongPredicate keep) throws IOException {
    return new MetricsLog(CsvLog.resume(file, MetricsRow.HEADER, keep));
  }

  /**
   * Reads the rows of a file; a last line that a crash cut off is left out.
   *
   * @throws FormatException if the file is no {@code metrics.csv}
   */
  static List<MetricsRow> read(Path file) throws IOException {
    String text = Files.readString(file);
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(MetricsRow.HEADER)) {
      throw new FormatException(file, "its first line is not '" + MetricsRow.HEADER + "'");
    }
    int whole = text.endsWith("\n") ? lines.size() : lines.size() - 1;
    List<MetricsRow> rows = new ArrayList<>();
    for (String line : lines.subList(1, Math.max(1, whole))) {
      try {
        rows.add(MetricsRow.parse(line));
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

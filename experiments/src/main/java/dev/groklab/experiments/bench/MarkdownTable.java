package dev.groklab.experiments.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A Markdown table whose lines appear as they are measured: columns have least widths, so that a
 * terminal shows them aligned.
 */
final class MarkdownTable {

  /**
   * A column.
   *
   * @param title its head
   * @param width characters that its values need
   * @param isText whether it stands left, as words do
   */
  record Column(String title, int width, boolean isText) {
    static Column text(String title, int width) {
      return new Column(title, Math.max(width, title.length()), true);
    }

    static Column number(String title, int width) {
      return new Column(title, Math.max(width, title.length()), false);
    }

    private String pad(String value) {
      String spaces = " ".repeat(Math.max(0, width - value.length()));
      return isText ? value + spaces : spaces + value;
    }

    private String rule() {
      return isText ? "-".repeat(width) : "-".repeat(width - 1) + ":";
    }
  }

  private final List<Column> columns;
  private final Consumer<String> out;

  /** Begins a table with its head. */
  MarkdownTable(List<Column> columns, Consumer<String> out) {
    this.columns = List.copyOf(columns);
    this.out = out;
    line(columns.stream().map(Column::title).toList());
    out.accept("| " + String.join(" | ", columns.stream().map(Column::rule).toList()) + " |");
  }

  /** Adds a line; one value for each column. */
  void line(List<String> values) {
    if (values.size() != columns.size()) {
      throw new IllegalArgumentException(values.size() + " values for " + columns.size());
    }
    List<String> padded = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      padded.add(columns.get(i).pad(values.get(i)));
    }
    out.accept("| " + String.join(" | ", padded) + " |");
  }
}

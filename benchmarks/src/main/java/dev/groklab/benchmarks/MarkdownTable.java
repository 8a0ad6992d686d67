package dev.groklab.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** A table of GitHub's Markdown: columns of text to the left, then columns of figures. */
final class MarkdownTable {
  private final int columns;
  private final List<String> lines = new ArrayList<>();

  MarkdownTable(int textColumns, List<String> head) {
    columns = head.size();
    row(head);
    List<String> rule = new ArrayList<>(Collections.nCopies(textColumns, "---"));
    rule.addAll(Collections.nCopies(columns - textColumns, "--:"));
    row(rule);
  }

  void row(List<String> cells) {
    if (cells.size() != columns) {
      throw new IllegalArgumentException(cells + " for a table of " + columns + " columns");
    }
    lines.add(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
  }

  @Override
  public String toString() {
    return String.join("", lines);
  }
}

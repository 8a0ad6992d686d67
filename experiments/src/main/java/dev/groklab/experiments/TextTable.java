package dev.groklab.experiments;

import dev.groklab.experiments.table.Answer;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Columns side by side: numbers to the right, the rest to the left. */
final class TextTable {

  private static final MathContext DIGITS = new MathContext(6);
  private static final String NOTHING = "-";

  private TextTable() {}

  /** The lines of a table, its column names first. */
  static List<String> lines(Answer answer) {
    int width = answer.columns().size();
    List<List<String>> cells = new ArrayList<>();
    cells.add(answer.columns());
    answer.rows().forEach(row -> cells.add(row.stream().map(TextTable::text).toList()));
    int[] widths =
        IntStream.range(0, width)
            .map(c -> cells.stream().mapToInt(row -> row.get(c).length()).max().orElse(0))
            .toArray();
    boolean[] right = new boolean[width];
    for (int c = 0; c < width; c++) {
      int column = c;
      right[c] = answer.rows().stream().anyMatch(row -> row.get(column) instanceof Number);
    }
    return cells.stream().map(row -> line(row, widths, right)).toList();
  }

  private static String line(List<String> row, int[] widths, boolean[] right) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String blanks = " ".repeat(widths[c] - row.get(c).length());
      line.append(c == 0 ? "" : "  ");
      line.append(right[c] ? blanks + row.get(c) : row.get(c) + blanks);
    }
    return line.toString().stripTrailing();
  }

  private static String text(Object value) {
    return switch (value) {
      case null -> NOTHING;
      case Double number when Double.isFinite(number) -> real(number);
      default -> value.toString().replaceAll("\\R", " ");
    };
  }

  private static String real(double value) {
    BigDecimal decimal = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    boolean readable =
        Math.abs(decimal.scale()) <= 12 && decimal.precision() - decimal.scale() <= 15;
    return readable ? decimal.toPlainString() : decimal.toString();
  }
}

package dev.groklab.experiments.report;

import dev.groklab.experiments.plot.Style;
import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.List;

/** A legend: a sample of each line with its meaning, in as many rows as the width asks for. */
final class KeyRows {

  static final int ROW_HEIGHT = 22;

  private static final int SAMPLE = 30;
  private static final int SPACE = 7; // between sample and words
  private static final int GAP = 20; // between entries
  private static final float[] DASHES = {5, 4};
  private static final FontRenderContext FONTS = new FontRenderContext(null, true, true);

  private final List<List<FigureLayout.Key>> rows = new ArrayList<>();

  KeyRows(List<FigureLayout.Key> keys, double width) {
    double used = Double.POSITIVE_INFINITY;
    for (FigureLayout.Key key : keys) {
      double needed = SAMPLE + SPACE + width(key.label(), Style.TICK_FONT);
      if (used + GAP + needed > width) {
        rows.add(new ArrayList<>());
        used = needed;
      } else {
        used += GAP + needed;
      }
      rows.getLast().add(key);
    }
  }

  /** The width of a text, the same for SVG and PNG. */
  static double width(String text, Font font) {
    return text.isEmpty() ? 0 : font.getStringBounds(text, FONTS).getWidth();
  }

  static BasicStroke stroke(boolean dashed) {
    return dashed
        ? new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, DASHES, 0)
        : new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  int height() {
    return rows.size() * ROW_HEIGHT;
  }

  void draw(Graphics2D graphics, double left, double top) {
    double y = top;
    for (List<FigureLayout.Key> row : rows) {
      double x = left;
      for (FigureLayout.Key key : row) {
        graphics.setPaint(key.color());
        graphics.setStroke(stroke(key.dashed()));
        double middle = y + ROW_HEIGHT / 2.0;
        graphics.draw(new Line2D.Double(x, middle, x + SAMPLE, middle));
        graphics.setPaint(Style.TEXT);
        graphics.setFont(Style.TICK_FONT);
        graphics.drawString(key.label(), (float) (x + SAMPLE + SPACE), (float) (middle + 4.5));
        x += SAMPLE + SPACE + width(key.label(), Style.TICK_FONT) + GAP;
      }
      y += ROW_HEIGHT;
    }
  }
}

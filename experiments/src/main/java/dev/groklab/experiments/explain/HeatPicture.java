package dev.groklab.experiments.explain;

import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Tables in colours, side by side; each has the legend of its colours on its right. */
final class HeatPicture {

  private static final int MARGIN = 12;
  private static final int LEFT = 24; // the word for the rows
  private static final int TITLE = 24;
  private static final int BELOW = 40; // marks and the word for the columns
  private static final int LEGEND = 74;
  private static final int LEGEND_BAR = 10;
  private static final int LINE = 12;

  private final List<Heat> heats;
  private final int columns;
  private final int width; // of a table
  private final int height;

  private HeatPicture(List<Heat> heats, int columns, int width, int height) {
    this.heats = heats;
    this.columns = columns;
    this.width = width;
    this.height = height;
  }

  /**
   * Draws tables.
   *
   * @param heats the tables
   * @param columns how many beside each other
   * @param width of each table in points
   * @param height of each table in points
   * @return the picture
   */
  static Picture of(List<Heat> heats, int columns, int width, int height) {
    HeatPicture picture = new HeatPicture(heats, columns, width, height);
    int rows = Math.ceilDiv(heats.size(), columns);
    return new Picture(
        2 * MARGIN + Math.min(columns, heats.size()) * picture.cellWidth(),
        2 * MARGIN + rows * picture.cellHeight(),
        picture::draw);
  }

  private int cellWidth() {
    return LEFT + width + LEGEND;
  }

  private int cellHeight() {
    return TITLE + height + BELOW;
  }

  private void draw(Graphics2D graphics) {
    int rows = Math.ceilDiv(heats.size(), columns);
    graphics.setPaint(Color.WHITE);
    graphics.fillRect(
        0,
        0,
        2 * MARGIN + Math.min(columns, heats.size()) * cellWidth(),
        2 * MARGIN + rows * cellHeight());
    for (int i = 0; i < heats.size(); i++) {
      draw(
          graphics,
          heats.get(i),
          MARGIN + LEFT + i % columns * cellWidth(),
          MARGIN + TITLE + i / columns * cellHeight());
    }
  }

  private void draw(Graphics2D graphics, Heat heat, int left, int top) {
    graphics.drawImage(image(heat), left, top, width, height, null);
    graphics.setPaint(Style.TEXT);
    graphics.setFont(Style.LABEL_FONT);
    graphics.drawString(heat.title(), left, top - 8);
    graphics.setFont(Style.TICK_FONT);
    graphics.drawString(heat.down(), left - LEFT + 4, top + height / 2 + 4);
    centre(graphics, heat.across(), left + width / 2.0, top + height + 34);
    double columnWidth = (double) width / heat.values()[0].length;
    for (Heat.Mark mark : heat.marks()) {
      double x = left + (mark.place() + 0.5) * columnWidth;
      graphics.drawLine((int) x, top + height, (int) x, top + height + 3);
      centre(graphics, mark.text(), x, top + height + 16);
    }
    double rowHeight = (double) height / heat.values().length;
    float above = Float.NEGATIVE_INFINITY;
    for (Heat.Mark side : heat.sides()) {
      int wide = graphics.getFontMetrics().stringWidth(side.text());
      float y = (float) (top + (side.place() + 0.5) * rowHeight + 5);
      if (y >= above + LINE) { // else it would be written over its neighbour
        graphics.drawString(side.text(), left - wide - 4, y);
        above = y;
      }
    }
    int bar = left + width + 8;
    graphics.drawImage(legend(), bar, top, LEGEND_BAR, height, null);
    graphics.drawString(number(heat.high()), bar + LEGEND_BAR + 4, top + 11);
    graphics.drawString(number(heat.low()), bar + LEGEND_BAR + 4, top + height);
  }

  private static void centre(Graphics2D graphics, String text, double x, int y) {
    float half = graphics.getFontMetrics().stringWidth(text) / 2f;
    graphics.drawString(text, (float) x - half, y);
  }

  private static String number(double value) {
    return Style.number(Math.round(value * 1000) / 1000.0);
  }

  /** A pixel per point, so that nothing is blurred. */
  private BufferedImage image(Heat heat) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    double[][] values = heat.values();
    for (int y = 0; y < height; y++) {
      double[] row = values[y * values.length / height];
      for (int x = 0; x < width; x++) {
        double value = row[x * row.length / width];
        double share = (value - heat.low()) / (heat.high() - heat.low());
        image.setRGB(
            x, y, Double.isFinite(share) ? Palette.at(Math.clamp(share, 0, 1)).getRGB() : 0xFFFFFF);
      }
    }
    return image;
  }

  private BufferedImage legend() {
    BufferedImage image = new BufferedImage(LEGEND_BAR, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      int color = Palette.at(1 - y / (height - 1.0)).getRGB();
      for (int x = 0; x < LEGEND_BAR; x++) {
        image.setRGB(x, y, color);
      }
    }
    return image;
  }
}

package dev.groklab.experiments.explain;

import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.util.List;

/**
 * The numbers of Z_p in planes, each plane a panel. Lines join numbers that are neighbours on the
 * plane's circle; the colour is the place on it.
 */
final class CirclePicture {

  private static final int MARGIN = 12;
  private static final int SIZE = 230;
  private static final int GAP = 18;
  private static final int TITLE = 24;

  /**
   * A panel.
   *
   * @param title what stands above
   * @param frequency the plane's frequency
   * @param points [p][2] where the numbers are
   */
  record Plane(String title, int frequency, double[][] points) {}

  private final List<Plane> planes;
  private final int columns;

  private CirclePicture(List<Plane> planes, int columns) {
    this.planes = planes;
    this.columns = columns;
  }

  static Picture of(List<Plane> planes, int columns) {
    CirclePicture picture = new CirclePicture(planes, columns);
    int rows = Math.ceilDiv(planes.size(), columns);
    return new Picture(
        2 * MARGIN + columns * (SIZE + GAP),
        2 * MARGIN + rows * (TITLE + SIZE + GAP),
        picture::draw);
  }

  private void draw(Graphics2D graphics) {
    graphics.setPaint(Color.WHITE);
    graphics.fillRect(
        0,
        0,
        2 * MARGIN + columns * (SIZE + GAP),
        2 * MARGIN + Math.ceilDiv(planes.size(), columns) * (TITLE + SIZE + GAP));
    for (int i = 0; i < planes.size(); i++) {
      draw(
          graphics,
          planes.get(i),
          MARGIN + i % columns * (SIZE + GAP),
          MARGIN + TITLE + i / columns * (TITLE + SIZE + GAP));
    }
  }

  private static void draw(Graphics2D graphics, Plane plane, int left, int top) {
    graphics.setPaint(Style.GRID);
    graphics.drawRect(left, top, SIZE, SIZE);
    graphics.setPaint(Style.TEXT);
    graphics.setFont(Style.LABEL_FONT);
    graphics.drawString(plane.title(), left, top - 8);
    double[][] points = plane.points();
    int p = points.length;
    double most = 1e-300;
    for (double[] point : points) {
      most = Math.max(most, Math.max(Math.abs(point[0]), Math.abs(point[1])));
    }
    double scale = 0.46 * SIZE / most;
    double[][] at = new double[p][];
    for (int x = 0; x < p; x++) {
      at[x] =
          new double[] {
            left + SIZE / 2.0 + scale * points[x][0], top + SIZE / 2.0 - scale * points[x][1]
          };
    }
    int step = neighbour(plane.frequency(), p);
    graphics.setPaint(Style.GRID);
    graphics.setStroke(new BasicStroke(1));
    for (int x = 0; x < p && step > 0; x++) {
      double[] next = at[(x + step) % p];
      graphics.draw(new Line2D.Double(at[x][0], at[x][1], next[0], next[1]));
    }
    for (int x = 0; x < p; x++) {
      double turn = (double) ((long) plane.frequency() * x % p) / p;
      graphics.setPaint(Palette.at(1 - Math.abs(2 * turn - 1)));
      graphics.fill(new Ellipse2D.Double(at[x][0] - 3, at[x][1] - 3, 6, 6));
    }
  }

  /** What to add to a number to come one place further on the circle; 0 if none does. */
  private static int neighbour(int frequency, int p) {
    for (int step = 1; step < p; step++) {
      if ((long) frequency * step % p == 1) {
        return step;
      }
    }
    return 0;
  }
}

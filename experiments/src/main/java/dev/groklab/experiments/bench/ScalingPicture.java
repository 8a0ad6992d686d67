package dev.groklab.experiments.bench;

import dev.groklab.experiments.plot.LogTicks;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Step times along each way to grow: measured, by the model of cost, and at the floor. */
final class ScalingPicture {

  private static final int COLUMNS = 3;
  private static final int PANEL_WIDTH = 330;
  private static final int PANEL_HEIGHT = 270;
  private static final int TOP = 78;
  private static final int MARGIN = 12;
  private static final Color FLOOR = new Color(0x999999);

  private final List<Scaling.Line> lines;
  private final CostModel model;
  private final String title;

  private ScalingPicture(List<Scaling.Line> lines, CostModel model, String title) {
    this.lines = lines;
    this.model = model;
    this.title = title;
  }

  static Picture of(List<Scaling.Line> lines, CostModel model, String title) {
    int rows = Math.ceilDiv(lines.size(), COLUMNS);
    return new Picture(
        COLUMNS * PANEL_WIDTH + 2 * MARGIN,
        TOP + rows * PANEL_HEIGHT + MARGIN,
        new ScalingPicture(lines, model, title)::draw);
  }

  private void draw(Graphics2D graphics) {
    int rows = Math.ceilDiv(lines.size(), COLUMNS);
    graphics.setPaint(Color.WHITE);
    graphics.fill(
        new Rectangle2D.Double(
            0, 0, COLUMNS * PANEL_WIDTH + 2.0 * MARGIN, TOP + rows * PANEL_HEIGHT + MARGIN));
    graphics.setPaint(Style.TEXT);
    graphics.setFont(Style.TITLE_FONT);
    graphics.drawString(title, MARGIN + 8, MARGIN + 20);
    drawKey(graphics);
    for (int i = 0; i < lines.size(); i++) {
      JFreeChart chart = new JFreeChart(null, null, plot(lines.get(i)), false);
      chart.setBackgroundPaint(null);
      chart.setPadding(new RectangleInsets(4, 4, 4, 8));
      chart.draw(
          graphics,
          new Rectangle2D.Double(
              MARGIN + (i % COLUMNS) * (double) PANEL_WIDTH, top(i), PANEL_WIDTH, PANEL_HEIGHT));
    }
  }

  private static int top(int panel) {
    int row = panel / COLUMNS;
    return TOP + row * PANEL_HEIGHT;
  }

  private static void drawKey(Graphics2D graphics) {
    graphics.setFont(Style.TICK_FONT);
    float y = MARGIN + 46;
    float x = MARGIN + 10;
    graphics.setPaint(Style.TRAIN);
    graphics.fill(dot(x + 12, y - 5));
    x = word(graphics, "measured", x + 24, y);
    graphics.setPaint(Style.VALIDATION);
    graphics.setStroke(new BasicStroke(1.8f));
    graphics.draw(new Line2D.Float(x, y - 5, x + 24, y - 5));
    x = word(graphics, "model of cost, two prices for all points", x + 30, y);
    graphics.setPaint(FLOOR);
    graphics.setStroke(dashed());
    graphics.draw(new Line2D.Float(x, y - 5, x + 24, y - 5));
    word(graphics, "floor: the arithmetic at the measured peak", x + 30, y);
  }

  private static float word(Graphics2D graphics, String text, float x, float y) {
    graphics.setPaint(Style.TEXT);
    graphics.drawString(text, x, y);
    return x + graphics.getFontMetrics().stringWidth(text) + 22;
  }

  private XYPlot plot(Scaling.Line line) {
    XYSeriesCollection data = new XYSeriesCollection();
    data.addSeries(series(0, line, CostModel.Point::seconds));
    data.addSeries(series(1, line, model::seconds));
    data.addSeries(series(2, line, CostModel.Point::floor));
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    draw(renderer, 0, Style.TRAIN, null);
    draw(renderer, 1, Style.VALIDATION, new BasicStroke(1.8f));
    draw(renderer, 2, FLOOR, dashed());
    renderer.setSeriesShape(0, dot(0, 0));
    XYPlot plot = new XYPlot(data, positions(line), milliseconds(line), renderer);
    Style.style(plot);
    return plot;
  }

  private static void draw(
      XYLineAndShapeRenderer renderer, int series, Color color, BasicStroke stroke) {
    renderer.setSeriesPaint(series, color);
    renderer.setSeriesShapesVisible(series, stroke == null);
    renderer.setSeriesLinesVisible(series, stroke != null);
    if (stroke != null) {
      renderer.setSeriesStroke(series, stroke);
    }
  }

  /** Values at even distances: they are chosen to be about a factor apart. */
  private static ValueAxis positions(Scaling.Line line) {
    String[] labels =
        line.scale().values().stream()
            .limit(line.points().size())
            .map(Object::toString)
            .toArray(String[]::new);
    SymbolAxis axis = new SymbolAxis(line.scale().label(), labels);
    axis.setGridBandsVisible(false);
    axis.setRange(-0.4, labels.length - 0.6);
    return styled(axis);
  }

  private ValueAxis milliseconds(Scaling.Line line) {
    double least =
        line.points().stream()
            .mapToDouble(p -> Math.min(p.seconds(), p.floor()))
            .min()
            .orElseThrow();
    double most =
        line.points().stream()
            .flatMap(p -> Stream.of(p.seconds(), model.seconds(p)))
            .mapToDouble(Double::doubleValue)
            .max()
            .orElseThrow();
    LogAxis axis = new LogTicks("ms a step", true);
    axis.setRange(least * 1e3 / 1.3, most * 1e3 * 1.3);
    return styled(axis);
  }

  private static ValueAxis styled(ValueAxis axis) {
    axis.setLabelFont(Style.TICK_FONT);
    axis.setTickLabelFont(Style.TICK_FONT);
    axis.setLabelPaint(Style.TEXT);
    axis.setTickLabelPaint(Style.TEXT);
    axis.setAxisLinePaint(Style.GRID);
    axis.setTickMarkPaint(Style.GRID);
    return axis;
  }

  private static XYSeries series(
      int key, Scaling.Line line, ToDoubleFunction<CostModel.Point> seconds) {
    XYSeries series = new XYSeries(key);
    for (int i = 0; i < line.points().size(); i++) {
      series.add(i, seconds.applyAsDouble(line.points().get(i)) * 1e3);
    }
    return series;
  }

  private static Ellipse2D dot(double x, double y) {
    return new Ellipse2D.Double(x - 4, y - 4, 8, 8);
  }

  private static BasicStroke dashed() {
    return new BasicStroke(
        1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {6, 4}, 0);
  }
}

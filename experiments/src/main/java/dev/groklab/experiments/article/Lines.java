package dev.groklab.experiments.article;

import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import dev.groklab.run.MetricsRow;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Stroke;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * A picture of lines in panels one above the other, which have the axis below in common.
 *
 * @param title what it shows
 * @param domain the axis below
 * @param panels the panels, from the top
 */
record Lines(String title, ValueAxis domain, List<Panel> panels) {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 640;

  /**
   * A panel.
   *
   * @param range its axis
   * @param lines its lines; those of the first panel are in the legend
   */
  record Panel(ValueAxis range, List<Line> lines) {}

  /**
   * A line.
   *
   * @param name what it is called
   * @param color its colour
   * @param width its width in points
   * @param points x, y of each; those that are not finite are left out
   */
  record Line(String name, Color color, float width, List<double[]> points) {}

  /** Training accuracy above, test accuracy below, against the epoch. */
  static Picture accuracies(String title, Map<String, List<MetricsRow>> networks) {
    double first = Double.POSITIVE_INFINITY;
    double last = 0;
    for (List<MetricsRow> rows : networks.values()) {
      if (!rows.isEmpty()) {
        first = Math.min(first, rows.getFirst().epoch());
        last = Math.max(last, rows.getLast().epoch());
      }
    }
    ValueAxis epochs =
        last > 0 ? Style.logAxis("epoch", first, last) : Style.logAxis("epoch", 1, 1);
    return new Lines(
            title,
            epochs,
            List.of(
                new Panel(
                    Style.shareAxis("train accuracy"), lines(networks, MetricsRow::trainAccuracy)),
                new Panel(
                    Style.shareAxis("test accuracy"),
                    lines(networks, MetricsRow::validationAccuracy))))
        .picture();
  }

  private static List<Line> lines(
      Map<String, List<MetricsRow>> networks, ToDoubleFunction<MetricsRow> column) {
    Color[] colors = Palette.of(networks.size());
    List<Line> lines = new ArrayList<>();
    networks.forEach(
        (name, rows) ->
            lines.add(
                new Line(
                    name,
                    colors[lines.size()],
                    2.2f,
                    rows.stream()
                        .map(row -> new double[] {row.epoch(), column.applyAsDouble(row)})
                        .toList())));
    return lines;
  }

  Picture picture() {
    CombinedDomainXYPlot plot = new CombinedDomainXYPlot(domain);
    plot.setGap(14);
    panels.forEach(panel -> plot.add(plot(panel)));
    JFreeChart chart = new JFreeChart(title, Style.TITLE_FONT, plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(10, 8, 8, 18));
    chart.getTitle().setPaint(Style.TEXT);
    LegendTitle legend = new LegendTitle(plot.getSubplots().getFirst());
    legend.setItemFont(Style.LABEL_FONT);
    legend.setItemPaint(Style.TEXT);
    legend.setPosition(RectangleEdge.TOP);
    legend.setFrame(BlockBorder.NONE);
    chart.addSubtitle(legend);
    Rectangle2D area = new Rectangle2D.Double(0, 0, WIDTH, HEIGHT);
    return new Picture(WIDTH, HEIGHT, graphics -> chart.draw(graphics, area));
  }

  private static XYPlot plot(Panel panel) {
    XYSeriesCollection data = new XYSeriesCollection();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
    for (int i = 0; i < panel.lines().size(); i++) {
      Line line = panel.lines().get(i);
      XYSeries series = new XYSeries(line.name(), false);
      for (double[] point : line.points()) {
        series.add((Number) point[0], Double.isFinite(point[1]) ? (Number) point[1] : null);
      }
      data.addSeries(series);
      Stroke stroke = new BasicStroke(line.width(), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
      renderer.setSeriesPaint(i, line.color());
      renderer.setSeriesStroke(i, stroke);
    }
    XYPlot plot = new XYPlot(data, null, panel.range(), renderer);
    plot.setSeriesRenderingOrder(SeriesRenderingOrder.FORWARD); // the last one lies on top
    Style.style(plot);
    return plot;
  }
}

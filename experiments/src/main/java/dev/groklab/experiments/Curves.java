package dev.groklab.experiments;

import dev.groklab.experiments.plot.LogTicks;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * The picture of a run: accuracy above, loss below, against the step on a logarithmic axis. Dashed
 * lines stand where a split is learnt.
 */
public final class Curves {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 640;

  private Curves() {}

  /**
   * Draws {@code curves.svg} and {@code curves.png}.
   *
   * @param config what was trained
   * @param rows its evaluations; there may be none
   * @param folder where the pictures go
   * @throws IOException if a file cannot be written
   */
  static void draw(RunConfig config, List<MetricsRow> rows, RunFolder folder) throws IOException {
    draw(title(config), rows, folder);
  }

  /**
   * Draws {@code curves.svg} and {@code curves.png}.
   *
   * @param title what was trained
   * @param rows its evaluations; there may be none
   * @param folder where the pictures go
   * @throws IOException if a file cannot be written
   */
  public static void draw(String title, List<MetricsRow> rows, RunFolder folder)
      throws IOException {
    JFreeChart chart = chart(title, rows);
    Rectangle2D area = new Rectangle2D.Double(0, 0, WIDTH, HEIGHT);
    new Picture(WIDTH, HEIGHT, graphics -> chart.draw(graphics, area))
        .write(folder.curvesSvg(), folder.curvesPng());
  }

  private static JFreeChart chart(String title, List<MetricsRow> rows) {
    Summary summary = Summary.of(Status.DONE, 0, rows, 0);
    List<Long> steps = rows.stream().map(MetricsRow::step).toList();
    CombinedDomainXYPlot plot = new CombinedDomainXYPlot(stepAxis(steps));
    plot.setGap(14);
    plot.add(
        panel(
            rows,
            MetricsRow::trainAccuracy,
            MetricsRow::validationAccuracy,
            Style.shareAxis("accuracy"),
            summary));
    plot.add(
        panel(
            rows,
            MetricsRow::trainLoss,
            MetricsRow::validationLoss,
            Style.lossAxis(losses(rows)),
            summary));

    JFreeChart chart = new JFreeChart(title, Style.TITLE_FONT, plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(10, 8, 8, 18));
    chart.getTitle().setPaint(Style.TEXT);
    chart.addSubtitle(findings(summary));
    LegendTitle legend = new LegendTitle(plot.getSubplots().getFirst());
    legend.setItemFont(Style.LABEL_FONT);
    legend.setItemPaint(Style.TEXT);
    legend.setPosition(RectangleEdge.TOP);
    legend.setFrame(BlockBorder.NONE);
    chart.addSubtitle(legend);
    return chart;
  }

  private static String title(RunConfig config) {
    return String.format(
        "%s, α = %s: %s, %d × %d, %s, seed %d",
        config.newTask().formula(),
        Style.number(config.trainFraction()),
        config.model(),
        config.layers(),
        config.model().equals("lstm") ? config.hidden() : config.dim(),
        config.optimizer(),
        config.seed());
  }

  private static TextTitle findings(Summary summary) {
    List<String> parts = new ArrayList<>();
    addStep(parts, "train ≥ 99 % from step ", summary.trainStep99());
    addStep(parts, "validation ≥ 99 % from step ", summary.validationStep99());
    addStep(parts, "delay ", summary.grokkingDelay());
    String text = parts.isEmpty() ? "neither split learnt" : String.join(", ", parts);
    TextTitle title = new TextTitle(text, Style.LABEL_FONT);
    title.setPaint(Style.TEXT);
    return title;
  }

  private static void addStep(List<String> parts, String what, OptionalLong step) {
    step.ifPresent(value -> parts.add(what + Style.number((double) value)));
  }

  private static XYPlot panel(
      List<MetricsRow> rows,
      ToDoubleFunction<MetricsRow> train,
      ToDoubleFunction<MetricsRow> validation,
      ValueAxis axis,
      Summary summary) {
    XYSeriesCollection data = new XYSeriesCollection();
    data.addSeries(series("train", rows, train, axis));
    data.addSeries(series("validation", rows, validation, axis));
    // A line needs two points; a lone one is drawn as a dot.
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, rows.size() < 2);
    Color[] colors = {Style.TRAIN, Style.VALIDATION};
    for (int i = 0; i < colors.length; i++) {
      renderer.setSeriesPaint(i, colors[i]);
      renderer.setSeriesShape(i, new Ellipse2D.Double(-4, -4, 8, 8));
      renderer.setSeriesStroke(
          i, new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }
    XYPlot plot = new XYPlot(data, null, axis, renderer);
    Style.style(plot);
    addMarker(plot, summary.trainStep99(), Style.TRAIN);
    addMarker(plot, summary.validationStep99(), Style.VALIDATION);
    return plot;
  }

  private static void addMarker(XYPlot plot, OptionalLong step, Color color) {
    if (step.isPresent()) {
      float[] dashes = {5, 4};
      BasicStroke stroke =
          new BasicStroke(1.4f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, dashes, 0);
      plot.addDomainMarker(
          new ValueMarker((double) step.getAsLong(), color, stroke), Layer.BACKGROUND);
    }
  }

  private static XYSeries series(
      String name, List<MetricsRow> rows, ToDoubleFunction<MetricsRow> column, ValueAxis axis) {
    XYSeries series = new XYSeries(name, false);
    for (MetricsRow row : rows) {
      double value = column.applyAsDouble(row);
      boolean drawable = Double.isFinite(value) && (value > 0 || !(axis instanceof LogTicks));
      series.add((Number) row.step(), drawable ? (Number) value : null);
    }
    return series;
  }

  private static ValueAxis stepAxis(List<Long> steps) {
    return steps.isEmpty()
        ? Style.stepAxis(1, 10)
        : Style.stepAxis((double) steps.getFirst(), (double) steps.getLast());
  }

  private static double[] losses(List<MetricsRow> rows) {
    return rows.stream()
        .flatMapToDouble(row -> DoubleStream.of(row.trainLoss(), row.validationLoss()))
        .toArray();
  }
}

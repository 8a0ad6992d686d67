package dev.groklab.experiments;

import dev.groklab.experiments.plot.LogTicks;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import dev.groklab.progress.Stages;
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
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemSource;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.IntervalMarker;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * The picture of a run: accuracy above, loss below, then progress measures where the run has them,
 * against the step on a logarithmic axis. Dashed lines stand where a split is learnt; shades tell
 * the {@link Stages} apart.
 */
public final class Curves {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 640;
  private static final int MORE_HEIGHT = 260; // for a third panel

  /** Losses of the circuit of addition, beside the network's. */
  private static final SortedMap<String, String> LOSSES =
      new TreeMap<>(Map.of("restricted_loss", "circuit alone", "excluded_loss", "without circuit"));

  /** Measures from 0 to 1. */
  private static final SortedMap<String, String> SHARES =
      new TreeMap<>(
          Map.of(
              "unembedding_gini",
              "Gini of unembedding",
              "embedding_gini",
              "Gini of embedding",
              "softmax_collapse",
              "softmax collapse"));

  // Of Okabe & Ito (2008), as the splits' colours are.
  private static final Map<String, Color> COLORS =
      Map.of(
          "excluded_loss",
          new Color(0x009E73),
          "restricted_loss",
          new Color(0xCC79A7),
          "embedding_gini",
          new Color(0x56B4E9),
          "unembedding_gini",
          Style.TEXT,
          "softmax_collapse",
          new Color(0xE69F00));

  private static final String[] STAGES = {"memorization", "circuit formation", "cleanup"};
  private static final Color[] SHADES = {
    new Color(0xEAF1F8), new Color(0xFDF3DC), new Color(0xE6F4EA)
  };

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
    picture(title, rows).write(folder.curvesSvg(), folder.curvesPng());
  }

  /** The picture of a run of {@code train}. */
  static Picture picture(RunConfig config, List<MetricsRow> rows) {
    return picture(title(config), rows);
  }

  private static Picture picture(String title, List<MetricsRow> rows) {
    JFreeChart chart = chart(title, rows);
    int height = HEIGHT + (isMeasured(rows, SHARES) ? MORE_HEIGHT : 0);
    Rectangle2D area = new Rectangle2D.Double(0, 0, WIDTH, height);
    return new Picture(WIDTH, height, graphics -> chart.draw(graphics, area));
  }

  private static JFreeChart chart(String title, List<MetricsRow> rows) {
    Summary summary = Summary.of(Status.DONE, 0, rows, 0);
    List<Line> accuracies = new ArrayList<>();
    accuracies.add(new Line("train", MetricsRow::trainAccuracy, Style.TRAIN, false));
    accuracies.add(new Line("validation", MetricsRow::validationAccuracy, Style.VALIDATION, false));
    List<Line> losses = new ArrayList<>();
    losses.add(new Line("train", MetricsRow::trainLoss, Style.TRAIN, false));
    losses.add(new Line("validation", MetricsRow::validationLoss, Style.VALIDATION, false));
    losses.addAll(measured(rows, LOSSES));
    List<XYPlot> panels = new ArrayList<>();
    panels.add(panel(rows, accuracies, Style.shareAxis("accuracy"), summary));
    panels.add(panel(rows, losses, Style.lossAxis(values(rows, losses)), summary));
    if (isMeasured(rows, SHARES)) {
      panels.add(panel(rows, measured(rows, SHARES), Style.shareAxis("structure"), summary));
    }
    CombinedDomainXYPlot plot =
        new CombinedDomainXYPlot(stepAxis(rows.stream().map(MetricsRow::step).toList()));
    plot.setGap(14);
    panels.forEach(plot::add);

    JFreeChart chart = new JFreeChart(title, Style.TITLE_FONT, plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(10, 8, 8, 18));
    chart.getTitle().setPaint(Style.TEXT);
    chart.addSubtitle(findings(summary));
    chart.addSubtitle(legend(panels));
    return chart;
  }

  /** The lines of all panels; the splits' are named once. */
  private static LegendTitle legend(List<XYPlot> panels) {
    panels.get(1).getRenderer().setSeriesVisibleInLegend(0, false);
    panels.get(1).getRenderer().setSeriesVisibleInLegend(1, false);
    LegendTitle legend = new LegendTitle(panels.getFirst());
    legend.setSources(panels.toArray(LegendItemSource[]::new));
    legend.setItemFont(Style.LABEL_FONT);
    legend.setItemPaint(Style.TEXT);
    legend.setPosition(RectangleEdge.TOP);
    legend.setFrame(BlockBorder.NONE);
    return legend;
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

  /** A curve of a panel. */
  private record Line(
      String name, ToDoubleFunction<MetricsRow> value, Color color, boolean dashed) {}

  private static boolean isMeasured(List<MetricsRow> rows, SortedMap<String, String> measures) {
    return !measured(rows, measures).isEmpty();
  }

  /** The lines of those measures that the run has. */
  private static List<Line> measured(List<MetricsRow> rows, SortedMap<String, String> measures) {
    List<Line> lines = new ArrayList<>();
    measures.forEach(
        (column, name) -> {
          boolean there =
              rows.stream().anyMatch(row -> Double.isFinite(row.measures().value(column)));
          if (there) {
            lines.add(
                new Line(name, row -> row.measures().value(column), COLORS.get(column), true));
          }
        });
    return lines;
  }

  private static XYPlot panel(
      List<MetricsRow> rows, List<Line> lines, ValueAxis axis, Summary summary) {
    XYSeriesCollection data = new XYSeriesCollection();
    // A line needs two points; a lone one is drawn as a dot.
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, rows.size() < 2);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      data.addSeries(series(line.name(), rows, line.value(), axis));
      renderer.setSeriesPaint(i, line.color());
      renderer.setSeriesShape(i, new Ellipse2D.Double(-4, -4, 8, 8));
      renderer.setSeriesStroke(i, stroke(line.dashed()));
    }
    XYPlot plot = new XYPlot(data, null, axis, renderer);
    Style.style(plot);
    boolean named = axis.getLabel().equals("accuracy"); // in the uppermost panel alone
    summary.stages().ifPresent(stages -> addShades(plot, stages, rows, named));
    addMarker(plot, summary.trainStep99(), Style.TRAIN);
    addMarker(plot, summary.validationStep99(), Style.VALIDATION);
    return plot;
  }

  private static BasicStroke stroke(boolean dashed) {
    float[] dashes = dashed ? new float[] {7, 4} : null;
    float width = dashed ? 1.6f : 2.2f;
    return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 10, dashes, 0);
  }

  /** Shades each stage that has a length, up to its end or that of the run. */
  private static void addShades(XYPlot plot, Stages stages, List<MetricsRow> rows, boolean named) {
    List<OptionalLong> ends =
        List.of(stages.memorizationEnd(), stages.circuitFormationEnd(), stages.cleanupEnd());
    double start = rows.isEmpty() ? 0 : (double) rows.getFirst().step();
    double last = rows.isEmpty() ? 0 : (double) rows.getLast().step();
    for (int i = 0; i < ends.size(); i++) {
      double end = ends.get(i).isPresent() ? (double) ends.get(i).getAsLong() : last;
      if (end > start) {
        IntervalMarker shade = new IntervalMarker(start, end, SHADES[i]);
        shade.setLabel(named ? STAGES[i] : null);
        shade.setLabelBackgroundColor(SHADES[i]);
        shade.setLabelFont(Style.TICK_FONT);
        shade.setLabelPaint(Style.TEXT);
        shade.setLabelAnchor(RectangleAnchor.TOP);
        shade.setLabelTextAnchor(TextAnchor.TOP_CENTER);
        plot.addDomainMarker(shade, Layer.BACKGROUND);
      }
      start = end;
    }
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

  private static double[] values(List<MetricsRow> rows, List<Line> lines) {
    return lines.stream()
        .flatMapToDouble(line -> rows.stream().mapToDouble(line.value()))
        .toArray();
  }
}

package dev.groklab.experiments;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import dev.groklab.run.AtomicFile;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.text.TextUtils;
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
final class Curves {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 640;
  private static final int PIXELS_PER_POINT = 2;

  // Blue and vermilion of Okabe & Ito (2008), told apart by everybody.
  private static final Color TRAIN = new Color(0x0072B2);
  private static final Color VALIDATION = new Color(0xD55E00);
  private static final Color GRID = new Color(0xDDDDDD);
  private static final Color TEXT = new Color(0x333333);

  private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font LABEL_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
  private static final Font TICK_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  static {
    TextUtils.setUseDrawRotatedStringWorkaround(false); // text stays text in the SVG
  }

  private Curves() {}

  /**
   * Why nothing can be drawn on this machine: a JDK without fonts can measure no text.
   *
   * @return what is missing, empty if nothing is
   */
  static Optional<String> obstacle() {
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      graphics.getFontMetrics(TICK_FONT).stringWidth("0");
      return Optional.empty();
    } catch (RuntimeException | Error e) { // the JDK throws either, after what is missing
      return Optional.of(
          "the JDK finds no fonts (on Debian or Ubuntu: apt install fontconfig fonts-dejavu-core)");
    } finally {
      graphics.dispose();
    }
  }

  /**
   * Draws {@code curves.svg} and {@code curves.png}.
   *
   * @param config what was trained
   * @param rows its evaluations; there may be none
   * @param folder where the pictures go
   * @throws IOException if a file cannot be written
   */
  static void draw(RunConfig config, List<MetricsRow> rows, RunFolder folder) throws IOException {
    JFreeChart chart = chart(config, rows);
    Rectangle2D area = new Rectangle2D.Double(0, 0, WIDTH, HEIGHT);

    VectorGraphics2D svg = new VectorGraphics2D();
    chart.draw(svg, area);
    Document document =
        Processors.get("svg").getDocument(svg.getCommands(), new PageSize(WIDTH, HEIGHT));
    AtomicFile.write(folder.curvesSvg(), document::writeTo);

    BufferedImage image =
        new BufferedImage(
            WIDTH * PIXELS_PER_POINT, HEIGHT * PIXELS_PER_POINT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    chart.draw(graphics, area);
    graphics.dispose();
    AtomicFile.write(folder.curvesPng(), out -> writePng(image, out));
  }

  /** Without ImageIO's cache file, whose shutdown hook cannot be added after a Ctrl-C. */
  private static void writePng(BufferedImage image, OutputStream out) throws IOException {
    try (ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
      ImageIO.write(image, "png", png);
    }
  }

  private static JFreeChart chart(RunConfig config, List<MetricsRow> rows) {
    Summary summary = Summary.of(Status.DONE, 0, rows, 0);
    List<Long> steps = rows.stream().map(MetricsRow::step).toList();
    CombinedDomainXYPlot plot = new CombinedDomainXYPlot(stepAxis(steps));
    plot.setGap(14);
    plot.add(
        panel(
            rows,
            MetricsRow::trainAccuracy,
            MetricsRow::validationAccuracy,
            accuracyAxis(),
            summary));
    plot.add(
        panel(rows, MetricsRow::trainLoss, MetricsRow::validationLoss, lossAxis(rows), summary));

    JFreeChart chart = new JFreeChart(title(config), TITLE_FONT, plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(10, 8, 8, 18));
    chart.getTitle().setPaint(TEXT);
    chart.addSubtitle(findings(summary));
    LegendTitle legend = new LegendTitle(plot.getSubplots().getFirst());
    legend.setItemFont(LABEL_FONT);
    legend.setItemPaint(TEXT);
    legend.setPosition(RectangleEdge.TOP);
    legend.setFrame(BlockBorder.NONE);
    chart.addSubtitle(legend);
    return chart;
  }

  private static String title(RunConfig config) {
    return String.format(
        "%s, α = %s: %s, %d × %d, %s, seed %d",
        config.newTask().formula(),
        number(config.trainFraction()),
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
    TextTitle title = new TextTitle(text, LABEL_FONT);
    title.setPaint(TEXT);
    return title;
  }

  private static void addStep(List<String> parts, String what, OptionalLong step) {
    step.ifPresent(value -> parts.add(what + number((double) value)));
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
    Color[] colors = {TRAIN, VALIDATION};
    for (int i = 0; i < colors.length; i++) {
      renderer.setSeriesPaint(i, colors[i]);
      renderer.setSeriesShape(i, new Ellipse2D.Double(-4, -4, 8, 8));
      renderer.setSeriesStroke(
          i, new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }
    XYPlot plot = new XYPlot(data, null, axis, renderer);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlinePaint(GRID);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlineStroke(new BasicStroke(1));
    addMarker(plot, summary.trainStep99(), TRAIN);
    addMarker(plot, summary.validationStep99(), VALIDATION);
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
    LogTicks axis = new LogTicks("step", false);
    double first = steps.isEmpty() ? 1 : steps.getFirst();
    double last = steps.isEmpty() ? 10 : steps.getLast();
    axis.setRange(first < last ? first : first / 2, first < last ? last : last * 2);
    style(axis);
    return axis;
  }

  private static ValueAxis accuracyAxis() {
    NumberAxis axis = new NumberAxis("accuracy");
    axis.setRange(-0.02, 1.02); // curves at 0 and 1 stay clear of the frame
    axis.setTickUnit(new NumberTickUnit(0.2));
    axis.setNumberFormatOverride(
        new DecimalFormat("0 %", DecimalFormatSymbols.getInstance(Locale.ROOT)));
    style(axis);
    return axis;
  }

  private static ValueAxis lossAxis(List<MetricsRow> rows) {
    double[] positive =
        rows.stream()
            .flatMap(row -> List.of(row.trainLoss(), row.validationLoss()).stream())
            .mapToDouble(loss -> loss)
            .filter(loss -> Double.isFinite(loss) && loss > 0)
            .sorted()
            .toArray();
    LogTicks axis = new LogTicks("loss", true);
    if (positive.length == 0) {
      axis.setRange(0.1, 10);
    } else {
      double least = positive[0];
      double most = positive[positive.length - 1];
      double margin = Math.max(2, Math.pow(most / least, 0.04)); // 2: some labels always fit in
      axis.setRange(least / margin, most * margin);
    }
    style(axis);
    return axis;
  }

  private static void style(ValueAxis axis) {
    axis.setLabelFont(LABEL_FONT);
    axis.setTickLabelFont(TICK_FONT);
    axis.setLabelPaint(TEXT);
    axis.setTickLabelPaint(TEXT);
    axis.setAxisLinePaint(GRID);
    axis.setTickMarkPaint(GRID);
  }

  private static String number(double value) {
    return new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT))
        .format(value);
  }
}

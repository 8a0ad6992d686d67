package dev.groklab.experiments.report;

import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import dev.groklab.experiments.results.FigureData;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisSpace;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.ui.RectangleInsets;

/**
 * A figure: cells side by side, each with accuracy above loss against the step. All cells have the
 * same axes, so that they can be compared.
 */
final class FigurePicture {

  private static final int MOST_COLUMNS = 3;
  private static final int MARGIN = 12;
  private static final int AXIS = 72; // numbers and label left of a frame
  private static final int AXIS_WITHOUT_LABEL = 52;
  private static final int OVERHANG = 26; // of the last number, right of a frame
  private static final int STEPS = 44; // numbers and label below a frame
  private static final int[] FRAME_WIDTH = {640, 410, 300}; // by columns
  private static final int FRAMES_HEIGHT = 360; // accuracy and loss together
  private static final int COLUMN_GAP = 16;
  private static final int ROW_GAP = 14;
  private static final int TITLE_HEIGHT = 28;
  private static final int LINE_HEIGHT = 22;
  private static final Font CELL_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 15);

  private final FigureData figure;
  private final FigureLayout layout;
  private final int columns;
  private final int frameWidth;
  private final int width;
  private final int keysTop;
  private final KeyRows keys;
  private final List<KeyRows> cellKeys;
  private final int cellsTop;
  private final int cellKeysHeight;
  private final int cellHeight;

  private FigurePicture(FigureData figure) {
    this.figure = figure;
    this.layout = FigureLayout.of(figure);
    int cells = layout.cells().size();
    this.columns = cells == 4 ? 2 : Math.min(cells, MOST_COLUMNS);
    this.frameWidth = FRAME_WIDTH[columns - 1];
    this.width =
        2 * MARGIN
            + AXIS
            + (columns - 1) * (COLUMN_GAP + AXIS_WITHOUT_LABEL)
            + columns * frameWidth
            + OVERHANG / 2;
    this.keysTop = MARGIN + TITLE_HEIGHT + LINE_HEIGHT;
    this.keys = new KeyRows(layout.keys(), width - 2.0 * MARGIN - AXIS);
    this.cellKeys =
        layout.cells().stream().map(cell -> new KeyRows(cell.keys(), frameWidth)).toList();
    this.cellsTop = keysTop + keys.height() + 8;
    this.cellKeysHeight = cellKeys.stream().mapToInt(KeyRows::height).max().orElseThrow();
    boolean titled = layout.cells().stream().anyMatch(cell -> !cell.title().isEmpty());
    this.cellHeight = (titled ? LINE_HEIGHT : 0) + cellKeysHeight + FRAMES_HEIGHT + STEPS;
  }

  static Picture of(FigureData figure) {
    FigurePicture picture = new FigurePicture(figure);
    int rows = Math.ceilDiv(picture.layout.cells().size(), picture.columns);
    int height = picture.cellsTop + rows * picture.cellHeight + (rows - 1) * ROW_GAP + MARGIN;
    return new Picture(picture.width, height, picture::draw);
  }

  private void draw(Graphics2D graphics) {
    int rows = Math.ceilDiv(layout.cells().size(), columns);
    graphics.setPaint(Color.WHITE);
    graphics.fill(
        new Rectangle2D.Double(
            0, 0, width, cellsTop + rows * cellHeight + (rows - 1) * ROW_GAP + MARGIN));
    graphics.setPaint(Style.TEXT);
    graphics.setFont(Style.TITLE_FONT);
    graphics.drawString(figure.title(), MARGIN + AXIS, MARGIN + 20);
    graphics.setFont(Style.TICK_FONT);
    graphics.drawString(seeds(figure), MARGIN + AXIS, MARGIN + TITLE_HEIGHT + 15);
    keys.draw(graphics, MARGIN + AXIS, keysTop);
    for (int i = 0; i < layout.cells().size(); i++) {
      int column = i % columns;
      double frameLeft =
          MARGIN + AXIS + column * (double) (frameWidth + COLUMN_GAP + AXIS_WITHOUT_LABEL);
      int row = i / columns;
      double top = cellsTop + row * (double) (cellHeight + ROW_GAP);
      drawCell(graphics, i, frameLeft, top, column == 0);
    }
  }

  /** How many seeds the curves stand for. */
  static String seeds(FigureData figure) {
    int[] counts =
        figure.panels().stream()
            .flatMap(panel -> panel.curves().stream())
            .mapToInt(curve -> curve.runs().size())
            .sorted()
            .toArray();
    int least = counts[0];
    int most = counts[counts.length - 1];
    if (most == 1) {
      return "one seed";
    }
    String seeds = least == most ? Integer.toString(most) : least + " to " + most;
    return "median of " + seeds + " seeds; the band reaches from the smallest to the largest";
  }

  private void drawCell(Graphics2D graphics, int index, double left, double top, boolean labels) {
    FigureLayout.Cell cell = layout.cells().get(index);
    double y = top;
    if (!cell.title().isEmpty()) {
      graphics.setPaint(Style.TEXT);
      graphics.setFont(CELL_FONT);
      graphics.drawString(cell.title(), (float) left, (float) (y + 16));
      y += LINE_HEIGHT;
    }
    cellKeys.get(index).draw(graphics, left, y);
    y += cellKeysHeight;
    int axis = labels ? AXIS : AXIS_WITHOUT_LABEL;
    JFreeChart chart = new JFreeChart(null, null, plot(cell, axis, labels), false);
    chart.setBackgroundPaint(null);
    chart.setPadding(RectangleInsets.ZERO_INSETS);
    chart.draw(
        graphics,
        new Rectangle2D.Double(
            left - axis, y, axis + (double) frameWidth + OVERHANG, (double) FRAMES_HEIGHT + STEPS));
  }

  private CombinedDomainXYPlot plot(FigureLayout.Cell cell, int axis, boolean labels) {
    CombinedDomainXYPlot plot = new CombinedDomainXYPlot(stepAxis());
    plot.setGap(12);
    plot.setInsets(new RectangleInsets(0, 0, 0, OVERHANG));
    AxisSpace left = new AxisSpace();
    left.setLeft(axis);
    plot.setFixedRangeAxisSpace(left);
    AxisSpace below = new AxisSpace();
    below.setBottom(STEPS);
    plot.setFixedDomainAxisSpace(below);
    plot.add(frame(cell, FigureLayout.Line::accuracy, Style.shareAxis(labels ? "accuracy" : null)));
    plot.add(frame(cell, FigureLayout.Line::loss, lossAxis(labels)));
    return plot;
  }

  private static XYPlot frame(
      FigureLayout.Cell cell, Function<FigureLayout.Line, Band> band, ValueAxis axis) {
    List<BandPlot.Drawn> bands = new ArrayList<>();
    for (FigureLayout.Line line : cell.lines()) {
      bands.add(new BandPlot.Drawn(band.apply(line), line.color(), line.dashed()));
    }
    return BandPlot.of(bands, axis);
  }

  private ValueAxis stepAxis() {
    long[] steps =
        points(FigureLayout.Line::accuracy).mapToLong(Band.Point::step).sorted().toArray();
    return steps.length == 0
        ? Style.stepAxis(1, 10)
        : Style.stepAxis((double) steps[0], (double) steps[steps.length - 1]);
  }

  private ValueAxis lossAxis(boolean labels) {
    ValueAxis axis =
        Style.lossAxis(
            points(FigureLayout.Line::loss)
                .flatMapToDouble(point -> DoubleStream.of(point.low(), point.high()))
                .toArray());
    if (!labels) {
      axis.setLabel(null);
    }
    return axis;
  }

  private Stream<Band.Point> points(Function<FigureLayout.Line, Band> band) {
    return layout.cells().stream()
        .flatMap(cell -> cell.lines().stream())
        .flatMap(line -> band.apply(line).points().stream());
  }
}

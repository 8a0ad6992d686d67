package dev.groklab.experiments.report;

import dev.groklab.analysis.KaplanMeier;
import dev.groklab.analysis.Observation;
import dev.groklab.experiments.claims.Sample;
import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.renderer.xy.XYStepRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Kaplan–Meier curves: the share of the runs that are there against the step. A small stroke on a
 * curve is a run that was censored there.
 */
final class SurvivalPicture {

  private static final int WIDTH = 640;
  private static final int FRAME_HEIGHT = 250;
  private static final int MARGIN = 10;
  private static final int LEFT = 68; // of the frame

  private final List<Sample> samples;
  private final String time;
  private final Color[] colors;
  private final KeyRows keys;

  private SurvivalPicture(List<Sample> samples, String time) {
    this.samples = samples;
    this.time = time;
    this.colors = Palette.of(samples.size());
    List<FigureLayout.Key> entries = new ArrayList<>();
    for (int i = 0; i < colors.length; i++) {
      entries.add(new FigureLayout.Key(samples.get(i).label(), colors[i], false));
    }
    this.keys = new KeyRows(entries, WIDTH - LEFT - MARGIN);
  }

  static Picture of(List<Sample> samples, String time) {
    SurvivalPicture picture = new SurvivalPicture(samples, time);
    return new Picture(WIDTH, picture.keys.height() + FRAME_HEIGHT + 2 * MARGIN, picture::draw);
  }

  private void draw(Graphics2D graphics) {
    double top = MARGIN + (double) keys.height();
    graphics.setPaint(Color.WHITE);
    graphics.fill(new Rectangle2D.Double(0, 0, WIDTH, top + FRAME_HEIGHT + MARGIN));
    keys.draw(graphics, LEFT, MARGIN);
    double first = all().min().orElse(1) / 1.25;
    double last = all().max().orElse(10) * 1.1;
    ValueAxis steps = Style.stepAxis(first, last);
    steps.setLabel(time);
    XYPlot plot = new XYPlot(null, steps, Style.shareAxis("runs that are there"), null);
    Style.style(plot);
    plot.setInsets(new RectangleInsets(6, 0, 0, 20));
    plot.setDataset(0, curves(first, last));
    plot.setRenderer(0, lines());
    plot.setDataset(1, censored());
    plot.setRenderer(1, strokes());
    JFreeChart chart = new JFreeChart(null, null, plot, false);
    chart.setBackgroundPaint(null);
    chart.setPadding(RectangleInsets.ZERO_INSETS);
    chart.draw(graphics, new Rectangle2D.Double(0, top, WIDTH, FRAME_HEIGHT));
  }

  private DoubleStream all() {
    return samples.stream()
        .flatMap(sample -> sample.observations().stream())
        .mapToDouble(Observation::time);
  }

  private XYSeriesCollection curves(double first, double last) {
    XYSeriesCollection data = new XYSeriesCollection();
    for (int i = 0; i < samples.size(); i++) {
      XYSeries series = new XYSeries(i, false);
      KaplanMeier curve = KaplanMeier.of(samples.get(i).observations());
      series.add(first, 0);
      for (KaplanMeier.Step step : curve.steps()) {
        series.add(step.time(), 1 - step.survival());
      }
      if (Double.isInfinite(curve.knownUntil())) {
        series.add(last, 1); // all are there and stay
      }
      data.addSeries(series);
    }
    return data;
  }

  private XYSeriesCollection censored() {
    XYSeriesCollection data = new XYSeriesCollection();
    for (int i = 0; i < samples.size(); i++) {
      XYSeries series = new XYSeries(i, false);
      for (KaplanMeier.Step step : KaplanMeier.of(samples.get(i).observations()).steps()) {
        if (step.censored() > 0) {
          series.add(step.time(), 1 - step.survival());
        }
      }
      data.addSeries(series);
    }
    return data;
  }

  private XYStepRenderer lines() {
    XYStepRenderer renderer = new XYStepRenderer();
    for (int i = 0; i < colors.length; i++) {
      renderer.setSeriesPaint(i, colors[i]);
      renderer.setSeriesStroke(i, KeyRows.stroke(false));
    }
    return renderer;
  }

  private XYLineAndShapeRenderer strokes() {
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
    for (int i = 0; i < colors.length; i++) {
      renderer.setSeriesPaint(i, colors[i]);
      renderer.setSeriesShape(i, new Line2D.Double(0, -6, 0, 6));
      renderer.setSeriesStroke(i, new BasicStroke(2));
    }
    return renderer;
  }
}

package dev.groklab.experiments.report;

import dev.groklab.experiments.plot.LogTicks;
import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Style;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.util.List;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** Median lines with their ranges as bands, in one frame. */
final class BandPlot {

  /** A band and how it is drawn. */
  record Drawn(Band band, Color color, boolean dashed) {}

  private BandPlot() {}

  static XYPlot of(List<Drawn> bands, ValueAxis axis) {
    YIntervalSeriesCollection data = new YIntervalSeriesCollection();
    DeviationRenderer renderer = new DeviationRenderer(true, false);
    renderer.setAlpha(1); // the bands' colours are translucent themselves, which SVG can say
    for (int i = 0; i < bands.size(); i++) {
      Drawn drawn = bands.get(i);
      YIntervalSeries series = series(i, drawn.band(), axis);
      data.addSeries(series);
      renderer.setSeriesPaint(i, drawn.color());
      renderer.setSeriesFillPaint(i, Palette.translucent(drawn.color(), bands.size()));
      renderer.setSeriesStroke(i, KeyRows.stroke(drawn.dashed()));
      // A line needs two points; a lone one is drawn as a dot.
      renderer.setSeriesShapesVisible(i, series.getItemCount() == 1);
      renderer.setSeriesShape(i, new Ellipse2D.Double(-3, -3, 6, 6));
    }
    XYPlot plot = new XYPlot(data, null, axis, renderer);
    Style.style(plot);
    return plot;
  }

  /** Points that the axis can show; a range that leaves it is cut off there. */
  private static YIntervalSeries series(int key, Band band, ValueAxis axis) {
    YIntervalSeries series = new YIntervalSeries(key, false, true);
    for (Band.Point point : band.points()) {
      double median = point.median();
      if (Double.isFinite(median) && (median > 0 || !(axis instanceof LogTicks))) {
        series.add(
            (double) point.step(),
            median,
            Math.max(point.low(), axis.getLowerBound()),
            Math.min(point.high(), axis.getUpperBound()));
      }
    }
    return series;
  }
}

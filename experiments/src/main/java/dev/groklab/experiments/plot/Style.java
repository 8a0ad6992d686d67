package dev.groklab.experiments.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;

/** How all pictures look. */
public final class Style {

  // Blue and vermilion of Okabe & Ito (2008), told apart by everybody.
  /** Colour of the training split. */
  public static final Color TRAIN = new Color(0x0072B2);

  /** Colour of the validation split. */
  public static final Color VALIDATION = new Color(0xD55E00);

  /** Colour of grid lines and frames. */
  public static final Color GRID = new Color(0xDDDDDD);

  /** Colour of words. */
  public static final Color TEXT = new Color(0x333333);

  /** Font of titles. */
  public static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 18);

  /** Font of labels. */
  public static final Font LABEL_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

  /** Font of the numbers at the axes. */
  public static final Font TICK_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  private Style() {}

  /**
   * A logarithmic axis of steps.
   *
   * @param first the first step shown
   * @param last the last step shown; equal to the first if there is one alone
   * @return the axis
   */
  public static ValueAxis stepAxis(double first, double last) {
    return logAxis("step", first, last);
  }

  /**
   * A horizontal logarithmic axis.
   *
   * @param label what it shows
   * @param first the first value shown, above 0
   * @param last the last value shown; equal to the first if there is one alone
   * @return the axis
   */
  public static ValueAxis logAxis(String label, double first, double last) {
    LogTicks axis = new LogTicks(label, false);
    axis.setRange(first < last ? first : first / 2, first < last ? last : last * 2);
    style(axis);
    return axis;
  }

  /**
   * An axis of plain numbers.
   *
   * @param label what it shows
   * @param least its lower end
   * @param most its upper end
   * @return the axis
   */
  public static ValueAxis axis(String label, double least, double most) {
    NumberAxis axis = new NumberAxis(label);
    axis.setRange(least, most);
    axis.setNumberFormatOverride(
        new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT)));
    style(axis);
    return axis;
  }

  /**
   * An axis of shares.
   *
   * @param label what it shows
   * @return the axis, from 0 to 100 %
   */
  public static ValueAxis shareAxis(String label) {
    NumberAxis axis = new NumberAxis(label);
    axis.setRange(-0.02, 1.02); // curves at 0 and 1 stay clear of the frame
    axis.setTickUnit(new NumberTickUnit(0.2));
    axis.setNumberFormatOverride(
        new DecimalFormat("0 %", DecimalFormatSymbols.getInstance(Locale.ROOT)));
    style(axis);
    return axis;
  }

  /**
   * A logarithmic axis of losses.
   *
   * @param losses what it shall show; those that are not finite or not positive are ignored
   * @return the axis, with room for all losses
   */
  public static ValueAxis lossAxis(double... losses) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (double loss : losses) {
      if (Double.isFinite(loss) && loss > 0) {
        least = Math.min(least, loss);
        most = Math.max(most, loss);
      }
    }
    LogTicks axis = new LogTicks("loss", true);
    if (most == 0) {
      axis.setRange(0.1, 10);
    } else {
      double margin = Math.max(2, Math.pow(most / least, 0.04)); // 2: some labels always fit in
      axis.setRange(least / margin, most * margin);
    }
    style(axis);
    return axis;
  }

  /**
   * Gives a plot its background, frame and grid lines.
   *
   * @param plot the plot
   */
  public static void style(XYPlot plot) {
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlinePaint(GRID);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlineStroke(new BasicStroke(1));
  }

  private static void style(ValueAxis axis) {
    axis.setLabelFont(LABEL_FONT);
    axis.setTickLabelFont(TICK_FONT);
    axis.setLabelPaint(TEXT);
    axis.setTickLabelPaint(TEXT);
    axis.setAxisLinePaint(GRID);
    axis.setTickMarkPaint(GRID);
  }

  /**
   * A number for people: 20,000 or 0.0005.
   *
   * @param value the number
   * @return its text
   */
  public static String number(double value) {
    return new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT))
        .format(value);
  }
}

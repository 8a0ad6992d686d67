package dev.groklab.experiments.plot;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.TickType;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/**
 * A logarithmic axis with labels that people read: 100, 200, 500, 1,000 … where decades are wide,
 * powers of ten alone where they are narrow.
 */
public final class LogTicks extends LogAxis {
  private static final long serialVersionUID = 1L;

  private static final int MOST_LABELS = 7;
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private final boolean vertical;

  /**
   * An axis whose range is yet to be set.
   *
   * @param label what it shows
   * @param vertical whether it stands
   */
  public LogTicks(String label, boolean vertical) {
    super(label);
    this.vertical = vertical;
  }

  @Override
  public List<NumberTick> refreshTicks(
      Graphics2D g2, AxisState state, Rectangle2D dataArea, RectangleEdge edge) {
    int low = (int) Math.floor(Math.log10(getLowerBound()));
    int high = (int) Math.ceil(Math.log10(getUpperBound()));
    double decades = Math.log10(getUpperBound() / getLowerBound());
    String digits = digits((vertical ? dataArea.getHeight() : dataArea.getWidth()) / decades);
    int stride = Math.max(1, Math.ceilDiv(high - low, MOST_LABELS)); // decades from label to label
    List<NumberTick> ticks = new ArrayList<>();
    for (int decade = low; decade <= high; decade++) {
      for (int digit = 1; digit <= 9; digit++) {
        double value = Double.parseDouble(digit + "e" + decade); // exact, unlike a power of ten
        if (value < getLowerBound() || value > getUpperBound()) {
          continue;
        }
        boolean labelled = digits.indexOf('0' + digit) >= 0 && decade % stride == 0;
        if (labelled || stride == 1) {
          ticks.add(tick(value, labelled));
        }
      }
    }
    return ticks;
  }

  /** The first digits of the numbers that are written, for a decade so many points long. */
  private String digits(double decade) {
    if (decade >= (vertical ? 100 : 165)) {
      return "125";
    }
    return decade >= (vertical ? 60 : 95) ? "13" : "1";
  }

  private NumberTick tick(double value, boolean labelled) {
    return new NumberTick(
        labelled ? TickType.MAJOR : TickType.MINOR,
        value,
        labelled ? label(value) : "",
        vertical ? TextAnchor.CENTER_RIGHT : TextAnchor.TOP_CENTER,
        TextAnchor.CENTER,
        0);
  }

  private static String label(double value) {
    if (value >= 1e-3 && value < 1e7) {
      return new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT))
          .format(value);
    }
    int exponent = (int) Math.floor(Math.log10(value) + 1e-9);
    long digit = Math.round(value / Math.pow(10, exponent));
    StringBuilder text = new StringBuilder(digit == 1 ? "10" : digit + "·10");
    for (char c : Integer.toString(exponent).toCharArray()) {
      text.append(c == '-' ? '⁻' : SUPERSCRIPTS.charAt(c - '0'));
    }
    return text.toString();
  }
}

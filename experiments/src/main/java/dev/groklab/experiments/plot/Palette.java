package dev.groklab.experiments.plot;

import java.awt.Color;

/**
 * Colours for the curves of a panel, told apart by the colour-blind and in a black-and-white print,
 * since no two are equally light.
 */
public final class Palette {

  /** "High contrast" of Paul Tol (2021). */
  private static final Color[] FEW = {
    new Color(0x004488), new Color(0xBB5566), new Color(0xDDAA33)
  };

  /** Viridis, but for its last part, too light on white paper. */
  private static final Color[] ORDERED = {
    new Color(0x440154),
    new Color(0x3B528B),
    new Color(0x21918C),
    new Color(0x5EC962),
    new Color(0xD2C21B)
  };

  private Palette() {}

  /**
   * The colours of curves in the order of what they vary.
   *
   * @param count number of curves
   * @return as many colours
   */
  public static Color[] of(int count) {
    Color[] colors = new Color[count];
    for (int i = 0; i < count; i++) {
      colors[i] = count <= FEW.length ? FEW[i] : between(i / (count - 1.0));
    }
    return colors;
  }

  /**
   * The colour of a band around a line: lines and other bands show through.
   *
   * @param color the line's colour
   * @param bands how many there are in the frame: many that overlap are each fainter
   * @return the same, translucent
   */
  public static Color translucent(Color color, int bands) {
    int alpha = bands <= 4 ? 48 : 24;
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
  }

  /**
   * A colour of the ordered scale, for tables drawn in colours.
   *
   * @param share where on the scale, from 0 to 1
   * @return from dark blue at 0 to yellow at 1
   */
  public static Color at(double share) {
    return between(share);
  }

  private static Color between(double share) {
    double position = share * (ORDERED.length - 1);
    int left = Math.min((int) position, ORDERED.length - 2);
    double weight = position - left;
    Color a = ORDERED[left];
    Color b = ORDERED[left + 1];
    return new Color(
        mix(a.getRed(), b.getRed(), weight),
        mix(a.getGreen(), b.getGreen(), weight),
        mix(a.getBlue(), b.getBlue(), weight));
  }

  private static int mix(int a, int b, double weight) {
    return (int) Math.round(a + weight * (b - a));
  }
}

package dev.groklab.benchmarks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Shapes as people write them, such as {@code 706x128->384}. */
final class Extents {
  private static final Pattern EXTENT = Pattern.compile("[A-Z]");

  private Extents() {}

  /**
   * Reads a shape.
   *
   * @param form how it is written, a capital letter for each extent, such as {@code NxI->O}
   * @param shape the shape
   * @return the extents in their order, each 1 … 999,999,999
   */
  static int[] of(String form, String shape) {
    Matcher matcher =
        Pattern.compile(EXTENT.matcher(form).replaceAll("([1-9][0-9]{0,8})")).matcher(shape);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "the shape is '" + shape + "'; allowed is " + form + " with numbers for the letters");
    }
    return IntStream.rangeClosed(1, matcher.groupCount())
        .map(group -> Integer.parseInt(matcher.group(group)))
        .toArray();
  }
}

package dev.groklab.run;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * The seeds A..B, both included.
 *
 * @param first A
 * @param last B
 */
public record SeedRange(long first, long last) {

  private static final String KEY = "seeds";
  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})\\.\\.(\\d{1,18})");
  private static final int MAX_REPLICAS = 65_536; // of one trainer

  /**
   * Reads a range.
   *
   * @param text such as {@code 0..4}
   * @return the range
   * @throws ConfigException if it is none, or has too many seeds
   */
  public static SeedRange parse(String text) {
    Matcher matcher = RANGE.matcher(text.strip());
    if (!matcher.matches()) {
      throw new ConfigException(KEY, "'" + text + "' is not allowed: A..B is needed, such as 0..4");
    }
    SeedRange range =
        new SeedRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    if (range.last < range.first || range.last - range.first >= MAX_REPLICAS) {
      throw new ConfigException(
          KEY, "'" + text + "' is not allowed: 1 to " + MAX_REPLICAS + " seeds, the least first");
    }
    return range;
  }

  /**
   * The seeds one by one.
   *
   * @return A, A+1, …, B
   */
  public LongStream seeds() {
    return LongStream.rangeClosed(first, last);
  }

  @Override
  public String toString() {
    return first + ".." + last;
  }
}

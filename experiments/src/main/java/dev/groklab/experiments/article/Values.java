package dev.groklab.experiments.article;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Values of options: numbers, or a sentence about what is allowed. */
final class Values {

  private Values() {}

  /** A whole number in a range. */
  static int whole(String option, String text, int least, int most) {
    try {
      int number = Integer.parseInt(text.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new ConfigException(
        option, "'" + text + "' is not allowed: a whole number from " + least + " to " + most);
  }

  /** A number that must be above 0 and may not exceed a limit. */
  static double positive(String option, String text, double most) {
    try {
      double number = Double.parseDouble(text.strip());
      if (number > 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new ConfigException(
        option, "'" + text + "' is not allowed: a number above 0, at most " + number(most));
  }

  /** Numbers separated by commas, each once. */
  static List<String> list(String option, String text) {
    List<String> values = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (values.stream().anyMatch(String::isEmpty)
        || values.stream().distinct().count() < values.size()) {
      throw new ConfigException(
          option, "'" + text + "' is not allowed: different values, separated by commas");
    }
    return values;
  }

  /** A number as people write it. */
  static String number(double value) {
    return RunConfig.of(Map.of(ConfigKey.LR.key(), value)).value(ConfigKey.LR).toString();
  }
}

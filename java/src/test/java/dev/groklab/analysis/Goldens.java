package dev.groklab.analysis;

import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;

/** What {@code src/test/goldens/statistics.py} wrote. */
final class Goldens {

  static final Offset<Double> EXACT = within(1e-9);

  private static final JsonNode ALL = read();

  private Goldens() {}

  private static JsonNode read() {
    try (InputStream in = Goldens.class.getResourceAsStream("goldens.json")) {
      return JsonMapper.builder().build().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The cases of a kind; a test names the case in its descriptions by its JSON. */
  static List<JsonNode> cases(String kind) {
    List<JsonNode> cases = new ArrayList<>();
    ALL.get(kind).forEach(cases::add);
    if (cases.isEmpty()) {
      throw new AssertionError("there are no goldens of " + kind);
    }
    return cases;
  }

  static List<Observation> group(String name) {
    JsonNode group = ALL.get("groups").get(name);
    List<Observation> runs = new ArrayList<>();
    for (int i = 0; i < group.get("times").size(); i++) {
      runs.add(
          new Observation(
              group.get("times").get(i).asDouble(), group.get("events").get(i).asBoolean()));
    }
    return runs;
  }

  static List<List<Observation>> groups(JsonNode names) {
    List<List<Observation>> groups = new ArrayList<>();
    names.forEach(name -> groups.add(group(name.asText())));
    return groups;
  }

  static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).asDouble();
    }
    return numbers;
  }

  /** Null stands for infinity. */
  static double high(JsonNode number) {
    return number.isNull() ? Double.POSITIVE_INFINITY : number.asDouble();
  }

  static double low(JsonNode number) {
    return number.isNull() ? Double.NEGATIVE_INFINITY : number.asDouble();
  }

  /** Whether both are the same up to rounding, or the same infinity. */
  static boolean same(double a, double b) {
    return a == b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
  }

  static boolean same(Interval interval, JsonNode ends) {
    return same(interval.low(), low(ends.get(0))) && same(interval.high(), high(ends.get(1)));
  }
}

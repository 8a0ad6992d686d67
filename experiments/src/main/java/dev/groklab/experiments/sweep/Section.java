package dev.groklab.experiments.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A map in a grid file, which knows where it stands.
 *
 * @param place the file, and where in it
 * @param node the map
 */
record Section(String place, ObjectNode node) {

  /** Settings that a grid leaves to others. */
  private static final Map<ConfigKey, String> NOT_HERE =
      Map.of(
          ConfigKey.SEED, "the seeds of a grid are given by 'seeds', such as 0..4",
          ConfigKey.BACKEND, "where to compute is said by the option --backend",
          ConfigKey.THREADS, "where to compute is said by the option --threads",
          ConfigKey.REPLAY, "the runs of a grid draw their own inputs");

  static Section of(String place, JsonNode node) {
    if (node instanceof ObjectNode map) {
      return new Section(place, map);
    }
    throw new GridException(place, "'" + shown(node) + "' is not allowed: a map is needed");
  }

  /** Refuses all names but these. */
  Section allowing(String... names) {
    Set<String> allowed = Set.of(names);
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!allowed.contains(field.getKey())) {
        throw fault(
            "'" + field.getKey() + "' is not known here; allowed: " + String.join(", ", names));
      }
    }
    return this;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  Optional<String> text(String name) {
    return has(name) ? Optional.of(value(inner(name), node.get(name))) : Optional.empty();
  }

  /** A map in this one; an empty one if it is not there. */
  Section section(String name) {
    return has(name) ? of(inner(name), node.get(name)) : empty(name);
  }

  Section empty(String name) {
    return new Section(inner(name), node.objectNode());
  }

  /** A list of maps, at least one. */
  List<Section> sections(String name, String each) {
    List<Section> sections = new ArrayList<>();
    for (JsonNode element : list(inner(name), node.get(name))) {
      Section section = of(inner(each + " " + (sections.size() + 1)), element);
      String title = section.node.path("title").asText(section.node.path("label").asText());
      sections.add(
          title.isEmpty()
              ? section
              : new Section(section.place + " '" + title + "'", section.node));
    }
    return sections;
  }

  /** This map as settings of a run by name. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      requireSetting(field.getKey());
      settings.put(field.getKey(), value(inner(field.getKey()), field.getValue()));
    }
    return settings;
  }

  /** This map as lists of values of settings of a run. */
  Map<String, List<String>> choices() {
    Map<String, List<String>> choices = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      requireSetting(field.getKey());
      String place = inner(field.getKey());
      choices.put(
          field.getKey(),
          list(place, field.getValue()).stream().map(element -> value(place, element)).toList());
    }
    return choices;
  }

  private void requireSetting(String name) {
    Optional<String> obstacle = obstacle(name);
    if (obstacle.isPresent()) {
      throw fault(obstacle.get());
    }
  }

  /** Why a grid cannot set this name, if so. */
  static Optional<String> obstacle(String name) {
    Optional<ConfigKey> key = ConfigKey.find(name);
    if (key.isPresent()) {
      return Optional.ofNullable(NOT_HERE.get(key.get()))
          .map(reason -> "'" + name + "' is not allowed here: " + reason);
    }
    List<String> allowed =
        Arrays.stream(ConfigKey.values())
            .filter(known -> !NOT_HERE.containsKey(known))
            .map(ConfigKey::key)
            .toList();
    return Optional.of(
        "'"
            + name
            + "' is no setting; nearest: "
            + String.join(", ", ConfigKey.nearest(name, allowed)));
  }

  GridException fault(String problem) {
    return new GridException(place, problem);
  }

  private String inner(String name) {
    return place + ": " + name;
  }

  private static List<JsonNode> list(String place, JsonNode node) {
    if (!node.isArray() || node.isEmpty()) {
      throw new GridException(
          place,
          "'" + shown(node) + "' is not allowed: a list is needed, with at least one element");
    }
    List<JsonNode> elements = new ArrayList<>();
    node.forEach(elements::add);
    return elements;
  }

  private static String value(String place, JsonNode node) {
    if (!node.isValueNode() || node.isNull()) {
      throw new GridException(
          place, "'" + shown(node) + "' is not allowed: a single value is needed");
    }
    return node.isBigDecimal() ? node.decimalValue().toPlainString() : node.asText();
  }

  private static String shown(JsonNode node) {
    return node.isValueNode() ? node.asText() : node.toString();
  }
}

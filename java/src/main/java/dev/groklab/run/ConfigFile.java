package dev.groklab.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Settings in a YAML file: a flat map with the keys of {@link ConfigKey}, and one nested map,
 * {@code environment}, that says where a run was made and determines nothing.
 */
public final class ConfigFile {

  private static final String ENVIRONMENT = "environment";
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .build();

  private ConfigFile() {}

  /**
   * Reads the settings of a file. Names are not checked here, and {@code environment} is left out.
   *
   * @param file the file
   * @return values by name; those without a value are left out
   * @throws FormatException if the file is no flat YAML map
   * @throws IOException if it cannot be read
   */
  public static Map<String, String> read(Path file) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : tree(file).properties()) {
      JsonNode value = field.getValue();
      if (field.getKey().equals(ENVIRONMENT) || value.isNull()) {
        continue;
      }
      if (!value.isValueNode()) {
        throw new FormatException(file, field.getKey() + " is no single value");
      }
      settings.put(field.getKey(), value.asText());
    }
    return settings;
  }

  /**
   * Reads where a run was made.
   *
   * @param file the file
   * @return texts by name, empty if the file does not say
   * @throws IOException if the file cannot be read or is no flat YAML map
   */
  public static Map<String, String> readEnvironment(Path file) throws IOException {
    Map<String, String> environment = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : tree(file).path(ENVIRONMENT).properties()) {
      environment.put(field.getKey(), field.getValue().asText());
    }
    return environment;
  }

  /**
   * Writes a file, atomically.
   *
   * @param file the file; its folder exists
   * @param settings values by name
   * @param environment where the run is made; empty: left out
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Map<String, ?> settings, Map<String, ?> environment)
      throws IOException {
    Map<String, Object> map = new LinkedHashMap<>(settings);
    if (!environment.isEmpty()) {
      map.put(ENVIRONMENT, environment);
    }
    AtomicFile.writeText(file, YAML.writeValueAsString(map));
  }

  private static ObjectNode tree(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw IoFailure.naming(file, e);
    }
    try {
      JsonNode tree = YAML.readTree(text);
      if (tree == null || tree.isMissingNode() || tree.isNull()) {
        return YAML.createObjectNode(); // nothing but comments
      }
      if (tree instanceof ObjectNode map) {
        return map;
      }
      throw new FormatException(file, "is no YAML map of settings");
    } catch (JsonProcessingException e) {
      throw new FormatException(file, "is no YAML map of settings: " + firstLine(e));
    }
  }

  private static String firstLine(JsonProcessingException e) {
    String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
    return e.getOriginalMessage().lines().findFirst().orElse("unreadable") + where;
  }
}

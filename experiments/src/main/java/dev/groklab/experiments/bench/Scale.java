package dev.groklab.experiments.bench;

import dev.groklab.run.ConfigKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One way for a training to grow: the report's Transformer with one setting varied.
 *
 * @param label what varies
 * @param values its values, ascending
 * @param cells what is trained at each
 */
record Scale(String label, List<Integer> values, List<Cell> cells) {

  private static final String SUMMANDS_MODULUS = "23"; // 97⁴ rows would be 2 GB of table

  /** The ways that a picture shows. */
  static List<Scale> all(String backend, String precision) {
    Map<String, String> report =
        Map.of(ConfigKey.BACKEND.key(), backend, ConfigKey.PRECISION.key(), precision);
    Map<String, String> summands = new LinkedHashMap<>(report);
    summands.put(ConfigKey.P.key(), SUMMANDS_MODULUS);
    return List.of(
        varied("modulus p", report, ConfigKey.P, 23, 41, 59, 97, 149, 199),
        varied("batch size", report, ConfigKey.BATCH_SIZE, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        varied("width d", report, ConfigKey.DIM, 32, 64, 128, 256, 512),
        varied("summands K (p = 23)", summands, ConfigKey.SUMMANDS, 2, 3, 4),
        varied("layers", report, ConfigKey.LAYERS, 1, 2, 3, 4, 6, 8),
        replicas(report, 1, 2, 4, 8, 16, 32));
  }

  private static Scale varied(
      String label, Map<String, String> report, ConfigKey key, int... values) {
    return new Scale(
        label,
        IntStream.of(values).boxed().toList(),
        IntStream.of(values)
            .mapToObj(
                value -> {
                  Map<String, String> settings = new LinkedHashMap<>(report);
                  settings.put(key.key(), Integer.toString(value));
                  return new Cell(settings, 1);
                })
            .toList());
  }

  private static Scale replicas(Map<String, String> report, int... counts) {
    return new Scale(
        "replicas",
        IntStream.of(counts).boxed().toList(),
        IntStream.of(counts).mapToObj(count -> new Cell(report, count)).toList());
  }
}

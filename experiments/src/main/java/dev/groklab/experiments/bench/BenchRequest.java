package dev.groklab.experiments.bench;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What the user selected, each a list of values separated by commas.
 *
 * @param models names of models
 * @param moduli values of p
 * @param batches batch sizes, or {@code full}
 * @param threads CPU threads, or {@code all}
 * @param replicas numbers of replicas
 * @param backend where to compute
 * @param precision arithmetic
 */
record BenchRequest(
    List<String> models,
    List<String> moduli,
    List<String> batches,
    List<String> threads,
    List<Integer> replicas,
    String backend,
    String precision) {

  static final String BATCH = "batch";
  static final String REPLICAS = "replicas";
  private static final int MAX_REPLICAS = 4096;

  /** The values of a list, each once. */
  static List<String> split(String option, String text) {
    List<String> values = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (values.contains("")) {
      throw new ConfigException(
          option, "'" + text + "' is not allowed: values separated by commas are needed");
    }
    return List.copyOf(new LinkedHashSet<>(values));
  }

  static List<Integer> splitReplicas(String text) {
    return split(REPLICAS, text).stream()
        .map(value -> number(REPLICAS, value, 1, MAX_REPLICAS))
        .toList();
  }

  static int number(String option, String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new ConfigException(
        option, "'" + text + "' is not allowed: a whole number from " + least + " to " + most);
  }

  /**
   * All combinations, valid ones only.
   *
   * @throws ConfigException if a value is not allowed, also beside the others
   */
  List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (String model : models) {
      for (String p : moduli) {
        for (String batch : batches) {
          for (String number : threads) {
            for (int count : replicas) {
              cells.add(cell(model, p, batch, number, count));
            }
          }
        }
      }
    }
    return cells;
  }

  private Cell cell(String model, String p, String batch, String number, int count) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(ConfigKey.MODEL.key(), model);
    settings.put(ConfigKey.P.key(), p);
    settings.put(ConfigKey.BATCH_SIZE.key(), batch);
    settings.put(ConfigKey.THREADS.key(), number);
    settings.put(ConfigKey.BACKEND.key(), backend);
    settings.put(ConfigKey.PRECISION.key(), precision);
    Cell cell = new Cell(settings, count);
    try {
      cell.first();
    } catch (ConfigException e) {
      throw e.key().equals(ConfigKey.BATCH_SIZE.key())
          ? new ConfigException(BATCH, e.problem())
          : e;
    }
    return cell;
  }
}

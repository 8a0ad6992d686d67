package dev.groklab.experiments.bench;

import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What one line of a table trains: the report's settings but for those named.
 *
 * @param settings settings of the run by name, without a seed
 * @param replicas how many are trained together
 */
record Cell(Map<String, String> settings, int replicas) {

  Cell {
    settings = Map.copyOf(settings);
  }

  /** The configuration of a replica; each has a seed of its own. */
  RunConfig config(int replica) {
    Map<String, Object> one = new LinkedHashMap<>(settings);
    one.put(ConfigKey.SEED.key(), replica);
    return RunConfig.of(one);
  }

  RunConfig first() {
    return config(0);
  }

  List<RunConfig> configs() {
    return IntStream.range(0, replicas).mapToObj(this::config).toList();
  }

  Cell withReplicas(int other) {
    return new Cell(settings, other);
  }

  /** CPU threads asked for; 0: all. */
  int threads() {
    return first().threads();
  }

  /** Rows of a batch, as the table shows them. */
  String batch() {
    return first().value(ConfigKey.BATCH_SIZE).toString();
  }

  @Override
  public String toString() {
    RunConfig config = first();
    return String.join(
        ", ", config.model(), "p = " + config.p(), "batch " + batch(), replicas + " replicas");
  }
}

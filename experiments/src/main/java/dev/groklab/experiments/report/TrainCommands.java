package dev.groklab.experiments.report;

import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** The command that trains the runs of a curve. */
final class TrainCommands {

  private TrainCommands() {}

  static String of(CurveData curve) {
    RunConfig config = curve.config();
    Map<String, Object> defaults = RunConfig.of(Map.of()).toMap();
    StringBuilder command = new StringBuilder("./groklab train");
    config
        .toMinimalMap()
        .forEach(
            (name, value) -> {
              ConfigKey key = ConfigKey.find(name).orElseThrow();
              boolean needed = key.matters(config) && !value.equals(defaults.get(name));
              if (needed && key != ConfigKey.SEED && key != ConfigKey.BACKEND) {
                command.append(" --").append(name).append(' ').append(value);
              }
            });
    return command + seeds(curve.runs());
  }

  private static String seeds(List<RunRecord> runs) {
    long[] seeds = runs.stream().mapToLong(run -> run.config().seed()).sorted().toArray();
    long first = seeds[0];
    long last = seeds[seeds.length - 1];
    if (first == last) {
      return first == 0 ? "" : " --seed " + first;
    }
    boolean gapless = LongStream.of(seeds).distinct().count() == last - first + 1;
    return " --seeds " + first + ".." + last + (gapless ? "" : " # some of them");
  }
}

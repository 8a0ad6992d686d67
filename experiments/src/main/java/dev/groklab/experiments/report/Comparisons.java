package dev.groklab.experiments.report;

import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.results.PanelData;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Puts runs that somebody names into figures: seeds into curves, curves into panels. */
public final class Comparisons {

  /** In which runs of one curve may differ. */
  private static final Set<ConfigKey> SEEDS =
      EnumSet.of(
          ConfigKey.SEED,
          ConfigKey.SPLIT_SEED,
          ConfigKey.INIT_SEED,
          ConfigKey.BATCH_SEED,
          ConfigKey.DROPOUT_SEED,
          ConfigKey.LABEL_SEED,
          ConfigKey.THREADS,
          ConfigKey.CHECKPOINT_EVERY);

  private static final int MOST_CURVES = 8; // of a figure

  private Comparisons() {}

  /**
   * The figures for some runs.
   *
   * @param runs the runs, at least one
   * @return the figures, in the order of the runs
   */
  public static List<FigureData> figures(List<RunRecord> runs) {
    List<List<RunRecord>> groups = groups(runs);
    Set<ConfigKey> differing = differing(groups);
    List<CurveData> curves =
        groups.stream()
            .map(group -> new CurveData(label(group.getFirst().config(), differing), group))
            .toList();
    List<FigureData> figures = new ArrayList<>();
    for (int first = 0; first < curves.size(); first += MOST_CURVES) {
      List<CurveData> some = curves.subList(first, Math.min(first + MOST_CURVES, curves.size()));
      String id = "runs-" + (figures.size() + 1);
      figures.add(
          new FigureData(
              id, title(groups.getFirst(), differing), List.of(new PanelData("", some))));
    }
    return figures;
  }

  private static List<List<RunRecord>> groups(List<RunRecord> runs) {
    Map<Map<ConfigKey, Object>, List<RunRecord>> groups = new LinkedHashMap<>();
    for (RunRecord run : runs) {
      Map<ConfigKey, Object> key = new LinkedHashMap<>();
      for (ConfigKey setting : ConfigKey.values()) {
        if (!SEEDS.contains(setting) && setting.matters(run.config())) {
          key.put(setting, run.config().value(setting));
        }
      }
      groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(run);
    }
    groups
        .values()
        .forEach(group -> group.sort(Comparator.comparingLong(run -> run.config().seed())));
    return List.copyOf(groups.values());
  }

  private static Set<ConfigKey> differing(List<List<RunRecord>> groups) {
    Set<ConfigKey> differing = EnumSet.noneOf(ConfigKey.class);
    RunConfig first = groups.getFirst().getFirst().config();
    groups.forEach(group -> differing.addAll(group.getFirst().config().differences(first)));
    differing.removeAll(SEEDS);
    return differing;
  }

  private static String label(RunConfig config, Set<ConfigKey> differing) {
    return differing.stream()
        .filter(key -> key.matters(config))
        .map(key -> FigureData.name(key) + " = " + config.value(key))
        .collect(Collectors.joining(", "));
  }

  /** What all have in common. */
  private static String title(List<RunRecord> group, Set<ConfigKey> differing) {
    RunConfig config = group.getFirst().config();
    List<String> parts = new ArrayList<>();
    parts.add(
        differing.contains(ConfigKey.TASK)
                || differing.contains(ConfigKey.P)
                || differing.contains(ConfigKey.SUMMANDS)
            ? "several tasks"
            : config.newTask().formula());
    if (!differing.contains(ConfigKey.TRAIN_FRACTION)) {
      parts.add("α = " + config.value(ConfigKey.TRAIN_FRACTION));
    }
    for (ConfigKey key : List.of(ConfigKey.MODEL, ConfigKey.OPTIMIZER)) {
      if (!differing.contains(key)) {
        parts.add(config.value(key).toString());
      }
    }
    return String.join(", ", parts);
  }
}

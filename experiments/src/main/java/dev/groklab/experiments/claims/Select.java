package dev.groklab.experiments.claims;

import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Finds the curves of a figure that a statement is about, whatever grid it was made from. */
final class Select {

  /** How long and how exactly runs are watched; the trained network does not depend on it. */
  private static final Set<ConfigKey> WATCHING =
      EnumSet.of(
          ConfigKey.STEPS,
          ConfigKey.UNTIL,
          ConfigKey.EVAL_EVERY,
          ConfigKey.EVAL_ROWS,
          ConfigKey.THREADS,
          ConfigKey.CHECKPOINT_EVERY);

  private Select() {}

  /** All curves, those in several panels once. */
  static List<CurveData> curves(FigureData figure) {
    Map<Path, CurveData> curves = new LinkedHashMap<>();
    figure.curves().forEach(curve -> curves.putIfAbsent(first(curve), curve));
    return List.copyOf(curves.values());
  }

  /** The curve that the others are variations of: the one that is in the most panels. */
  static CurveData reference(FigureData figure) {
    Map<Path, Integer> counts = new LinkedHashMap<>();
    figure.curves().forEach(curve -> counts.merge(first(curve), 1, Integer::sum));
    CurveData reference = null;
    for (CurveData curve : curves(figure)) {
      if (reference == null || counts.get(first(curve)) > counts.get(first(reference))) {
        reference = curve;
      }
    }
    return reference;
  }

  /** A reference and its variations in one setting, as groups in the order of that setting. */
  static List<Group> along(
      List<CurveData> curves, CurveData reference, ConfigKey key, String name) {
    List<Group> groups = new ArrayList<>();
    for (CurveData curve : curves) {
      Set<ConfigKey> others = EnumSet.noneOf(ConfigKey.class);
      others.addAll(curve.config().differences(reference.config()));
      others.removeAll(WATCHING);
      others.remove(key);
      if (others.isEmpty()) {
        groups.add(group(curve, key, name));
      }
    }
    return Group.inOrder(groups);
  }

  /** All curves, in the order of a setting. */
  static List<Group> by(FigureData figure, ConfigKey key, String name) {
    return Group.inOrder(curves(figure).stream().map(curve -> group(curve, key, name)).toList());
  }

  private static Group group(CurveData curve, ConfigKey key, String name) {
    return new Group(
        name + " = " + curve.config().value(key), number(curve.config(), key), curve.runs());
  }

  /** The group whose place is nearest. */
  static Group nearest(List<Group> groups, double place) {
    return groups.stream()
        .min(Comparator.comparingDouble(group -> Math.abs(group.place() - place)))
        .orElseThrow();
  }

  /** A setting as a place on a scale; 'full' batches are larger than all others. */
  static double number(RunConfig config, ConfigKey key) {
    String value = config.value(key).toString();
    return value.equals("full") ? Double.MAX_VALUE : Double.parseDouble(value);
  }

  private static Path first(CurveData curve) {
    return curve.runs().getFirst().folder().path();
  }

  /** As the report writes it. */
  static String model(RunConfig config) {
    return config.model().equals("transformer")
        ? "Transformer"
        : config.model().toUpperCase(Locale.ROOT);
  }
}

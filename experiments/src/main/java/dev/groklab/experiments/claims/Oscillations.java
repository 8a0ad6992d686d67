package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.Curve;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.Summary;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Section 2.1: generalization that is lost again, late in training. */
final class Oscillations {

  /** Accuracy below which generalization counts as lost. */
  private static final double LOST = 0.9;

  private Oscillations() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "2.1",
            "severe oscillations occurred in the later stages of training",
            String.format(
                Locale.ROOT,
                "Runs of figure 1 whose validation accuracy, having reached %.0f %%, falls below"
                    + " %.0f %% at an evaluation. They go on after they have generalized.",
                100 * Summary.LEARNT,
                100 * LOST),
            List.of(1),
            runs -> runs.figure(1).map(Oscillations::falls).orElse(List.of())),
        new Statement(
            "2.1",
            "this did not affect the occurrence of the Grokking phenomenon",
            "Runs of figure 1 that generalize.",
            List.of(1),
            runs -> runs.figure(1).map(Oscillations::generalizing).orElse(List.of())));
  }

  private static List<Group> groups(FigureData figure) {
    return Select.curves(figure).stream()
        .map(curve -> Group.of("p = " + curve.config().p(), curve))
        .toList();
  }

  private static List<Part> falls(FigureData figure) {
    return Parts.share(
        ClaimRule.above("more than a third of the runs lose what they had learnt", 1.0 / 3),
        "that fall back",
        groups(figure),
        Oscillations::fallsBack);
  }

  private static boolean fallsBack(RunRecord run) {
    return validation(run)
        .map(curve -> !curve.collapses(Summary.LEARNT, LOST).isEmpty())
        .orElse(false);
  }

  private static List<Part> generalizing(FigureData figure) {
    return Parts.share(
        ClaimRule.above("more than a third of the runs generalize", 1.0 / 3),
        "that generalize",
        groups(figure),
        run -> Times.generalization(run).event());
  }

  /** Validation accuracy by step, empty if there is none. */
  static Optional<Curve> validation(RunRecord run) {
    List<MetricsRow> rows =
        run.metrics().stream().filter(row -> Double.isFinite(row.validationAccuracy())).toList();
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Curve(
                rows.stream().mapToLong(MetricsRow::step).toArray(),
                rows.stream().mapToDouble(MetricsRow::validationAccuracy).toArray()));
  }
}

package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Section 4.2: dropout, in figure 6. */
final class Dropout {

  private static final int FIGURE = 6;

  private Dropout() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "4.2",
            "The larger the dropout, the earlier the model generalizes",
            "Steps to generalization along the dropout, for each model.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Dropout::earlier).orElse(List.of())));
  }

  private static List<Part> earlier(FigureData figure) {
    Map<String, List<CurveData>> models = new LinkedHashMap<>();
    for (CurveData curve : Select.curves(figure)) {
      models.computeIfAbsent(Select.model(curve.config()), _ -> new ArrayList<>()).add(curve);
    }
    List<Part> parts = new ArrayList<>();
    models.forEach(
        (model, curves) ->
            parts.addAll(
                Parts.trend(
                    ClaimRule.below(model + ": the larger the dropout, the sooner (ρ < 0)", 0),
                    "dropout",
                    Select.along(curves, curves.getFirst(), ConfigKey.DROPOUT, "dropout"))));
    return parts;
  }
}

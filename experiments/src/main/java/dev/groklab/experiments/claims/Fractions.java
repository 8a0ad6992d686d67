package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Section 2.2: the share of the table that trains, and the size of the table. */
final class Fractions {

  private static final List<Integer> FIGURES = List.of(2, 3, 4);

  private Fractions() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "2.2",
            "the smaller the data fraction α, the later the Grokking phenomenon occurs",
            "Steps to generalization along α: figure 2, and figures 3 and 4 for the other models.",
            FIGURES,
            Fractions::later),
        new Statement(
            "2.2",
            "it may even fail to generalize",
            "Runs of figures 2 to 4 with the smallest α that do not generalize in their steps. One"
                + " such run is enough; that there is none can never be shown.",
            FIGURES,
            Fractions::never),
        new Statement(
            "2.2",
            "Reducing p, which is equivalent to reducing the training set size, makes the Grokking"
                + " phenomenon more pronounced",
            "Steps from fitting to generalizing: figure 1 (the larger p) and the curve of figure 2"
                + " with the nearest α.",
            List.of(1, 2),
            Fractions::smallerModulus));
  }

  static List<Group> groups(FigureData figure) {
    return Select.by(figure, ConfigKey.TRAIN_FRACTION, "α");
  }

  static String model(FigureData figure) {
    return Select.model(figure.curves().findFirst().orElseThrow().config());
  }

  private static List<Part> later(PaperRuns runs) {
    List<Part> parts = new ArrayList<>();
    for (int number : FIGURES) {
      runs.figure(number)
          .ifPresent(
              figure ->
                  parts.addAll(
                      Parts.trend(
                          ClaimRule.below(model(figure) + ": the larger α, the sooner (ρ < 0)", 0),
                          "share α",
                          groups(figure))));
    }
    return parts;
  }

  private static List<Part> never(PaperRuns runs) {
    List<Group> smallest = new ArrayList<>();
    for (int number : FIGURES) {
      Optional<FigureData> figure = runs.figure(number);
      if (figure.isPresent() && !groups(figure.get()).isEmpty()) {
        Group group = groups(figure.get()).getFirst();
        smallest.add(new Group(model(figure.get()) + ", " + group.label(), 0, group.runs()));
      }
    }
    return Parts.share(
        ClaimRule.above("some runs do not generalize in their steps", 0),
        "that do not generalize",
        smallest,
        run -> !Times.generalization(run).event());
  }

  private static List<Part> smallerModulus(PaperRuns runs) {
    Optional<FigureData> large = runs.figure(1);
    Optional<FigureData> small = runs.figure(2);
    if (large.isEmpty() || small.isEmpty() || groups(small.get()).isEmpty()) {
      return List.of();
    }
    List<Group> reference = Select.by(large.get(), ConfigKey.TRAIN_FRACTION, "α");
    if (reference.isEmpty()) {
      return List.of();
    }
    Group group = Select.nearest(groups(small.get()), reference.getFirst().place());
    return Parts.ratio(
        ClaimRule.above("the delay is longer with the smaller p", 1),
        "steps from fitting to generalizing",
        Times::delay,
        withModulus(reference.getFirst()),
        withModulus(group));
  }

  private static Group withModulus(Group group) {
    int p = group.runs().getFirst().config().p();
    return new Group("p = " + p + ", " + group.label(), p, group.runs());
  }
}

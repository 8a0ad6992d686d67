package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.RatioOfTimes;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.List;

/** Section 5: sums of more numbers, in figure 7. */
final class Summands {

  private static final int FIGURE = 7;
  private static final double TOGETHER = 1.5;
  private static final int PAIRS = 2; // K of the other tasks

  private Summands() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "5",
            "as K increases, Grokking becomes more difficult to achieve",
            "Steps to generalization along K.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Summands::later).orElse(List.of())),
        new Statement(
            "5",
            "increasing K corresponds to more training data, which means that generalization and"
                + " fitting occur simultaneously",
            "Steps to generalization against steps to fitting of the same runs, for each K above 2."
                + " Simultaneously: by less than a factor of 1.5.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Summands::together).orElse(List.of())));
  }

  private static List<Part> later(FigureData figure) {
    return Parts.trend(
        ClaimRule.above("the larger K, the later (ρ > 0)", 0),
        "number K of summands",
        Select.by(figure, ConfigKey.SUMMANDS, "K"));
  }

  private static List<Part> together(FigureData figure) {
    List<Part> parts = new ArrayList<>();
    for (Group group : Select.by(figure, ConfigKey.SUMMANDS, "K")) {
      if (group.place() > PAIRS) {
        parts.add(
            new Part(
                ClaimRule.littleMatter(
                    group.label() + ": fitting and generalizing within a factor of 1.5", TOGETHER),
                "steps",
                List.of(
                    new Sample(
                        group.label() + ", fitting", group.seeds(), group.observe(Times::fit)),
                    new Sample(
                        group.label() + ", generalizing", group.seeds(), group.generalization())),
                "ratio of the steps to generalization to those to fitting",
                new OfSeeds(
                    RatioOfTimes.of(group.observe(Times::fit), group.generalization()),
                    group.seeds()),
                List.of()));
      }
    }
    return parts;
  }
}

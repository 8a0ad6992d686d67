package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.List;

/** Section 4.1: optimizers, batch sizes, rates and weight decays, all in figure 5. */
final class Optimizers {

  private static final int FIGURE = 5;
  private static final double LITTLE = 1.5;

  private Optimizers() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "4.1",
            "RMSprop and SGD optimizers are not as effective as AdamW in this experiment",
            "Steps to generalization of the report's AdamW and of the best curve of each other"
                + " optimizer, which is the choice most favourable to it.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Optimizers::others).orElse(List.of())),
        new Statement(
            "4.1",
            "The batch size has little impact on the results",
            "Steps to generalization with each batch size, against the report's. Little: by less"
                + " than a factor of 1.5 either way.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Optimizers::batchSizes).orElse(List.of())),
        new Statement(
            "4.1",
            "A smaller learning rate leads to slower convergence",
            "Steps to generalization along AdamW's learning rates.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Optimizers::rates).orElse(List.of())),
        new Statement(
            "4.1",
            "but it does not have a decisive effect on Grokking",
            "Runs with learning rates below the report's that generalize nevertheless, if most runs"
                + " with the report's do.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Optimizers::smallRates).orElse(List.of())),
        new Statement(
            "4.1",
            "A larger weight decay is more conducive to the occurrence of Grokking",
            "Steps to generalization along AdamW's weight decays, zero among them.",
            List.of(FIGURE),
            runs -> runs.figure(FIGURE).map(Optimizers::weightDecays).orElse(List.of())));
  }

  private static List<Group> along(FigureData figure, ConfigKey key, String name) {
    return Select.along(Select.curves(figure), Select.reference(figure), key, name);
  }

  static List<Group> weightDecayGroups(FigureData figure) {
    return along(figure, ConfigKey.WEIGHT_DECAY, "weight decay");
  }

  private static List<Part> others(FigureData figure) {
    CurveData reference = Select.reference(figure);
    List<Part> parts = new ArrayList<>();
    for (String optimizer : List.of("rmsprop", "sgd")) {
      String name = optimizer.equals("sgd") ? "SGD" : "RMSprop";
      List<Group> groups =
          Select.curves(figure).stream()
              .filter(curve -> curve.config().optimizer().equals(optimizer))
              .map(curve -> Group.of(name + " (" + curve.label() + ")", curve))
              .toList();
      Group best = Parts.soonest(groups);
      if (best != null) {
        Group adam = Group.of(reference.config().optimizer().replace("adamw", "AdamW"), reference);
        parts.addAll(
            Parts.superiority(
                ClaimRule.above(name + ", at its best, is later than AdamW", 0.5), adam, best));
      }
    }
    return parts;
  }

  private static List<Part> batchSizes(FigureData figure) {
    CurveData reference = Select.reference(figure);
    List<Group> groups = along(figure, ConfigKey.BATCH_SIZE, "batch");
    List<Part> parts = new ArrayList<>();
    for (Group group : groups) {
      if (group.place() != Select.number(reference.config(), ConfigKey.BATCH_SIZE)) {
        parts.addAll(
            Parts.ratio(
                ClaimRule.littleMatter(
                    group.label() + ": as with the report's, within a factor of 1.5", LITTLE),
                Parts.STEPS,
                Times::generalization,
                Group.of("batch = " + reference.config().value(ConfigKey.BATCH_SIZE), reference),
                group));
      }
    }
    return parts;
  }

  private static List<Part> rates(FigureData figure) {
    return Parts.trend(
        ClaimRule.below("the larger the rate, the sooner (ρ < 0)", 0),
        "learning rate",
        along(figure, ConfigKey.LR, "rate"));
  }

  /** Where the report's own rate does not lead there either, smaller ones decide nothing. */
  private static List<Part> smallRates(FigureData figure) {
    CurveData reference = Select.reference(figure);
    double report = reference.config().lr();
    if (!Parts.mostlyGeneralizes(Group.of("", reference))) {
      return List.of();
    }
    return Parts.share(
        ClaimRule.above("most runs with smaller rates generalize", 0.5),
        "that generalize",
        along(figure, ConfigKey.LR, "rate").stream()
            .filter(group -> group.place() < report)
            .toList(),
        run -> Times.generalization(run).event());
  }

  private static List<Part> weightDecays(FigureData figure) {
    return Parts.trend(
        ClaimRule.below("the larger the weight decay, the sooner (ρ < 0)", 0),
        "weight decay",
        weightDecayGroups(figure));
  }
}

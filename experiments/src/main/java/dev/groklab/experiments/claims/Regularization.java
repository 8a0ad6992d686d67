package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.Observation;
import dev.groklab.analysis.Share;
import dev.groklab.analysis.ShareDifference;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Section 6: the stages of learning, and what regularization has to do with them. */
final class Regularization {

  private Regularization() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "6",
            "In this initial stage, the model gradually memorizes the training data … At this"
                + " point, the model has not yet learned how to generalize to unseen data",
            "Runs of figures 2 to 4 that generalize, with any α: those of them that fit at an"
                + " earlier evaluation than they generalize.",
            List.of(2, 3, 4),
            Regularization::memoryFirst),
        new Statement(
            "6",
            "Without regularization methods (such as weight decay or dropout), the model may fall"
                + " into overfitting and fail to transition from memorization to true"
                + " understanding",
            "Runs of figure 5 that generalize: those with weight decay 0 (and no dropout) against"
                + " the report's.",
            List.of(5),
            runs -> runs.figure(5).map(Regularization::without).orElse(List.of())));
  }

  private static List<Part> memoryFirst(PaperRuns runs) {
    List<Group> groups = new ArrayList<>();
    for (int number : List.of(2, 3, 4)) {
      runs.figure(number)
          .ifPresent(
              figure -> {
                Group all = Group.pooled(Fractions.model(figure), Fractions.groups(figure));
                groups.add(
                    new Group(
                        all.label(),
                        0,
                        all.runs().stream()
                            .filter(run -> Times.generalization(run).event())
                            .toList()));
              });
    }
    return Parts.share(
        ClaimRule.above("most runs fit before they generalize", 0.5),
        "that fit first",
        groups,
        run -> Times.fit(run).event() && Times.fit(run).time() < Times.generalization(run).time());
  }

  private static List<Part> without(FigureData figure) {
    CurveData reference = Select.reference(figure);
    Optional<Group> none =
        Optimizers.weightDecayGroups(figure).stream()
            .filter(group -> group.place() == 0)
            .findFirst();
    Group with =
        Group.of("weight decay = " + reference.config().value(ConfigKey.WEIGHT_DECAY), reference);
    if (none.isEmpty() || with.runs().isEmpty() || reference.config().dropout() > 0) {
      return List.of();
    }
    List<Group> groups = List.of(none.get(), with);
    return List.of(
        new Part(
            ClaimRule.below("fewer runs generalize without weight decay than with it", 0),
            Parts.STEPS,
            Sample.of(groups, Times::generalization),
            "share of runs that generalize, without weight decay minus with it",
            new OfSeeds(
                new ShareDifference(share(with), share(none.get())), Parts.leastSeeds(groups)),
            List.of(
                new Part.Fact("generalize without", share(none.get()).toString()),
                new Part.Fact("generalize with", share(with).toString()))));
  }

  private static Share share(Group group) {
    List<Observation> times = group.generalization();
    return new Share((int) times.stream().filter(Observation::event).count(), times.size());
  }
}

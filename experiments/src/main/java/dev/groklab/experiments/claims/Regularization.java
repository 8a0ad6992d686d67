package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.Observation;
import dev.groklab.analysis.Share;
import dev.groklab.analysis.ShareDifference;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.ConfigKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Section 6: the stages of learning, and what regularization has to do with them. */
final class Regularization {

  private Regularization() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "6",
            "This process can be divided into three stages: memory, algorithm formation, and"
                + " optimization",
            "Runs of figures 2 and 5 that generalize, by what is measured inside (a circuit on"
                + " Fourier frequencies, after Nanda et al. 2023): those of them whose circuit"
                + " alone answers the whole table at an earlier evaluation than the network does,"
                + " and after the training loss has come to rest on it.",
            List.of(2, 5),
            Regularization::threeStages),
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
            "regularization techniques such as weight decay begin to take effect, forcing the model"
                + " to search for broader rules rather than relying solely on the memorization of"
                + " specific training samples",
            "Runs of figure 5, by what is measured inside: those whose circuit comes to answer the"
                + " whole table, with weight decay 0 (and no dropout) against the report's. How"
                + " many leave each stage behind is told beside it.",
            List.of(5),
            runs -> runs.figure(5).map(Regularization::circuitsWithout).orElse(List.of())),
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

  private static List<Part> threeStages(PaperRuns runs) {
    List<Group> groups = new ArrayList<>();
    for (int number : List.of(2, 5)) {
      runs.figure(number)
          .ifPresent(
              figure ->
                  groups.add(
                      Group.pooled(figure.title(), groups(figure))
                          .where(Stage::areByCircuit)
                          .where(run -> Times.generalization(run).event())));
    }
    return Parts.share(
        ClaimRule.above("in most runs that generalize, one stage follows the other", 0.5),
        "with three stages",
        groups,
        run -> Arrays.stream(Stage.values()).allMatch(stage -> stage.length(run).time() > 0));
  }

  private static List<Group> groups(FigureData figure) {
    return Select.curves(figure).stream().map(curve -> Group.of(curve.label(), curve)).toList();
  }

  /** Runs of the curve without weight decay, and of the report's; empty if either has none. */
  private static Optional<Pair> pair(FigureData figure) {
    CurveData reference = Select.reference(figure);
    Group with =
        Group.of("weight decay = " + reference.config().value(ConfigKey.WEIGHT_DECAY), reference);
    return reference.config().dropout() > 0
        ? Optional.empty()
        : Optimizers.weightDecayGroups(figure).stream()
            .filter(group -> group.place() == 0)
            .findFirst()
            .map(without -> new Pair(without, with))
            .filter(Pair::isComplete);
  }

  private record Pair(Group without, Group with) {

    boolean isComplete() {
      return !without.runs().isEmpty() && !with.runs().isEmpty();
    }

    Pair where(Predicate<RunRecord> condition) {
      return new Pair(without.where(condition), with.where(condition));
    }

    List<Group> groups() {
      return List.of(without, with);
    }

    /** Whether fewer runs have something without weight decay than with it. */
    Part fewer(
        String claim,
        String time,
        Function<RunRecord, Observation> measure,
        String what,
        List<Part.Fact> facts) {
      return new Part(
          ClaimRule.below(claim, 0),
          time,
          Sample.of(groups(), measure),
          "share of runs " + what + ", without weight decay minus with it",
          new OfSeeds(
              new ShareDifference(share(with, measure), share(without, measure)),
              Parts.leastSeeds(groups())),
          facts);
    }
  }

  private static Share share(Group group, Function<RunRecord, Observation> measure) {
    List<Observation> times = group.observe(measure);
    return new Share((int) times.stream().filter(Observation::event).count(), times.size());
  }

  private static List<Part> circuitsWithout(FigureData figure) {
    return pair(figure)
        .map(pair -> pair.where(Stage::areByCircuit))
        .filter(Pair::isComplete)
        .map(
            pair ->
                List.of(
                    pair.fewer(
                        "fewer circuits are completed without weight decay than with it",
                        "steps until the circuit answers the whole table",
                        Stage.CIRCUIT_FORMATION::end,
                        "with a whole circuit",
                        stagesLeftBehind(pair))))
        .orElse(List.of());
  }

  private static List<Part.Fact> stagesLeftBehind(Pair pair) {
    List<Part.Fact> facts = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      facts.add(
          new Part.Fact(
              stage.word() + " ends",
              share(pair.without(), stage::end)
                  + " without, "
                  + share(pair.with(), stage::end)
                  + " with"));
    }
    return facts;
  }

  private static List<Part> without(FigureData figure) {
    return pair(figure)
        .map(
            pair ->
                List.of(
                    pair.fewer(
                        "fewer runs generalize without weight decay than with it",
                        Parts.STEPS,
                        Times::generalization,
                        "that generalize",
                        List.of(
                            new Part.Fact(
                                "generalize without",
                                share(pair.without(), Times::generalization).toString()),
                            new Part.Fact(
                                "generalize with",
                                share(pair.with(), Times::generalization).toString())))))
        .orElse(List.of());
  }
}

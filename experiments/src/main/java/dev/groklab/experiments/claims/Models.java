package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.Curve;
import dev.groklab.analysis.Shift;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.table.RunRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Section 3: Transformer, MLP and LSTM side by side. */
final class Models {

  /** Where the models are compared: the middle of what the report shows. */
  private static final double ALPHA = 0.5;

  private static final double SIMILAR = 2;
  private static final int TRANSFORMER = 2; // figures
  private static final int MLP = 3;
  private static final int LSTM = 4;

  private Models() {}

  static List<Statement> statements() {
    return List.of(
        new Statement(
            "3",
            "at α = 0.3, the performance of MLP and LSTM is similar to that of Transformer",
            "Steps to generalization with the smallest α of figures 2 to 4. Similar: by less than a"
                + " factor of 2 either way.",
            List.of(TRANSFORMER, MLP, LSTM),
            Models::similar),
        new Statement(
            "3",
            "The occurrence of the Grokking phenomenon happens in the following order, from"
                + " earliest to latest: Transformer < MLP < LSTM",
            "Steps to generalization with α = 0.5 of figures 2 to 4 (or what is nearest).",
            List.of(TRANSFORMER, MLP, LSTM),
            Models::order),
        new Statement(
            "3",
            "LSTM shows smoother training progress",
            "Rises and falls of the validation accuracy beyond what its way from the first to the"
                + " last value needs, up to generalization: zero if it only rises. α = 0.5 of"
                + " figures 2 to 4.",
            List.of(TRANSFORMER, MLP, LSTM),
            Models::smoother));
  }

  private static Optional<Group> smallest(PaperRuns runs, int number) {
    return groups(runs, number).stream().findFirst();
  }

  private static Optional<Group> middle(PaperRuns runs, int number) {
    List<Group> groups = groups(runs, number);
    return groups.isEmpty() ? Optional.empty() : Optional.of(Select.nearest(groups, ALPHA));
  }

  /** A model's groups by α, with its name. */
  private static List<Group> groups(PaperRuns runs, int number) {
    Optional<FigureData> figure = runs.figure(number);
    if (figure.isEmpty()) {
      return List.of();
    }
    return Fractions.groups(figure.get()).stream()
        .map(
            group ->
                new Group(
                    Fractions.model(figure.get()) + ", " + group.label(),
                    group.place(),
                    group.runs()))
        .toList();
  }

  private static List<Part> similar(PaperRuns runs) {
    List<Part> parts = new ArrayList<>();
    for (int number : List.of(MLP, LSTM)) {
      Optional<Group> reference = smallest(runs, TRANSFORMER);
      Optional<Group> group = smallest(runs, number);
      if (reference.isPresent() && group.isPresent()) {
        parts.addAll(
            Parts.ratio(
                ClaimRule.littleMatter(
                    group.get().label() + ": like the Transformer, within a factor of 2", SIMILAR),
                Parts.STEPS,
                Times::generalization,
                reference.get(),
                group.get()));
      }
    }
    return parts;
  }

  private static List<Part> order(PaperRuns runs) {
    List<Part> parts = new ArrayList<>();
    parts.addAll(later(runs, TRANSFORMER, MLP));
    parts.addAll(later(runs, MLP, LSTM));
    return parts;
  }

  private static List<Part> later(PaperRuns runs, int first, int second) {
    Optional<Group> reference = middle(runs, first);
    Optional<Group> group = middle(runs, second);
    if (reference.isEmpty() || group.isEmpty()) {
      return List.of();
    }
    return Parts.ratio(
        ClaimRule.above(group.get().label() + " is later than " + reference.get().label(), 1),
        Parts.STEPS,
        Times::generalization,
        reference.get(),
        group.get());
  }

  private static List<Part> smoother(PaperRuns runs) {
    List<Part> parts = new ArrayList<>();
    for (int number : List.of(TRANSFORMER, MLP)) {
      Optional<Group> reference = middle(runs, number);
      Optional<Group> group = middle(runs, LSTM);
      if (reference.isPresent() && group.isPresent()) {
        parts.addAll(smoother(reference.get(), group.get()));
      }
    }
    return parts;
  }

  private static List<Part> smoother(Group reference, Group group) {
    double[] before = oscillations(reference);
    double[] after = oscillations(group);
    if (before.length == 0 || after.length == 0) {
      return List.of();
    }
    List<Group> groups = List.of(reference, group);
    return List.of(
        new Part(
            ClaimRule.below(group.label() + " goes less to and fro than " + reference.label(), 0),
            Parts.STEPS,
            Sample.of(groups, Times::generalization),
            "how much more the accuracy of "
                + group.label()
                + " goes to and fro than that of "
                + reference.label()
                + " (1: all of 100 %, once)",
            new OfSeeds(Shift.of(before, after), Parts.leastSeeds(groups)),
            List.of(
                new Part.Fact("to and fro, " + reference.label(), list(before)),
                new Part.Fact("to and fro, " + group.label(), list(after)))));
  }

  private static double[] oscillations(Group group) {
    return group.runs().stream()
        .map(Models::untilGeneralization)
        .flatMap(Optional::stream)
        .mapToDouble(Curve::oscillation)
        .toArray();
  }

  /** A run that goes on must not count what comes later. */
  private static Optional<Curve> untilGeneralization(RunRecord run) {
    Optional<Curve> whole = Oscillations.validation(run);
    OptionalLong end = Times.step(run);
    if (whole.isEmpty() || end.isEmpty()) {
      return whole;
    }
    long[] steps = whole.get().steps();
    int count = (int) Arrays.stream(steps).filter(step -> step <= end.getAsLong()).count();
    return Optional.of(
        new Curve(Arrays.copyOf(steps, count), Arrays.copyOf(whole.get().values(), count)));
  }

  private static String list(double[] values) {
    return String.join(
        ", ",
        Arrays.stream(values)
            .mapToObj(value -> String.format(Locale.ROOT, "%.2f", value))
            .toList());
  }
}

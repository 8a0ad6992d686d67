package dev.groklab.experiments.explain;

import dev.groklab.experiments.plot.Style;
import dev.groklab.progress.Stages;
import java.util.OptionalLong;

/** Stages in words. */
final class Words {

  private Words() {}

  static String of(Stages stages) {
    StringBuilder words = new StringBuilder();
    words.append(
        end(
            stages.memorizationEnd(),
            "Memorization: until step %s the training rows are learnt by heart. ",
            "The run has not left memorization. "));
    if (stages.memorizationEnd().isPresent()) {
      words.append(
          end(
              stages.circuitFormationEnd(),
              "Circuit formation: by step %s the algorithm is there and could answer alone. ",
              "The circuit has not formed fully. "));
    }
    if (stages.circuitFormationEnd().isPresent()) {
      words.append(
          end(
              stages.cleanupEnd(),
              "Cleanup: by step %s what was learnt by heart no longer hides it, and validation"
                  + " accuracy reaches 99 %%. ",
              "What was learnt by heart has not been cleaned up. "));
    }
    words.append(
        stages.rule() == Stages.Rule.CIRCUIT
            ? "(By restricted and excluded loss; the rule is in docs/why-it-groks.md.)"
            : "(By accuracies alone, for the run has no progress measures.)");
    return words.toString();
  }

  private static String end(OptionalLong step, String ended, String not) {
    return step.isPresent() ? String.format(ended, Style.number((double) step.getAsLong())) : not;
  }
}

package dev.groklab.experiments.claims;

import dev.groklab.analysis.Observation;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.progress.Stages;
import java.util.OptionalLong;

/**
 * A stage of learning, as {@link Stages} has it, with the steps that a run spends in it. A stage
 * that has not ended when the run does is censored there.
 */
enum Stage {
  /** Until the training rows are known by heart. */
  MEMORIZATION("memorization"),
  /** Until the circuit answers the whole table. */
  CIRCUIT_FORMATION("circuit formation"),
  /** Until the network does. */
  CLEANUP("cleanup");

  private final String word;

  Stage(String word) {
    this.word = word;
  }

  /** Its name in texts. */
  String word() {
    return word;
  }

  /** Whether a run's stages are known by its circuit, not only by its accuracies. */
  static boolean areByCircuit(RunRecord run) {
    return run.summary().stages().filter(s -> s.rule() == Stages.Rule.CIRCUIT).isPresent();
  }

  /** Whether a run got so far. */
  boolean begins(RunRecord run) {
    return start(run).isPresent();
  }

  /** The steps at which a run leaves it behind. */
  Observation end(RunRecord run) {
    return observation(run, 0, stepAfter(run));
  }

  /** The steps that a run, in which it begins, spends in it. */
  Observation length(RunRecord run) {
    return observation(run, start(run).orElseThrow(), stepAfter(run));
  }

  private static Observation observation(RunRecord run, long start, OptionalLong end) {
    return end.isPresent()
        ? Observation.reached((double) (end.getAsLong() - start))
        : Observation.censored((double) Math.max(0, Times.made(run) - start));
  }

  private OptionalLong start(RunRecord run) {
    return switch (this) {
      case MEMORIZATION -> OptionalLong.of(0);
      case CIRCUIT_FORMATION -> MEMORIZATION.stepAfter(run);
      case CLEANUP -> CIRCUIT_FORMATION.stepAfter(run);
    };
  }

  private OptionalLong stepAfter(RunRecord run) {
    return run.summary()
        .stages()
        .map(
            stages ->
                switch (this) {
                  case MEMORIZATION -> stages.memorizationEnd();
                  case CIRCUIT_FORMATION -> stages.circuitFormationEnd();
                  case CLEANUP -> stages.cleanupEnd();
                })
        .orElse(OptionalLong.empty());
  }
}

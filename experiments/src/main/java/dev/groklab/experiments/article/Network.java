package dev.groklab.experiments.article;

import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.Trainer;
import dev.groklab.run.EpochRun;

/**
 * One of the networks of an experiment, trained together as replicas of one trainer.
 *
 * @param name what it is called beside the others, such as {@code seed 3} or {@code AdamW}
 * @param title what its picture says it is
 * @param run its data, rate, settings and folder
 * @param options its optimizer and dropout
 * @param start gives it its initial weights
 */
record Network(String name, String title, EpochRun run, ReplicaOptions options, Start start) {

  /** Initial weights of a replica. */
  @FunctionalInterface
  interface Start {

    /** Writes them. */
    void write(Trainer trainer, int replica);
  }
}

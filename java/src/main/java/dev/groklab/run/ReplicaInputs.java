package dev.groklab.run;

import dev.groklab.data.LabelNoise;
import dev.groklab.data.Split;
import dev.groklab.data.Task;
import java.util.Optional;

/**
 * What a run's data is made of, in rows of the task's own table.
 *
 * @param replay inputs recorded elsewhere, if there are any
 * @param split which rows train and which validate
 * @param noise the training rows whose labels are random
 */
record ReplicaInputs(Optional<Replay> replay, Split split, LabelNoise noise) {

  /**
   * Reads what is recorded, and draws the rest.
   *
   * @throws ConfigException if the recorded inputs do not fit the task
   */
  static ReplicaInputs of(RunConfig config, Task task) {
    int rows = task.rows();
    Optional<Replay> replay = config.replay().map(folder -> Replay.read(folder, rows));
    Split split =
        replay
            .flatMap(Replay::split)
            .orElseGet(() -> Split.random(rows, config.trainFraction(), config.splitSeed()));
    LabelNoise noise =
        config.labelNoise() == 0
            ? new LabelNoise(new int[0], new int[0])
            : LabelNoise.random(
                split.train(), config.labelNoise(), task.classes(), config.labelSeed());
    return new ReplicaInputs(replay, split, noise);
  }
}

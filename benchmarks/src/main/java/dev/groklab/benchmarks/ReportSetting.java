package dev.groklab.benchmarks;

import dev.groklab.data.ModularAddition;
import dev.groklab.data.Task;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.AdamW;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Precision;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.engine.Transformer;
import java.util.Collections;

/** The replication report's setting: addition modulo 97 and its Transformer, in float32. */
final class ReportSetting {
  static final int LAYERS = 2;
  static final int WIDTH = 128;
  static final int HEADS = 4;
  static final int HIDDEN = 4 * WIDTH;
  static final int BATCH_SIZE = 256;
  static final double LEARNING_RATE = 5e-4;
  static final double TRAIN_FRACTION = 0.5;

  private static final Task TASK = new ModularAddition(97, 2);

  private ReportSetting() {}

  static TokenTable table() {
    return TASK.table();
  }

  static TrainerOptions trainer(int replicas) {
    TokenTable table = table();
    Transformer model =
        new Transformer(table.vocabulary(), TASK.positions(), LAYERS, WIDTH, HEADS, HIDDEN);
    ReplicaOptions replica = new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 1), 0, 0);
    return new TrainerOptions(
        model, Precision.FP32, BatchLayout.AUTO, Collections.nCopies(replicas, replica));
  }
}

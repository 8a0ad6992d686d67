package dev.groklab.benchmarks;

import dev.groklab.data.ModularAddition;
import dev.groklab.data.Split;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.AdamW;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Lstm;
import dev.groklab.engine.Mlp;
import dev.groklab.engine.Model;
import dev.groklab.engine.Precision;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.engine.Transformer;
import java.util.Collections;

/** The replication report's models in its setting, and one that has next to nothing to compute. */
public enum ReportModel {
  /** Two blocks of width 128, four heads; addition modulo 97 in batches of 256. */
  TRANSFORMER(97, 256),
  /** Two blocks of width 4·128; the same. */
  MLP(97, 256),
  /** Two layers of width 512; the same. */
  LSTM(97, 256),
  /** An MLP whose steps take microseconds: addition modulo 5 in batches of 8. */
  TINY(5, 8);

  static final double LEARNING_RATE = 5e-4;
  static final int HEADS = 4;

  private static final double TRAIN_FRACTION = 0.5;
  private static final int LAYERS = 2;
  private static final int WIDTH = 128;
  private static final int HIDDEN = 512;

  private final int p;
  private final int batchSize;

  ReportModel(int p, int batchSize) {
    this.p = p;
    this.batchSize = batchSize;
  }

  private ModularAddition task() {
    return new ModularAddition(p, 2);
  }

  int batchSize() {
    return batchSize;
  }

  TokenTable table() {
    return task().table();
  }

  int positions() {
    return task().positions();
  }

  int[] train(int seed) {
    return Split.random(task().rows(), TRAIN_FRACTION, seed).train();
  }

  TrainerOptions trainer(int replicas) {
    ReplicaOptions replica = new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 1), 0, 0);
    return new TrainerOptions(
        model(), Precision.FP32, BatchLayout.AUTO, Collections.nCopies(replicas, replica));
  }

  private Model model() {
    int vocabulary = table().vocabulary();
    return switch (this) {
      case TRANSFORMER -> new Transformer(vocabulary, positions(), LAYERS, WIDTH, HEADS, HIDDEN);
      case MLP -> new Mlp(vocabulary, positions(), LAYERS, WIDTH, HIDDEN);
      case LSTM -> new Lstm(vocabulary, positions(), LAYERS, WIDTH, HIDDEN);
      case TINY -> new Mlp(vocabulary, positions(), 1, 4, 4);
    };
  }

  /**
   * Nodes of a batch's prefix tree by depth, at most: {@code x}, then {@code +}, then {@code y},
   * then {@code =}. A batch that lacks a number has a few less.
   */
  static int[] nodes() {
    return new int[] {97, 97, 256, 256};
  }
}

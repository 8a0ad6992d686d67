package dev.groklab.peers.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.tracker.Tracker;

/**
 * Training steps by DJL's own trainer, loss and AdamW, in the report's setting.
 *
 * <p>DJL's AdamW is PyTorch's but for the place of ε: it divides by {@code √v + ε} before the bias
 * correction, PyTorch by {@code √(v/(1 − β₂ᵗ)) + ε} after it. With ε = 1e-8 no loss shows that.
 */
final class Steps implements AutoCloseable {

  private final Sizes sizes;
  private final int[][] batches;
  private final Model model;
  private final Trainer trainer;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();
  private int next;

  Steps(String name, Sizes sizes, Inputs inputs) {
    this.sizes = sizes;
    this.batches = inputs.batches();
    ReportModel block = ReportModel.named(name, sizes);
    block.beginAt(inputs);
    model = Model.newInstance(name, "PyTorch");
    model.setBlock(block);
    AdamW optimizer =
        AdamW.builder()
            .optLearningRateTracker(Tracker.fixed(5e-4f))
            .optBeta1(0.9f)
            .optBeta2(0.98f)
            .optEpsilon(1e-8f)
            .optWeightDecays(1)
            .build();
    trainer = model.newTrainer(new DefaultTrainingConfig(loss).optOptimizer(optimizer));
    trainer.initialize(new Shape(batches[0].length, Sizes.LENGTH));
  }

  /** Trains on the next batch; after the last comes the first again. */
  void step() {
    train(false);
  }

  /** The same, and the batch's loss before the update. */
  double loss() {
    return train(true);
  }

  private double train(boolean wanted) {
    int[] rows = batches[next];
    next = (next + 1) % batches.length;
    try (NDManager manager = trainer.getManager().newSubManager()) {
      NDArray tokens = manager.create(tokens(rows), new Shape(rows.length, Sizes.LENGTH));
      NDArray targets = manager.create(targets(rows));
      NDArray value;
      try (GradientCollector collector = trainer.newGradientCollector()) {
        value = loss.evaluate(new NDList(targets), trainer.forward(new NDList(tokens)));
        collector.backward(value);
      }
      trainer.step();
      return wanted ? value.getFloat() : Double.NaN;
    }
  }

  /** Row x·p + y reads {@code x + y =}. */
  private int[] tokens(int[] rows) {
    int[] tokens = new int[rows.length * Sizes.LENGTH];
    for (int i = 0; i < rows.length; i++) {
      tokens[i * Sizes.LENGTH] = rows[i] / sizes.p();
      tokens[i * Sizes.LENGTH + 1] = sizes.p();
      tokens[i * Sizes.LENGTH + 2] = rows[i] % sizes.p();
      tokens[i * Sizes.LENGTH + 3] = sizes.p() + 1;
    }
    return tokens;
  }

  private long[] targets(int[] rows) {
    long[] targets = new long[rows.length];
    for (int i = 0; i < rows.length; i++) {
      int sum = rows[i] / sizes.p() + rows[i] % sizes.p();
      targets[i] = sum % sizes.p();
    }
    return targets;
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}

package dev.groklab.benchmarks;

import dev.groklab.data.BatchOrder;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.Trainer;
import java.util.Arrays;

/** A trainer with all that it needs, and a chunk of batches, others for each replica. */
final class Training implements AutoCloseable {
  private final Engine engine;
  private final Dataset dataset;
  private final Trainer trainer;
  private final Chunk chunk;
  private final int replicas;
  private final int steps;
  private final int[][][] rows; // by replica and step

  Training(String threads, ReportModel model, int replicas, int steps) {
    this.replicas = replicas;
    this.steps = steps;
    engine = Threads.open(threads);
    dataset = engine.dataset(model.table());
    trainer = engine.trainer(dataset, model.trainer(replicas));
    chunk = trainer.chunk(steps, model.batchSize());
    rows = new int[replicas][steps][];
    for (int replica = 0; replica < replicas; replica++) {
      BatchOrder order = BatchOrder.shuffled(model.train(replica), model.batchSize(), replica);
      int[] batch = new int[order.capacity()];
      for (int step = 0; step < steps; step++) {
        int count = order.rows(step, batch);
        rows[replica][step] = Arrays.copyOf(batch, count);
      }
    }
    fill();
    initialize();
  }

  Engine engine() {
    return engine;
  }

  Trainer trainer() {
    return trainer;
  }

  /**
   * The products of a step of all replicas, forward and backward; the mean of the chunk's steps.
   */
  Work work() {
    double flops = 0;
    for (int replica = 0; replica < replicas; replica++) {
      for (int[] batch : rows[replica]) {
        flops += trainer.stepCost(replica, batch).flops();
      }
    }
    return new Work(flops / steps, Work.Measure.OPERATIONS);
  }

  /** Starts anew, so that every iteration trains through the same numbers. */
  void initialize() {
    for (int replica = 0; replica < replicas; replica++) {
      trainer.initialize(replica, replica);
    }
  }

  /** Hands over the batches. */
  void fill() {
    chunk.clear();
    for (int replica = 0; replica < replicas; replica++) {
      for (int step = 0; step < steps; step++) {
        int[] batch = rows[replica][step];
        chunk.batch(replica, step, batch, 0, batch.length, ReportModel.LEARNING_RATE);
      }
    }
  }

  /** Makes the chunk one without steps. */
  void empty() {
    chunk.steps(0);
  }

  void run() {
    trainer.run(chunk);
  }

  /** Takes the losses back, and adds them up so that they are read. */
  double losses() {
    double sum = 0;
    for (int replica = 0; replica < replicas; replica++) {
      for (int step = 0; step < steps; step++) {
        sum += chunk.loss(replica, step);
      }
    }
    return sum;
  }

  @Override
  public void close() {
    chunk.close();
    trainer.close();
    dataset.close();
    engine.close();
  }
}

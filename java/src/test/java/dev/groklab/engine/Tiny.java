package dev.groklab.engine;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.ModularAddition;
import dev.groklab.data.Split;
import dev.groklab.data.TokenTable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Small tasks, models and runs that the tests share. */
final class Tiny {

  static final ModularAddition TASK = new ModularAddition(7, 2);
  static final TokenTable TABLE = TASK.table();
  static final AdamW ADAM_W = new AdamW(0.9, 0.98, 1e-8, 0.1);
  static final ReplicaOptions REPLICA = new ReplicaOptions(ADAM_W, 0, 0);

  /** Every optimizer in every form. */
  static final List<Optimizer> OPTIMIZERS =
      List.of(
          new AdamW(0.9, 0.98, 1e-8, 0.1),
          new AdamW(0, 0.999, 1e-6, 0),
          new Adam(0.9, 0.98, 1e-8, 0.1),
          new Adam(0.8, 0, 1e-3, 0),
          new Sgd(0, false, 0),
          new Sgd(0, false, 0.1),
          new Sgd(0.9, false, 0.01),
          new Sgd(0.8, true, 0.1),
          new RmsProp(0.99, 1e-8, 0, 0, false),
          new RmsProp(0.9, 1e-3, 0.1, 0.9, false),
          new RmsProp(0.95, 1e-4, 0.1, 0, true),
          new RmsProp(0.9, 1e-3, 0, 0.5, true));

  /** Kinds of models; heads are for those that have them. */
  enum Architecture {
    TRANSFORMER {
      @Override
      Model of(int vocabulary, int positions, int layers, int width, int heads, int hidden) {
        return new Transformer(vocabulary, positions, layers, width, heads, hidden);
      }
    },
    MLP {
      @Override
      Model of(int vocabulary, int positions, int layers, int width, int heads, int hidden) {
        return new Mlp(vocabulary, positions, layers, width, hidden);
      }
    },
    LSTM {
      @Override
      Model of(int vocabulary, int positions, int layers, int width, int heads, int hidden) {
        return new Lstm(vocabulary, positions, layers, width, hidden);
      }
    };

    abstract Model of(int vocabulary, int positions, int layers, int width, int heads, int hidden);

    /** Of the size that the tests share. */
    Model of(ModularAddition task, int layers) {
      return of(task.p() + 2, task.positions(), layers, 8, 2, 12);
    }
  }

  private Tiny() {}

  static Engine engine(int threads) {
    return Engine.open(new EngineOptions(Backend.CPU, threads));
  }

  static TrainerOptions options(Precision precision, int replicas) {
    return options(precision, BatchLayout.AUTO, Collections.nCopies(replicas, REPLICA));
  }

  static TrainerOptions options(
      Precision precision, BatchLayout layout, List<ReplicaOptions> replicas) {
    return options(Architecture.TRANSFORMER, precision, layout, replicas);
  }

  static TrainerOptions options(
      Architecture architecture,
      Precision precision,
      BatchLayout layout,
      List<ReplicaOptions> replicas) {
    return new TrainerOptions(architecture.of(TASK, 2), precision, layout, replicas);
  }

  static int[] rows(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** Fills a chunk with steps {@code first …} of each replica's own batch order. */
  static void fill(Chunk chunk, int replicas, int[] numbers, long first, int steps) {
    chunk.clear();
    chunk.steps(steps);
    for (int replica = 0; replica < replicas; replica++) {
      int number = numbers[replica];
      BatchOrder order =
          BatchOrder.shuffled(Split.random(TABLE.rows(), 0.6, number).train(), 10, number);
      int[] rows = new int[order.capacity()];
      for (int step = 0; step < steps; step++) {
        int count = order.rows(first + step, rows);
        chunk.batch(replica, step, rows, 0, count, 1e-2 / (number + 1));
      }
    }
  }

  static double maxAbs(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }
}

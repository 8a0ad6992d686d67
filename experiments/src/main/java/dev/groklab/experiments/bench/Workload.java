package dev.groklab.experiments.bench;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.Split;
import dev.groklab.data.Task;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.StepCost;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.run.Npy;
import dev.groklab.run.RunConfig;
import dev.groklab.run.Safetensors;
import dev.groklab.run.TrainerSetup;
import dev.groklab.run.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Replicas at work, as {@code groklab train} has them at work: chunks of steps, each with the rows
 * of its batches. Every batch is whole, so that all steps cost the same; after the last batch comes
 * the first again.
 */
final class Workload implements AutoCloseable {

  private static final int MAX_BATCHES = 64; // of a replica
  private static final long CHUNK_BYTES = 64L << 20;
  private static final int COUNTED = 4; // batches whose arithmetic stands for all

  private final RunConfig config;
  private final Split split; // of the first replica
  private final int[][][] batches; // [replica][batch][row]
  private final Dataset dataset;
  private final Trainer trainer;
  private Chunk chunk;
  private int chunkSteps;
  private int next;

  private Workload(
      RunConfig config, Split split, int[][][] batches, Dataset dataset, Trainer trainer) {
    this.config = config;
    this.split = split;
    this.batches = batches;
    this.dataset = dataset;
    this.trainer = trainer;
    this.chunkSteps = 1;
    this.chunk = trainer.chunk(chunkSteps, batches[0][0].length);
  }

  /** Makes everything ready for the first step. */
  static Workload open(Engine engine, Cell cell) {
    List<RunConfig> configs = cell.configs();
    RunConfig first = configs.getFirst();
    Task task = first.newTask();
    TokenTable table = task.table();
    List<Split> splits = configs.stream().map(config -> split(config, task)).toList();
    int[][][] batches =
        IntStream.range(0, configs.size())
            .mapToObj(r -> batches(configs.get(r), splits.get(r)))
            .toArray(int[][][]::new);
    TrainerOptions options =
        new TrainerOptions(
            TrainerSetup.model(first, task, table),
            first.precision(),
            BatchLayout.AUTO,
            configs.stream().map(config -> replica(config, batches[0][0].length)).toList());
    Dataset dataset = engine.dataset(table);
    try {
      Trainer trainer = engine.trainer(dataset, options);
      for (int r = 0; r < configs.size(); r++) {
        trainer.initialize(r, configs.get(r).initSeed());
      }
      return new Workload(first, splits.getFirst(), batches, dataset, trainer);
    } catch (RuntimeException e) {
      dataset.close();
      throw e;
    }
  }

  private static Split split(RunConfig config, Task task) {
    return Split.random(task.rows(), config.trainFraction(), config.splitSeed());
  }

  private static ReplicaOptions replica(RunConfig config, int batchRows) {
    return new ReplicaOptions(
        TrainerSetup.optimizer(config), config.dropout(), config.dropoutSeed(), batchRows);
  }

  /** The first whole batches of a training; one where every batch is all rows. */
  private static int[][] batches(RunConfig config, Split split) {
    if (config.batchSize().isEmpty()) {
      return new int[][] {split.train()};
    }
    int size = config.batchSize().getAsInt();
    BatchOrder order = BatchOrder.shuffled(split.train(), size, config.batchSeed());
    List<int[]> batches = new ArrayList<>();
    for (long step = 0; batches.size() < MAX_BATCHES; step++) {
      int[] rows = new int[size];
      if (order.rows(step, rows) == size) {
        batches.add(rows);
      }
    }
    return batches.toArray(int[][]::new);
  }

  int replicas() {
    return batches.length;
  }

  /** The trainer that works. */
  Trainer trainer() {
    return trainer;
  }

  /** What a step of the first replica costs. */
  StepCost cost() {
    return trainer.stepCost(0, batches[0][0]);
  }

  /** Multiply-adds of one step of all replicas, counted twice, each distinct one once. */
  double flops() {
    double flops = 0;
    for (int i = 0; i < COUNTED; i++) {
      int replica = i % replicas();
      int[][] own = batches[replica];
      flops += trainer.stepCost(replica, own[i % own.length]).flops();
    }
    return flops / COUNTED * replicas();
  }

  /** Memory that the trainer holds, of the host and of a GPU. */
  long memoryBytes() {
    return trainer.memoryUsed().totalBytes();
  }

  /** Makes steps; returns the seconds that they took. */
  double run(int steps) {
    int most = Math.clamp(CHUNK_BYTES / rowBytes(), 1, Integer.MAX_VALUE);
    reserve(Math.min(steps, most));
    long begin = System.nanoTime();
    for (int left = steps; left > 0; left -= most) {
      runChunk(Math.min(left, most));
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Losses of the first replica's next steps, each before its update. */
  double[] losses(int steps) {
    double[] losses = new double[steps];
    for (int step = 0; step < steps; step++) {
      runChunk(1);
      losses[step] = chunk.loss(0, 0);
    }
    return losses;
  }

  private long rowBytes() {
    return (long) replicas() * batches[0][0].length * Integer.BYTES;
  }

  private void reserve(int steps) {
    if (steps > chunkSteps) {
      chunk.close();
      chunk = trainer.chunk(steps, batches[0][0].length);
      chunkSteps = steps;
    }
  }

  private void runChunk(int steps) {
    chunk.steps(steps);
    for (int replica = 0; replica < replicas(); replica++) {
      for (int step = 0; step < steps; step++) {
        int[] rows = batches[replica][(next + step) % batches[replica].length];
        chunk.batch(replica, step, rows, 0, rows.length, config.lr());
      }
    }
    trainer.run(chunk);
    next = (next + steps) % batches[0].length;
  }

  /** Writes the first replica's weights and batches as {@code train --replay} reads them. */
  void writeInputs(Path folder) throws IOException {
    Safetensors.write(
        folder.resolve("init.safetensors"),
        Weights.read(trainer, 0, Buffer.PARAMETERS, ""),
        Map.of());
    new Npy(new int[] {split.train().length}, split.train())
        .write(folder.resolve("train_rows.npy"));
    int[] rows = Arrays.stream(batches[0]).flatMapToInt(Arrays::stream).toArray();
    new Npy(new int[] {batches[0].length, batches[0][0].length}, rows)
        .write(folder.resolve("batches.npy"));
  }

  @Override
  public void close() {
    chunk.close();
    trainer.close();
    dataset.close();
  }
}

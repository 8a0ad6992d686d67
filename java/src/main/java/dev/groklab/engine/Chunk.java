package dev.groklab.engine;

import dev.groklab.ffi.groklab_chunk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * What the next steps of a trainer's replicas train on, and the losses that came of it. The native
 * buffers are made once and used again for every chunk:
 *
 * {@snippet :
 * chunk.clear();
 * chunk.steps(n); // where fewer than maxSteps
 * chunk.batch(replica, step, rows, 0, count, rate); // for every replica and step
 * trainer.run(chunk);
 * chunk.loss(replica, step);
 * }
 *
 * <p>Used by one thread at a time. A chunk outlives its trainer's closing, to no use.
 */
public final class Chunk implements AutoCloseable {

  private final Trainer trainer;
  private final Guard guard = new Guard("chunk");
  private final Arena arena = Arena.ofShared();
  private final int replicas;
  private final int maxSteps;
  private final int batchCapacity;
  private final MemorySegment struct;
  private final MemorySegment rows; // int32 [replicas, steps, batchCapacity]
  private final MemorySegment batchSizes; // int32 [replicas, steps]
  private final MemorySegment learningRates; // double [replicas, steps]
  private final MemorySegment losses; // double [replicas, steps]
  private final MemorySegment active; // uint8 [replicas]
  private int steps;

  Chunk(Trainer trainer, int replicas, int maxSteps, int batchCapacity) {
    Arguments.requireAtLeast("the number of steps of a chunk", maxSteps, 1);
    Arguments.requireAtLeast("the batch capacity of a chunk", batchCapacity, 1);
    this.trainer = trainer;
    this.replicas = replicas;
    this.maxSteps = maxSteps;
    this.batchCapacity = batchCapacity;
    long batches = (long) replicas * maxSteps;
    struct = Native.struct(arena, groklab_chunk.layout());
    rows = arena.allocate(ValueLayout.JAVA_INT, elements(batches, batchCapacity));
    batchSizes = arena.allocate(ValueLayout.JAVA_INT, batches);
    learningRates = arena.allocate(ValueLayout.JAVA_DOUBLE, batches);
    losses = arena.allocate(ValueLayout.JAVA_DOUBLE, batches);
    active = arena.allocate(replicas);
    groklab_chunk.batch_capacity(struct, batchCapacity);
    groklab_chunk.rows(struct, rows);
    groklab_chunk.batch_sizes(struct, batchSizes);
    groklab_chunk.learning_rates(struct, learningRates);
    groklab_chunk.active(struct, active);
    groklab_chunk.losses(struct, losses);
    reset();
  }

  private static long elements(long batches, int batchCapacity) {
    try {
      return Math.multiplyExact(batches, batchCapacity);
    } catch (ArithmeticException _) {
      throw new IllegalArgumentException(
          batches + " batches of up to " + batchCapacity + " rows are too many");
    }
  }

  /**
   * Begins a new chunk of {@code maxSteps} steps with all replicas active: forgets batches and
   * losses.
   *
   * @throws IllegalStateException if the chunk is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void clear() {
    try (Guard.Use _ = guard.own()) {
      reset();
    }
  }

  private void reset() {
    active.fill((byte) 1);
    setSteps(maxSteps);
  }

  /**
   * Sets the number of steps of this chunk. Forgets batches and losses, so it comes before {@link
   * #batch}.
   *
   * @param n number of steps, 0 … maxSteps
   * @throws IllegalArgumentException if {@code n} is out of range
   * @throws IllegalStateException if the chunk is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void steps(int n) {
    try (Guard.Use _ = guard.own()) {
      Arguments.requireIndex("the number of steps", n, maxSteps + 1);
      setSteps(n);
    }
  }

  /** Sizes of 0 make the engine refuse a batch that was forgotten. */
  private void setSteps(int n) {
    steps = n;
    groklab_chunk.steps(struct, n);
    batchSizes.fill((byte) 0);
    for (long i = 0; i < (long) replicas * n; i++) {
      losses.setAtIndex(ValueLayout.JAVA_DOUBLE, i, Double.NaN);
    }
  }

  /**
   * Says whether a replica takes part; those that do not need no batches, and keep everything as it
   * is.
   *
   * @param replica number of the replica
   * @param active whether it takes part
   * @throws IllegalArgumentException if there is no such replica
   * @throws IllegalStateException if the chunk is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void setActive(int replica, boolean active) {
    try (Guard.Use _ = guard.own()) {
      Arguments.requireIndex("replica", replica, replicas);
      this.active.set(ValueLayout.JAVA_BYTE, replica, (byte) (active ? 1 : 0));
    }
  }

  /**
   * Sets the batch of one step of one replica. Row numbers and rates are checked by {@link
   * Trainer#run}.
   *
   * @param replica number of the replica
   * @param step number of the step in this chunk, from 0
   * @param rows array that holds row numbers of the data set
   * @param from index of the first row number
   * @param count number of rows, 1 … batchCapacity
   * @param learningRate the step's learning rate, finite and at least 0
   * @throws IllegalArgumentException if an argument is outside what is allowed
   * @throws IllegalStateException if the chunk is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void batch(int replica, int step, int[] rows, int from, int count, double learningRate) {
    try (Guard.Use _ = guard.own()) {
      long index = index(replica, step);
      if (count < 1 || count > batchCapacity) {
        throw new IllegalArgumentException(
            "a batch of " + count + " rows; allowed are 1 to " + batchCapacity);
      }
      if (from < 0 || from > rows.length - count) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "rows %d to %d of an array with %d elements",
                from,
                (long) from + count - 1,
                rows.length));
      }
      MemorySegment.copy(
          rows,
          from,
          this.rows,
          ValueLayout.JAVA_INT,
          index * batchCapacity * Integer.BYTES,
          count);
      batchSizes.setAtIndex(ValueLayout.JAVA_INT, index, count);
      learningRates.setAtIndex(ValueLayout.JAVA_DOUBLE, index, learningRate);
    }
  }

  /**
   * Batch loss of a step before its update.
   *
   * @param replica number of the replica
   * @param step number of the step in this chunk, from 0
   * @return mean cross-entropy in nats; NaN before the chunk ran, and for inactive replicas
   * @throws IllegalArgumentException if there is no such replica or step
   * @throws IllegalStateException if the chunk is closed
   * @throws EngineBusyException if another thread uses it
   */
  public double loss(int replica, int step) {
    try (Guard.Use _ = guard.own()) {
      return losses.getAtIndex(ValueLayout.JAVA_DOUBLE, index(replica, step));
    }
  }

  private long index(int replica, int step) {
    Arguments.requireIndex("replica", replica, replicas);
    Arguments.requireIndex("step", step, steps);
    return (long) replica * steps + step;
  }

  /** Begins a call that reads and writes the chunk. */
  Guard.Use use() {
    return guard.own();
  }

  /** The ABI's struct, to be used inside {@link #use()}. */
  MemorySegment struct() {
    return struct;
  }

  boolean belongsTo(Trainer other) {
    return trainer == other;
  }

  /** Gives the buffers back. */
  @Override
  public void close() {
    guard.close(arena::close);
  }
}

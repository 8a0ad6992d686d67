package dev.groklab.engine;

import dev.groklab.ffi.groklab_evaluation;
import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_memory;
import dev.groklab.ffi.groklab_step_cost;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Replicas of one model, trained together. Each has its own weights, gradients, optimizer, step
 * counter and hyperparameters; what a replica computes does not depend on those beside it.
 *
 * <p>Used by one thread at a time: a second one gets an {@link EngineBusyException}. Sizes ({@link
 * #replicas()}, {@link #precision()}, {@link #parameterCount()}, {@link #tensors()}) may be asked
 * for at any time.
 */
public final class Trainer implements AutoCloseable {

  /** Splits that a replica can have. */
  private static final int MAX_SPLITS = 16;

  private final MemorySegment handle;
  private final TrainerInfo info;
  private final Guard guard = new Guard("trainer");
  private final Arena arena = Arena.ofShared();
  private final Scratch rowScratch = new Scratch();
  private final Scratch realScratch = new Scratch();
  private final MemorySegment number; // one int64 or double that a call returns
  private final MemorySegment evaluation; // groklab_evaluation
  private final MemorySegment active; // uint8 [replicas]
  private final MemorySegment losses; // double [replicas, MAX_SPLITS]
  private final MemorySegment accuracies; // double [replicas, MAX_SPLITS]
  private final MemorySegment weightNorms; // double [replicas]

  private Trainer(MemorySegment handle, TrainerInfo info) {
    this.handle = handle;
    this.info = info;
    long replicas = info.replicas();
    number = arena.allocate(ValueLayout.JAVA_LONG);
    active = arena.allocate(replicas);
    losses = arena.allocate(ValueLayout.JAVA_DOUBLE, replicas * MAX_SPLITS);
    accuracies = arena.allocate(ValueLayout.JAVA_DOUBLE, replicas * MAX_SPLITS);
    weightNorms = arena.allocate(ValueLayout.JAVA_DOUBLE, replicas);
    evaluation = Native.struct(arena, groklab_evaluation.layout());
    groklab_evaluation.losses(evaluation, losses);
    groklab_evaluation.accuracies(evaluation, accuracies);
    groklab_evaluation.weight_norms(evaluation, weightNorms);
  }

  /** To be called inside uses of the engine and the data set. */
  static Trainer create(MemorySegment engine, Dataset dataset, TrainerOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slot = Native.handleSlot(arena);
      Native.check(
          groklab_h.groklab_trainer_create(
              engine, dataset.handle(), TrainerStructs.options(arena, options), slot));
      MemorySegment handle = Native.handle(slot);
      return new Trainer(handle, TrainerStructs.query(arena, handle, options, dataset));
    }
  }

  /**
   * Number of replicas.
   *
   * @return R, at least 1
   * @throws IllegalStateException if the trainer is closed
   */
  public int replicas() {
    guard.requireOpen();
    return info.replicas();
  }

  /**
   * Arithmetic of the trainer.
   *
   * @return its precision
   * @throws IllegalStateException if the trainer is closed
   */
  public Precision precision() {
    guard.requireOpen();
    return info.precision();
  }

  /**
   * Elements of each flat buffer of a replica.
   *
   * @return P, at least 1
   * @throws IllegalStateException if the trainer is closed
   */
  public long parameterCount() {
    guard.requireOpen();
    return info.parameterCount();
  }

  /**
   * The named tensors that make up the flat buffers, in their order.
   *
   * @return an unmodifiable list
   * @throws IllegalStateException if the trainer is closed
   */
  public List<TensorInfo> tensors() {
    guard.requireOpen();
    return info.tensors();
  }

  /**
   * Draws a replica's initial weights, and zeroes what its optimizer keeps and its step counter.
   *
   * @param replica number of the replica
   * @param seed what the weights depend on; all 64 bits count
   * @throws IllegalArgumentException if there is no such replica
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void initialize(int replica, long seed) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      Native.check(groklab_h.groklab_trainer_initialize(handle, replica, seed));
    }
  }

  /**
   * Copies a flat buffer out as it is.
   *
   * @param replica number of the replica
   * @param buffer which one
   * @return P numbers of the trainer's precision, little-endian
   * @throws IllegalArgumentException if there is no such replica, or its optimizer keeps no such
   *     buffer
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public byte[] read(int replica, Buffer buffer) {
    try (Guard.Use _ = guard.own()) {
      Arguments.arrayLength("the buffer's bytes", bufferBytes());
      return readNative(replica, buffer).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Copies a flat buffer out as doubles, which is exact in either precision.
   *
   * @param replica number of the replica
   * @param buffer which one
   * @return P numbers
   * @throws IllegalArgumentException if there is no such replica, or its optimizer keeps no such
   *     buffer
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public double[] readDoubles(int replica, Buffer buffer) {
    try (Guard.Use _ = guard.own()) {
      return Reals.toDoubles(readNative(replica, buffer), info.precision());
    }
  }

  /**
   * Copies a flat buffer out as floats; doubles are rounded.
   *
   * @param replica number of the replica
   * @param buffer which one
   * @return P numbers
   * @throws IllegalArgumentException if there is no such replica, or its optimizer keeps no such
   *     buffer
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public float[] readFloats(int replica, Buffer buffer) {
    try (Guard.Use _ = guard.own()) {
      return Reals.toFloats(readNative(replica, buffer), info.precision());
    }
  }

  private MemorySegment readNative(int replica, Buffer buffer) {
    requireReplica(replica);
    MemorySegment memory = realScratch.ofBytes(bufferBytes());
    Native.check(
        groklab_h.groklab_trainer_read(
            handle, replica, Codes.of(buffer), memory, memory.byteSize()));
    return memory;
  }

  /**
   * Copies a flat buffer in as it is.
   *
   * @param replica number of the replica
   * @param buffer which one
   * @param values P numbers of the trainer's precision, little-endian
   * @throws IllegalArgumentException if there is no such replica, its optimizer keeps no such
   *     buffer, or the size is another
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void write(int replica, Buffer buffer, byte[] values) {
    try (Guard.Use _ = guard.own()) {
      Arguments.requireLength("the array of bytes", values.length, bufferBytes());
      MemorySegment memory = realScratch.ofBytes(bufferBytes());
      memory.copyFrom(MemorySegment.ofArray(values));
      writeNative(replica, buffer, memory);
    }
  }

  /**
   * Copies a flat buffer in, converted to the trainer's precision.
   *
   * @param replica number of the replica
   * @param buffer which one
   * @param values P numbers
   * @throws IllegalArgumentException if there is no such replica, its optimizer keeps no such
   *     buffer, or the size is another
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void write(int replica, Buffer buffer, double[] values) {
    try (Guard.Use _ = guard.own()) {
      Arguments.requireLength("the array of values", values.length, info.parameterCount());
      MemorySegment memory = realScratch.ofBytes(bufferBytes());
      Reals.fromDoubles(values, memory, info.precision());
      writeNative(replica, buffer, memory);
    }
  }

  private void writeNative(int replica, Buffer buffer, MemorySegment memory) {
    requireReplica(replica);
    Native.check(
        groklab_h.groklab_trainer_write(
            handle, replica, Codes.of(buffer), memory, memory.byteSize()));
  }

  /**
   * Steps that a replica has made.
   *
   * @param replica number of the replica
   * @return at least 0
   * @throws IllegalArgumentException if there is no such replica
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public long step(int replica) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      Native.check(groklab_h.groklab_trainer_step(handle, replica, number));
      return number.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /**
   * Sets the step counter of a replica, which enters Adam's bias correction and the dropout masks.
   *
   * @param replica number of the replica
   * @param step at least 0
   * @throws IllegalArgumentException if there is no such replica or the step is negative
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public void setStep(int replica, long step) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      Native.check(groklab_h.groklab_trainer_set_step(handle, replica, step));
    }
  }

  /**
   * Takes the memory of a workload now, which {@link Engine#memoryNeeded} tells beforehand. A
   * trainer otherwise takes it when a chunk, a split or an evaluation first needs it. Steps, and
   * whatever keeps to a workload that was reserved, take none.
   *
   * @param workload what the trainer will be asked to do; more remains allowed
   * @throws IllegalArgumentException if a size is outside what is allowed
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice or the device fails
   */
  public void reserve(Workload workload) {
    try (Guard.Use _ = guard.own();
        Arena call = Arena.ofConfined()) {
      Native.check(
          groklab_h.groklab_trainer_reserve(handle, TrainerStructs.workload(call, workload)));
    }
  }

  /**
   * What the trainer holds at present, counted where it was taken.
   *
   * @return the bytes
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   */
  public MemoryUse memoryUsed() {
    try (Guard.Use _ = guard.own();
        Arena call = Arena.ofConfined()) {
      MemorySegment memory = Native.struct(call, groklab_memory.layout());
      Native.check(groklab_h.groklab_trainer_memory_used(handle, memory));
      return TrainerStructs.memory(memory);
    }
  }

  /**
   * Makes the buffers for chunks of this trainer.
   *
   * @param maxSteps most steps of a chunk, at least 1
   * @param batchCapacity most rows of a batch, at least 1
   * @return the chunk, empty; to be closed
   * @throws IllegalArgumentException if a size is outside what is allowed
   * @throws IllegalStateException if the trainer is closed
   */
  public Chunk chunk(int maxSteps, int batchCapacity) {
    return new Chunk(this, replicas(), maxSteps, batchCapacity);
  }

  /**
   * Trains the steps of a chunk. Everything is checked before the first step; on an error nothing
   * was trained. A loss that is not finite is no error.
   *
   * @param chunk batches and learning rates of every step of every active replica; of this trainer.
   *     Its losses are filled in
   * @throws IllegalArgumentException if a batch is missing, a row number or a rate is outside what
   *     is allowed, or the chunk is another trainer's
   * @throws IllegalStateException if the trainer or the chunk is closed
   * @throws EngineBusyException if another thread uses one of them
   * @throws EngineException if memory does not suffice or the device fails
   */
  public void run(Chunk chunk) {
    if (!chunk.belongsTo(this)) {
      throw new IllegalArgumentException("the chunk belongs to another trainer");
    }
    try (Guard.Use _ = guard.own();
        Guard.Use _ = chunk.use()) {
      Native.check(groklab_h.groklab_trainer_run(handle, chunk.struct()));
    }
  }

  /**
   * Sets the rows that a replica's split consists of, for {@link #evaluate}.
   *
   * @param replica number of the replica
   * @param split number of the split, 0 … 15
   * @param rows row numbers of the data set; copied
   * @throws IllegalArgumentException if an argument is outside what is allowed
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice
   */
  public void setSplit(int replica, int split, int[] rows) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      Arguments.requireIndex("split", split, MAX_SPLITS);
      Native.check(
          groklab_h.groklab_trainer_set_split(
              handle, replica, split, nativeRows(rows), rows.length));
    }
  }

  /**
   * Evaluates whole splits without dropout.
   *
   * @param splits how many; splits 0 … splits−1 of every active replica, which must be set
   * @param active [R] which replicas to evaluate; null means all
   * @return losses, accuracies and weight norms; NaN for replicas that are not active
   * @throws IllegalArgumentException if an argument is outside what is allowed or a split not set
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice or the device fails
   */
  public Evaluation evaluate(int splits, boolean[] active) {
    try (Guard.Use _ = guard.own()) {
      Arguments.requireIndex("the number of splits", splits, MAX_SPLITS + 1);
      groklab_evaluation.splits(evaluation, splits);
      groklab_evaluation.active(evaluation, nativeActive(active));
      fillNaN(losses);
      fillNaN(accuracies);
      fillNaN(weightNorms);
      Native.check(groklab_h.groklab_trainer_evaluate(handle, evaluation));
      long values = (long) info.replicas() * splits * Double.BYTES;
      return new Evaluation(
          info.replicas(),
          splits,
          losses.asSlice(0, values).toArray(ValueLayout.JAVA_DOUBLE),
          accuracies.asSlice(0, values).toArray(ValueLayout.JAVA_DOUBLE),
          weightNorms.toArray(ValueLayout.JAVA_DOUBLE));
    }
  }

  private MemorySegment nativeActive(boolean[] flags) {
    if (flags == null) {
      return MemorySegment.NULL;
    }
    Arguments.requireLength("the array of active replicas", flags.length, info.replicas());
    for (int replica = 0; replica < flags.length; replica++) {
      active.set(ValueLayout.JAVA_BYTE, replica, (byte) (flags[replica] ? 1 : 0));
    }
    return active;
  }

  private static void fillNaN(MemorySegment doubles) {
    for (long i = 0; i < doubles.byteSize() / Double.BYTES; i++) {
      doubles.setAtIndex(ValueLayout.JAVA_DOUBLE, i, Double.NaN);
    }
  }

  /**
   * Loss and gradients of one batch at a replica's present weights, as its next step would see them
   * (dropout included). Changes nothing but {@link Buffer#GRADIENTS}.
   *
   * @param replica number of the replica
   * @param rows row numbers of the data set, at least one
   * @return mean cross-entropy in nats
   * @throws IllegalArgumentException if an argument is outside what is allowed
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice or the device fails
   */
  public double gradient(int replica, int[] rows) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      Native.check(
          groklab_h.groklab_trainer_gradient(
              handle, replica, nativeRows(rows), rows.length, number));
      return number.get(ValueLayout.JAVA_DOUBLE, 0);
    }
  }

  /**
   * What a training step of a replica on a batch costs, counted by a pass over the model in which
   * no number is computed. Changes nothing.
   *
   * @param replica number of the replica
   * @param rows row numbers of the data set, at least one; repeats are allowed
   * @return the cost
   * @throws IllegalArgumentException if an argument is outside what is allowed
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice
   */
  public StepCost stepCost(int replica, int[] rows) {
    try (Guard.Use _ = guard.own();
        Arena call = Arena.ofConfined()) {
      requireReplica(replica);
      MemorySegment cost = Native.struct(call, groklab_step_cost.layout());
      Native.check(
          groklab_h.groklab_trainer_step_cost(
              handle, replica, nativeRows(rows), rows.length, cost));
      return new StepCost(
          groklab_step_cost.flops(cost),
          groklab_step_cost.dense_flops(cost),
          groklab_step_cost.parameter_bytes(cost),
          groklab_step_cost.activation_bytes(cost));
    }
  }

  /**
   * Logits of rows at a replica's present weights, without dropout.
   *
   * @param replica number of the replica
   * @param rows row numbers of the data set, at least one
   * @return [rows][V]
   * @throws IllegalArgumentException if an argument is outside what is allowed
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice or the device fails
   */
  public double[][] logits(int replica, int[] rows) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      MemorySegment memory = realScratch.ofBytes(rows.length * logitBytes());
      Native.check(
          groklab_h.groklab_trainer_logits(
              handle, replica, nativeRows(rows), rows.length, memory, memory.byteSize()));
      double[][] logits = new double[rows.length][];
      for (int row = 0; row < rows.length; row++) {
        long rowBytes = logitBytes();
        logits[row] = Reals.toDoubles(memory.asSlice(row * rowBytes, rowBytes), info.precision());
      }
      return logits;
    }
  }

  /**
   * Logits of a row that is in no data set, without dropout: what an agent asks its policy for. For
   * trainers on features.
   *
   * @param replica number of the replica
   * @param features the row's numbers
   * @param logits where they go, one for each class
   * @throws IllegalArgumentException if there is no such replica, the trainer's rows are tokens, an
   *     array has another length, or a number is not finite
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice or the device fails
   */
  public void predict(int replica, float[] features, double[] logits) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      Arguments.requireLength("features", features.length, info.features());
      Arguments.requireLength("logits", logits.length, info.classes());
      MemorySegment row = rowScratch.ofBytes((long) features.length * Float.BYTES);
      MemorySegment.copy(features, 0, row, ValueLayout.JAVA_FLOAT, 0, features.length);
      MemorySegment memory = realScratch.ofBytes(logitBytes());
      Native.check(
          groklab_h.groklab_trainer_predict(handle, replica, row, 1, memory, memory.byteSize()));
      Reals.copyTo(memory, info.precision(), logits);
    }
  }

  /**
   * What the model makes of its rows on the way to the logits.
   *
   * @return all activations, in the order in which they come about; unmodifiable
   * @throws IllegalStateException if the trainer is closed
   */
  public List<ActivationInfo> activations() {
    guard.requireOpen();
    return info.activations();
  }

  /**
   * An activation of rows at a replica's present weights, and the gradient by it of the rows' mean
   * loss, without dropout. The gradient buffer then holds the gradients by the parameters.
   *
   * @param replica number of the replica
   * @param name which activation, of {@link #activations()}
   * @param rows numbers of the data set's rows; repeats are allowed
   * @return its values, and its gradients if it has any
   * @throws IllegalArgumentException if there is no such replica, activation or row
   * @throws IllegalStateException if the trainer is closed
   * @throws EngineBusyException if another thread uses it
   * @throws EngineException if memory does not suffice or the device fails
   */
  public Activation observe(int replica, String name, int[] rows) {
    try (Guard.Use _ = guard.own()) {
      requireReplica(replica);
      int index = activationIndex(name);
      ActivationInfo activation = info.activations().get(index);
      long numbers = (long) rows.length * activation.positions() * activation.width();
      long bytes =
          Arguments.arrayLength("the activation", numbers) * (long) info.precision().bytes();
      MemorySegment memory = realScratch.ofBytes(2 * bytes);
      MemorySegment gradients =
          activation.hasGradient() ? memory.asSlice(bytes) : MemorySegment.NULL;
      Native.check(
          groklab_h.groklab_trainer_observe(
              handle, replica, index, nativeRows(rows), rows.length, memory, gradients, bytes));
      return new Activation(
          activation,
          Reals.toDoubles(memory.asSlice(0, bytes), info.precision()),
          activation.hasGradient()
              ? Optional.of(Reals.toDoubles(gradients, info.precision()))
              : Optional.empty());
    }
  }

  private int activationIndex(String name) {
    for (int index = 0; index < info.activations().size(); index++) {
      if (info.activations().get(index).name().equals(name)) {
        return index;
      }
    }
    throw new IllegalArgumentException(
        "there is no activation \""
            + name
            + "\"; there are "
            + info.activations().stream()
                .map(ActivationInfo::name)
                .collect(Collectors.joining(", ")));
  }

  private long logitBytes() {
    return (long) info.answers() * info.classes() * info.precision().bytes();
  }

  private MemorySegment nativeRows(int[] rows) {
    MemorySegment memory = rowScratch.ofBytes((long) rows.length * Integer.BYTES);
    MemorySegment.copy(rows, 0, memory, ValueLayout.JAVA_INT, 0, rows.length);
    return memory;
  }

  private long bufferBytes() {
    return info.parameterCount() * info.precision().bytes();
  }

  private void requireReplica(int replica) {
    Arguments.requireIndex("replica", replica, info.replicas());
  }

  /** Gives the replicas and all buffers back. */
  @Override
  public void close() {
    guard.close(
        () -> {
          int status = groklab_h.groklab_trainer_destroy(handle);
          rowScratch.close();
          realScratch.close();
          arena.close();
          Native.check(status);
        });
  }
}

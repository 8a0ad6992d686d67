package dev.groklab.engine;

import dev.groklab.data.FeatureTable;
import dev.groklab.data.PairTable;
import dev.groklab.data.TokenTable;
import dev.groklab.ffi.groklab_backend_info;
import dev.groklab.ffi.groklab_engine_info;
import dev.groklab.ffi.groklab_engine_options;
import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_memory;
import dev.groklab.ffi.groklab_peak;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A backend, its threads and its memory. May be used by any number of threads, and closed before
 * its data sets and trainers: what they need of it lives on until they are closed too.
 */
public final class Engine implements AutoCloseable {

  private final MemorySegment handle;
  private final EngineInfo info;
  private final Guard guard = new Guard("engine");
  private final Ops ops = new Ops(this);

  private Engine(MemorySegment handle, EngineInfo info) {
    this.handle = handle;
    this.info = info;
  }

  /**
   * Opens an engine.
   *
   * @param options what is wanted
   * @return the engine; to be closed
   * @throws IllegalArgumentException if an option is outside what is allowed
   * @throws BackendUnavailableException if the backend asked for cannot be used on this machine
   * @throws NativeLibraryException if the native library is missing, broken or another one
   * @throws EngineException if the engine fails otherwise
   */
  public static Engine open(EngineOptions options) {
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = Native.struct(arena, groklab_engine_options.layout());
      groklab_engine_options.backend(request, Codes.of(options.backend()));
      groklab_engine_options.threads(request, options.threads());
      MemorySegment slot = Native.handleSlot(arena);
      Native.check(groklab_h.groklab_engine_create(request, slot));
      MemorySegment handle = Native.handle(slot);
      return new Engine(handle, query(arena, handle));
    }
  }

  private static EngineInfo query(Arena arena, MemorySegment handle) {
    MemorySegment info = Native.struct(arena, groklab_engine_info.layout());
    Native.check(groklab_h.groklab_engine_query(handle, info));
    return new EngineInfo(
        Codes.backend(groklab_engine_info.backend(info)),
        groklab_engine_info.threads(info),
        groklab_engine_info.instruction_set(info).getString(0),
        groklab_engine_info.device(info).getString(0),
        groklab_engine_info.notice(info).getString(0));
  }

  /**
   * Describes the native library; loads it if need be.
   *
   * @return the library in use
   * @throws NativeLibraryException if it is missing, broken or another one
   */
  public static LibraryInfo library() {
    return NativeLibrary.load();
  }

  /**
   * Asks every backend that the library knows whether it can be used on this machine.
   *
   * @return the backends, in the library's order
   * @throws NativeLibraryException if the native library is missing, broken or another one
   */
  public static List<BackendInfo> backends() {
    NativeLibrary.load();
    List<BackendInfo> backends = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (int index = 0; index < groklab_h.groklab_backend_count(); index++) {
        MemorySegment info = Native.struct(arena, groklab_backend_info.layout());
        Native.check(groklab_h.groklab_backend_query(index, info));
        backends.add(
            new BackendInfo(
                Codes.backend(groklab_backend_info.backend(info)),
                groklab_backend_info.usable(info) != 0,
                groklab_backend_info.detail(info).getString(0)));
      }
    }
    return List.copyOf(backends);
  }

  /**
   * What this engine turned out to be.
   *
   * @return its description
   * @throws IllegalStateException if the engine is closed
   */
  public EngineInfo info() {
    guard.requireOpen();
    return info;
  }

  /**
   * Measures what bounds every computation of this engine: the best of several short repeats of two
   * loops on all of its threads. Nothing else should run meanwhile; other calls wait.
   *
   * <p>Operations are, on the CPU, independent fused multiply-adds in the vectors of the
   * instruction set in use, on a GPU the fastest of square matrix products. Bytes are those that
   * {@code y += s x} reads and writes over 256 MiB in all, on a GPU those of a copy. A backend
   * {@link Backend#NAIVE} tells of its own plain loops, {@link Backend#CHECK} of the backend that
   * it checks.
   *
   * @param precision arithmetic of the operations
   * @param duration about how long it may take, 1 ms to 600 s; at least two repeats of each loop
   *     are made, however long they take
   * @return the peak
   * @throws IllegalArgumentException if the duration is outside what is allowed
   * @throws IllegalStateException if the engine is closed
   * @throws EngineException if memory does not suffice or the device fails
   */
  public Peak measurePeak(Precision precision, Duration duration) {
    try (Guard.Use _ = guard.share();
        Arena arena = Arena.ofConfined()) {
      MemorySegment peak = Native.struct(arena, groklab_peak.layout());
      double seconds = duration.getSeconds() + duration.getNano() * 1e-9;
      Native.check(
          groklab_h.groklab_engine_measure_peak(handle, Codes.of(precision), seconds, peak));
      return new Peak(groklab_peak.flops(peak), groklab_peak.bytes_per_second(peak));
    }
  }

  /**
   * Copies a table into the engine. Rows may come in any order and may repeat.
   *
   * @param table the rows
   * @return the data set; to be closed
   * @throws IllegalArgumentException if a token or target is outside the vocabulary, or a size
   *     outside what is allowed
   * @throws IllegalStateException if the engine is closed
   * @throws EngineException if memory does not suffice
   */
  public Dataset dataset(TokenTable table) {
    try (Guard.Use _ = guard.share()) {
      return Dataset.create(this, handle, table);
    }
  }

  /**
   * Copies rows of real numbers into the engine.
   *
   * @param table the rows
   * @return the data set; to be closed
   * @throws IllegalArgumentException if a number is not finite, a target outside the classes, or a
   *     size outside what is allowed
   * @throws IllegalStateException if the engine is closed
   * @throws EngineException if memory does not suffice
   */
  public Dataset dataset(FeatureTable table) {
    try (Guard.Use _ = guard.share()) {
      return Dataset.create(this, handle, table);
    }
  }

  /**
   * Copies pairs of sequences into the engine.
   *
   * @param table the pairs
   * @return the data set; to be closed
   * @throws IllegalArgumentException if a token is outside its vocabulary, a sequence too short or
   *     goes on after its end, or a size is outside what is allowed
   * @throws IllegalStateException if the engine is closed
   * @throws EngineException if memory does not suffice
   */
  public Dataset dataset(PairTable table) {
    try (Guard.Use _ = guard.share()) {
      return Dataset.create(this, handle, table);
    }
  }

  /**
   * Tells what a trainer would take, without making it: its flat buffers, batches, activations of
   * all threads that can work on it, and splits; on a GPU the data set and tables too. It is what
   * {@link Trainer#reserve} takes for the same workload, to the byte. The data set on the host and
   * what the engine's threads keep for themselves are not among it.
   *
   * @param dataset what it would train on; of this engine
   * @param options what it would train
   * @param workload what it would be asked to do
   * @return the bytes
   * @throws IllegalArgumentException if an option is outside what is allowed, or the data set is
   *     another engine's
   * @throws IllegalStateException if the engine or the data set is closed
   * @throws EngineException if memory does not suffice for the answer
   */
  public MemoryUse memoryNeeded(Dataset dataset, TrainerOptions options, Workload workload) {
    requireOwn(dataset);
    try (Guard.Use _ = guard.share();
        Guard.Use _ = dataset.use();
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = Native.struct(arena, groklab_memory.layout());
      Native.check(
          groklab_h.groklab_trainer_memory_needed(
              handle,
              dataset.handle(),
              TrainerStructs.options(arena, options),
              TrainerStructs.workload(arena, workload),
              memory));
      return TrainerStructs.memory(memory);
    }
  }

  /**
   * Makes a trainer. Its flat buffers are all zero: initialize or write them.
   *
   * @param dataset what it trains on; of this engine
   * @param options what it trains
   * @return the trainer; to be closed
   * @throws IllegalArgumentException if an option is outside what is allowed, or the data set is
   *     another engine's
   * @throws IllegalStateException if the engine or the data set is closed
   * @throws EngineException if memory does not suffice
   */
  public Trainer trainer(Dataset dataset, TrainerOptions options) {
    requireOwn(dataset);
    try (Guard.Use _ = guard.share();
        Guard.Use _ = dataset.use()) {
      return Trainer.create(handle, dataset, options);
    }
  }

  private void requireOwn(Dataset dataset) {
    if (!dataset.belongsTo(this)) {
      throw new IllegalArgumentException("the data set belongs to another engine");
    }
  }

  /**
   * The single ops that models are made of.
   *
   * @return access to them; usable until the engine is closed
   * @throws IllegalStateException if the engine is closed
   */
  public Ops ops() {
    guard.requireOpen();
    return ops;
  }

  /** Begins a call on this engine. */
  Guard.Use use() {
    return guard.share();
  }

  /** To be used inside {@link #use()}. */
  MemorySegment handle() {
    return handle;
  }

  /** Gives the engine back. Its data sets and trainers remain usable. */
  @Override
  public void close() {
    guard.close(() -> Native.check(groklab_h.groklab_engine_destroy(handle)));
  }
}

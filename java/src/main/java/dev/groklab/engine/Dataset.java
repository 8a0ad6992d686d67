package dev.groklab.engine;

import dev.groklab.data.FeatureTable;
import dev.groklab.data.PairTable;
import dev.groklab.data.TokenTable;
import dev.groklab.ffi.groklab_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * A table of rows held by an engine: token sequences, vectors of real numbers, or pairs of
 * sequences. May be used by any number of threads, and closed before the trainers that use it.
 */
public final class Dataset implements AutoCloseable {

  private final Engine engine;
  private final MemorySegment handle;
  private final Guard guard = new Guard("data set");
  private final Sizes sizes;

  /** Sizes of a data set; those that its kind of rows does not have are 0. */
  private record Sizes(
      int rows,
      int vocabulary,
      int sequenceLength,
      int classes,
      int answers,
      int features,
      int sourceLength) {}

  /** A call that makes a native data set. */
  private interface Creation {
    int create(MemorySegment engine, MemorySegment options, MemorySegment slot);
  }

  private Dataset(Engine engine, MemorySegment handle, Sizes sizes) {
    this.engine = engine;
    this.handle = handle;
    this.sizes = sizes;
  }

  static Dataset create(Engine engine, MemorySegment engineHandle, TokenTable table) {
    int vocabulary = table.vocabulary();
    Sizes sizes = new Sizes(table.rows(), vocabulary, table.sequenceLength(), vocabulary, 1, 0, 0);
    return create(
        engine,
        engineHandle,
        groklab_h::groklab_dataset_create,
        arena -> DatasetStructs.options(arena, table),
        sizes);
  }

  static Dataset create(Engine engine, MemorySegment engineHandle, FeatureTable table) {
    Sizes sizes = new Sizes(table.rows(), 0, 0, table.classes(), 1, table.features(), 0);
    return create(
        engine,
        engineHandle,
        groklab_h::groklab_features_create,
        arena -> DatasetStructs.options(arena, table),
        sizes);
  }

  static Dataset create(Engine engine, MemorySegment engineHandle, PairTable table) {
    Sizes sizes =
        new Sizes(
            table.rows(),
            0,
            0,
            table.targetVocabulary(),
            table.targetLength(),
            0,
            table.sourceLength());
    return create(
        engine,
        engineHandle,
        groklab_h::groklab_pairs_create,
        arena -> DatasetStructs.options(arena, table),
        sizes);
  }

  private static Dataset create(
      Engine engine,
      MemorySegment engineHandle,
      Creation creation,
      Function<Arena, MemorySegment> options,
      Sizes sizes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slot = Native.handleSlot(arena);
      Native.check(creation.create(engineHandle, options.apply(arena), slot));
      return new Dataset(engine, Native.handle(slot), sizes);
    }
  }

  /**
   * Replaces rows of a data set of features. Trainers see the new rows from their next call on; one
   * that is at work on another thread is waited for.
   *
   * @param firstRow number of the first row that is replaced
   * @param table the new rows, of the data set's sizes; with weights exactly if it was made with
   *     them
   * @throws IllegalArgumentException if the rows do not fit the data set, a number is not finite,
   *     or a target is outside the classes; nothing is written then
   * @throws IllegalStateException if the data set is closed
   */
  public void write(int firstRow, FeatureTable table) {
    try (Guard.Use _ = guard.share();
        Arena arena = Arena.ofConfined()) {
      Arguments.requireLength("a row of the table", table.features(), sizes.features());
      Native.check(
          groklab_h.groklab_features_write(
              handle,
              firstRow,
              table.rows(),
              DatasetStructs.floats(arena, table),
              DatasetStructs.ints(arena, table.targets()),
              DatasetStructs.weights(arena, table)));
    }
  }

  /**
   * Replaces rows of a data set of pairs, as {@link #write(int, FeatureTable)} does.
   *
   * @param firstRow number of the first row that is replaced
   * @param table the new rows, of the data set's lengths
   * @throws IllegalArgumentException if the rows do not fit the data set or a sequence is not
   *     allowed; nothing is written then
   * @throws IllegalStateException if the data set is closed
   */
  public void write(int firstRow, PairTable table) {
    try (Guard.Use _ = guard.share();
        Arena arena = Arena.ofConfined()) {
      Arguments.requireLength("a source of the table", table.sourceLength(), sizes.sourceLength());
      Arguments.requireLength("a target of the table", table.targetLength(), sizes.answers());
      Native.check(
          groklab_h.groklab_pairs_write(
              handle,
              firstRow,
              table.rows(),
              DatasetStructs.ints(arena, table.sources()),
              DatasetStructs.ints(arena, table.targets())));
    }
  }

  /** Begins a call that reads the data set. */
  Guard.Use use() {
    return guard.share();
  }

  /** To be used inside {@link #use()}. */
  MemorySegment handle() {
    return handle;
  }

  boolean belongsTo(Engine other) {
    return engine == other;
  }

  /**
   * Number of rows.
   *
   * @return at least 1
   * @throws IllegalStateException if the data set is closed
   */
  public int rows() {
    guard.requireOpen();
    return sizes.rows();
  }

  /**
   * Number of symbols V of token sequences.
   *
   * @return at least 2; 0 for other rows
   * @throws IllegalStateException if the data set is closed
   */
  public int vocabulary() {
    guard.requireOpen();
    return sizes.vocabulary();
  }

  /**
   * Tokens in a row of token sequences.
   *
   * @return at least 1; 0 for other rows
   * @throws IllegalStateException if the data set is closed
   */
  public int sequenceLength() {
    guard.requireOpen();
    return sizes.sequenceLength();
  }

  /**
   * Number of logits of an answer: V, or the classes, or the symbols of the targets.
   *
   * @return at least 2
   * @throws IllegalStateException if the data set is closed
   */
  public int classes() {
    guard.requireOpen();
    return sizes.classes();
  }

  /** Answers of a row: 1, or as many as a target sequence can have. */
  int answers() {
    return sizes.answers();
  }

  /** Numbers of a row; 0: its rows are no vectors. */
  int features() {
    return sizes.features();
  }

  /** Gives the native copy of the table back. */
  @Override
  public void close() {
    guard.close(() -> Native.check(groklab_h.groklab_dataset_destroy(handle)));
  }
}

package dev.groklab.engine;

import dev.groklab.data.TokenTable;
import dev.groklab.ffi.groklab_dataset_options;
import dev.groklab.ffi.groklab_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A token table held by an engine. May be used by any number of threads, and closed before the
 * trainers that use it.
 */
public final class Dataset implements AutoCloseable {

  private final Engine engine;
  private final MemorySegment handle;
  private final Guard guard = new Guard("data set");
  private final int rows;
  private final int vocabulary;
  private final int sequenceLength;

  private Dataset(Engine engine, MemorySegment handle, TokenTable table) {
    this.engine = engine;
    this.handle = handle;
    this.rows = table.rows();
    this.vocabulary = table.vocabulary();
    this.sequenceLength = table.sequenceLength();
  }

  static Dataset create(Engine engine, MemorySegment engineHandle, TokenTable table) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options = Native.struct(arena, groklab_dataset_options.layout());
      groklab_dataset_options.vocabulary(options, table.vocabulary());
      groklab_dataset_options.sequence_length(options, table.sequenceLength());
      groklab_dataset_options.rows(options, table.rows());
      groklab_dataset_options.tokens(
          options, arena.allocateFrom(ValueLayout.JAVA_INT, table.tokens()));
      groklab_dataset_options.targets(
          options, arena.allocateFrom(ValueLayout.JAVA_INT, table.targets()));
      MemorySegment slot = Native.handleSlot(arena);
      Native.check(groklab_h.groklab_dataset_create(engineHandle, options, slot));
      return new Dataset(engine, Native.handle(slot), table);
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
    return rows;
  }

  /**
   * Number of symbols V.
   *
   * @return at least 2
   * @throws IllegalStateException if the data set is closed
   */
  public int vocabulary() {
    guard.requireOpen();
    return vocabulary;
  }

  /**
   * Tokens in a row.
   *
   * @return at least 1
   * @throws IllegalStateException if the data set is closed
   */
  public int sequenceLength() {
    guard.requireOpen();
    return sequenceLength;
  }

  /** Gives the native copy of the table back. */
  @Override
  public void close() {
    guard.close(() -> Native.check(groklab_h.groklab_dataset_destroy(handle)));
  }
}

package dev.groklab.engine;

import dev.groklab.data.FeatureTable;
import dev.groklab.data.PairTable;
import dev.groklab.data.TokenTable;
import dev.groklab.ffi.groklab_dataset_options;
import dev.groklab.ffi.groklab_features_options;
import dev.groklab.ffi.groklab_pairs_options;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Translates tables into the ABI's structs. */
final class DatasetStructs {

  private DatasetStructs() {}

  static MemorySegment options(Arena arena, TokenTable table) {
    MemorySegment options = Native.struct(arena, groklab_dataset_options.layout());
    groklab_dataset_options.vocabulary(options, table.vocabulary());
    groklab_dataset_options.sequence_length(options, table.sequenceLength());
    groklab_dataset_options.rows(options, table.rows());
    groklab_dataset_options.tokens(options, ints(arena, table.tokens()));
    groklab_dataset_options.targets(options, ints(arena, table.targets()));
    return options;
  }

  static MemorySegment options(Arena arena, FeatureTable table) {
    MemorySegment options = Native.struct(arena, groklab_features_options.layout());
    groklab_features_options.classes(options, table.classes());
    groklab_features_options.channels(options, table.channels());
    groklab_features_options.height(options, table.height());
    groklab_features_options.width(options, table.width());
    groklab_features_options.rows(options, table.rows());
    groklab_features_options.values(options, floats(arena, table));
    groklab_features_options.targets(options, ints(arena, table.targets()));
    groklab_features_options.weights(options, weights(arena, table));
    return options;
  }

  static MemorySegment options(Arena arena, PairTable table) {
    MemorySegment options = Native.struct(arena, groklab_pairs_options.layout());
    groklab_pairs_options.source_vocabulary(options, table.sourceVocabulary());
    groklab_pairs_options.source_length(options, table.sourceLength());
    groklab_pairs_options.target_vocabulary(options, table.targetVocabulary());
    groklab_pairs_options.target_length(options, table.targetLength());
    groklab_pairs_options.rows(options, table.rows());
    groklab_pairs_options.sources(options, ints(arena, table.sources()));
    groklab_pairs_options.targets(options, ints(arena, table.targets()));
    return options;
  }

  static MemorySegment floats(Arena arena, FeatureTable table) {
    return arena.allocateFrom(ValueLayout.JAVA_FLOAT, table.values());
  }

  static MemorySegment ints(Arena arena, int[] values) {
    return arena.allocateFrom(ValueLayout.JAVA_INT, values);
  }

  /** Null where all rows weigh the same. */
  static MemorySegment weights(Arena arena, FeatureTable table) {
    return table
        .weights()
        .map(weights -> arena.allocateFrom(ValueLayout.JAVA_DOUBLE, weights))
        .orElse(MemorySegment.NULL);
  }
}

// Ops that make batches and keep count of steps, so that a device can run a whole chunk of steps
// without the host: rows of the data set become a prefix tree (ops/batch.h) where they lie.
//
// All arrays are the backend's own memory. The same rules hold as for ops.h.
#pragma once

#include <cstdint>
#include <span>

#include "core/views.h"

namespace groklab {

/// How the rows of a batch become a tree whose shape depends on nothing but the data set and the
/// batch capacity B, so that a step can be recorded once: a level (position) of at most B distinct
/// prefixes in the whole data set has all of them as nodes, the same in every batch; on the S
/// levels for which that is so nodes are shared, and from there on each row has nodes of its own.
/// Row i's node at level t ≥ S is first_node + (t − S)·B + i; its leaf is i.
///
/// Rows beyond a replica's size are padding: they repeat its first row and count for nothing.
struct TreeRows {
  // The data set: one for all replicas.
  Matrices<const std::int32_t> tokens;        ///< [1, rows, T]
  Indices targets;                            ///< [1, rows]
  Matrices<const std::int32_t> shared_nodes;  ///< [1, rows, S] a row's node at each shared level
  Indices shared_pairs;  ///< [1, T·V] pair of position·V + token, where that position's are shared
  Indices row_pairs;  ///< [1, T] −1 for such a position; else its first pair, row i's being + i
  std::int64_t first_node = 0;  ///< number of shared nodes

  // The batch.
  Indices rows;   ///< [R, B] rows of the data set
  Indices sizes;  ///< [R, 1] how many of them count, 0 … B; with 0, row 0 of the data set pads

  // Out. What belongs to shared nodes and shared pairs is left as it is.
  Vectors<std::int32_t> pair_tokens;   ///< [R, pairs]
  Vectors<std::int32_t> node_pairs;    ///< [R, nodes]
  Vectors<std::int32_t> node_parents;  ///< [R, nodes] −1 at level 0
  /// [R, nodes] first_node + (t − S)·size + i: a node's number without padding; 0 for padding
  Vectors<std::int32_t> node_numbers;
  Matrices<std::int32_t> pair_paths;   ///< [R, nodes, T] pair at each position, −1 beyond its own
  Matrices<std::int32_t> node_paths;   ///< [R, nodes, T] node at each position, −1 beyond its own
  Vectors<std::int32_t> leaf_targets;  ///< [R, B]
  Vectors<std::int32_t> leaf_counts;   ///< [R, B] 1, or 0 for padding
};

/// Flat arrays of an encoder–decoder's places: source place i·S + s is position s of row i's source,
/// target place i·U + u position u of its target, which is asked for what comes next there. A row's
/// places after its end are padding: they have the token 0 and answer nothing, and nobody attends to
/// them. So masks are no numbers added to scores, but keys that are not there.
struct SequenceRows {
  // The data set.
  Matrices<const std::int32_t> sources;  ///< [R, rows, S] at least one token; −1 after the end
  Matrices<const std::int32_t>
      sequences;       ///< [R, rows, U + 1] at least two tokens; −1 after the end
  bool causal = true;  ///< whether a target place sees itself and those before it; else all

  // The batch.
  Indices rows;     ///< [R, B] rows of the data set
  Indices counts;   ///< [R, B] how often a row counts; 0 for padding
  Indices numbers;  ///< [R, B] rows' numbers without padding

  // Out.
  Vectors<std::int32_t> source_tokens;     ///< [R, B·S]
  Vectors<std::int32_t> source_positions;  ///< [R, B·S] s
  Vectors<std::int32_t> source_numbers;    ///< [R, B·S] row's number·S + s
  Matrices<std::int32_t> source_paths;     ///< [R, B·S, S] source places that a source place sees
  Vectors<std::int32_t> target_tokens;     ///< [R, B·U]
  Vectors<std::int32_t> target_positions;  ///< [R, B·U] u
  Vectors<std::int32_t> target_numbers;    ///< [R, B·U] row's number·U + u
  Matrices<std::int32_t> target_paths;     ///< [R, B·U, U] target places that a target place sees
  Matrices<std::int32_t> cross_paths;      ///< [R, B·U, S] source places that a target place sees
  Vectors<std::int32_t> answers;           ///< [R, B·U] the token after; 0 for padding
  Vectors<std::int32_t> answer_counts;     ///< [R, B·U] its row's count; 0 for padding
};

/// Lists to be made: item i goes to list keys[i], in order of i; a negative key to none.
struct ListsOf {
  Indices keys;                   ///< [R, N] below the number of lists
  Vectors<std::int32_t> offsets;  ///< out: [R, lists + 1]
  Vectors<std::int32_t> items;    ///< out: [R, N], written as far as there are keys ≥ 0
};

/// The most lists that one call makes.
inline constexpr std::size_t kMostLists = 8;

class BatchOps {
 public:
  BatchOps() = default;
  BatchOps(const BatchOps&) = delete;
  BatchOps& operator=(const BatchOps&) = delete;
  virtual ~BatchOps();

  /// record[r] = table[r, *cursor]; table [R, steps, W], record [R, W] words of any content.
  virtual void begin_step(const std::int64_t* cursor, Matrices<const std::int32_t> table,
                          Vectors<std::int32_t> record) = 0;

  /// table[r, *cursor] = results[r], then the cursor moves on by one; results [R, n], table
  /// [R, steps, n].
  virtual void end_step(std::int64_t* cursor, Vectors<const double> results,
                        Matrices<double> table) = 0;

  virtual void fill_tree(const TreeRows& args) = 0;
  virtual void fill_sequences(const SequenceRows& args) = 0;

  /// @param jobs at most kMostLists, of the same R.
  virtual void make_lists(std::span<const ListsOf> jobs) = 0;
};

}  // namespace groklab

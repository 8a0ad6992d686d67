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

  /// @param jobs at most kMostLists, of the same R.
  virtual void make_lists(std::span<const ListsOf> jobs) = 0;
};

}  // namespace groklab

// What a model sees of a batch: a prefix tree over its rows, as arrays in the backend's memory.
//
// In a causal model the state at a position depends only on the tokens up to it. Rows that begin
// alike therefore share nodes: a node is a distinct prefix. Nodes are numbered level by level
// (a level is a position), so the nodes of the last position, the leaves, come last. The first
// layer sees even less: its inputs are distinct (token, position) pairs. A dense batch is the tree
// in which nothing is shared.
#pragma once

#include <cstdint>
#include <span>

#include "core/views.h"

namespace groklab {

/// Which key rows each query attends to, and, for the gradients, which queries use a key row.
struct AttentionPaths {
  Matrices<const std::int32_t> path;  ///< [R, queries, T] key row at each position; −1 beyond
  Lists uses;  ///< key row → entries query·T + position; for gradients only
};

/// Which lists the backward pass of a model reads; the others need not be made.
struct BatchNeeds {
  bool embeds = true;  ///< pairs_of_token and pairs_of_position
  bool pairs_from_nodes = false;
  bool nodes_from_nodes = false;
  bool pairs_from_leaves = false;
  bool nodes_from_leaves = false;
  bool nodes_of_pair = false;
  bool leaves_of_pair = false;
  bool nodes_of_parent = false;
};

struct Batch {
  std::int64_t replicas = 1;
  std::int64_t sequence_length = 0;  ///< T
  std::int64_t pairs = 0;            ///< distinct (token, position)
  std::int64_t nodes = 0;            ///< distinct prefixes
  std::int64_t leaves = 0;           ///< distinct rows: nodes [nodes − leaves, nodes)

  /// [T + 1], on the host: position t has the pairs first_pairs[t] … first_pairs[t + 1] − 1, and
  /// level t the nodes first_nodes[t] … first_nodes[t + 1] − 1.
  std::span<const std::int64_t> first_pairs;
  std::span<const std::int64_t> first_nodes;

  Indices pair_tokens;     ///< [R, pairs]
  Indices pair_positions;  ///< [R, pairs]
  Indices node_pairs;      ///< [R, nodes] pair of a node's own token and position
  Indices node_parents;  ///< [R, nodes] node of the prefix without the last token; −1 at level 0
  Indices node_numbers;  ///< [R, nodes] a node's number without padding: dropout's masks use it

  AttentionPaths pairs_from_nodes;  ///< keys are pairs, queries nodes: a first layer
  AttentionPaths nodes_from_nodes;  ///< keys and queries nodes: a layer in between

  /// The same, but only the leaves ask: a last layer. The paths are the last rows of those above.
  AttentionPaths pairs_from_leaves;
  AttentionPaths nodes_from_leaves;

  // For gradients only; empty where BatchNeeds does not ask for them.
  Lists nodes_of_pair;      ///< pair → nodes
  Lists leaves_of_pair;     ///< pair → leaves, numbered from 0
  Lists nodes_of_parent;    ///< node → nodes of the next level that go on from it
  Lists pairs_of_token;     ///< token of the vocabulary → pairs
  Lists pairs_of_position;  ///< row of the position table → pairs

  Indices leaf_targets;  ///< [R, leaves]
  Indices leaf_counts;   ///< [R, leaves] rows of the batch that a leaf stands for
};

}  // namespace groklab

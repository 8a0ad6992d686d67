#include "train/host_batch.h"

#include <algorithm>
#include <array>

#include "core/lists.h"

namespace groklab {

namespace {

Indices view(const std::vector<std::int32_t>& values) {
  return contiguous(values.data(), 1, static_cast<std::int64_t>(values.size()));
}

}  // namespace

void HostBatch::build(const Dataset& dataset, std::span<const std::int32_t> rows, bool share,
                      bool gradients) {
  builder_.build(dataset, rows, share, tree_);
  view_tree();
  if (gradients) make_lists();
}

void HostBatch::view_tree() {
  const std::int64_t length = tree_.sequence_length;
  pair_paths_.resize(tree_.node_paths.size());
  std::ranges::transform(tree_.node_paths, pair_paths_.begin(), [&](std::int32_t node) {
    return node < 0 ? -1 : tree_.node_pairs[static_cast<std::size_t>(node)];
  });
  while (static_cast<std::int64_t>(numbers_.size()) < tree_.nodes()) {
    numbers_.push_back(static_cast<std::int32_t>(numbers_.size()));
  }

  batch_ = {};
  batch_.sequence_length = length;
  batch_.pairs = tree_.pairs();
  batch_.nodes = tree_.nodes();
  batch_.leaves = tree_.leaves();
  batch_.first_pairs = tree_.first_pairs;
  batch_.first_nodes = tree_.first_nodes;
  batch_.pair_tokens = view(tree_.pair_tokens);
  batch_.pair_positions = view(tree_.pair_positions);
  batch_.node_pairs = view(tree_.node_pairs);
  batch_.node_parents = view(tree_.node_parents);
  batch_.node_numbers = view(numbers_).slice(0, batch_.nodes);
  batch_.leaf_targets = view(tree_.leaf_targets);
  batch_.leaf_counts = view(tree_.leaf_counts);
  const std::int64_t first_leaf = batch_.nodes - batch_.leaves;
  const auto paths_in = [&](const std::vector<std::int32_t>& values) {
    return contiguous(values.data(), 1, batch_.nodes, length);
  };
  batch_.pairs_from_nodes.path = paths_in(pair_paths_);
  batch_.nodes_from_nodes.path = paths_in(tree_.node_paths);
  batch_.pairs_from_leaves.path =
      batch_.pairs_from_nodes.path.slice_rows(first_leaf, batch_.leaves);
  batch_.nodes_from_leaves.path =
      batch_.nodes_from_nodes.path.slice_rows(first_leaf, batch_.leaves);
}

void HostBatch::make_lists() {
  struct Wanted {
    bool needed;
    Lists& lists;
    std::int64_t count;
    Indices keys;
  };
  const Indices leaf_pairs = batch_.node_pairs.slice(batch_.nodes - batch_.leaves, batch_.leaves);
  const std::array<Wanted, 9> all{{
      {needs_.pairs_from_nodes, batch_.pairs_from_nodes.uses, batch_.pairs,
       flatten(batch_.pairs_from_nodes.path)},
      {needs_.nodes_from_nodes, batch_.nodes_from_nodes.uses, batch_.nodes,
       flatten(batch_.nodes_from_nodes.path)},
      {needs_.pairs_from_leaves, batch_.pairs_from_leaves.uses, batch_.pairs,
       flatten(batch_.pairs_from_leaves.path)},
      {needs_.nodes_from_leaves, batch_.nodes_from_leaves.uses, batch_.nodes,
       flatten(batch_.nodes_from_leaves.path)},
      {needs_.nodes_of_pair, batch_.nodes_of_pair, batch_.pairs, batch_.node_pairs},
      {needs_.leaves_of_pair, batch_.leaves_of_pair, batch_.pairs, leaf_pairs},
      {needs_.nodes_of_parent, batch_.nodes_of_parent, batch_.nodes, batch_.node_parents},
      {true, batch_.pairs_of_token, vocabulary_, batch_.pair_tokens},
      {true, batch_.pairs_of_position, positions_, batch_.pair_positions},
  }};
  std::size_t size = 0;
  for (const Wanted& wanted : all) {
    if (wanted.needed) size += static_cast<std::size_t>(wanted.count + 1 + wanted.keys.size);
  }
  if (lists_.size() < size) lists_.resize(size);
  std::int32_t* next = lists_.data();
  for (const Wanted& wanted : all) {
    if (!wanted.needed) continue;
    std::int32_t* const offsets = next;
    std::int32_t* const items = offsets + wanted.count + 1;
    next = items + wanted.keys.size;
    fill_lists({wanted.keys.data, static_cast<std::size_t>(wanted.keys.size)}, wanted.count,
               offsets, items);
    wanted.lists = {contiguous<const std::int32_t>(offsets, 1, wanted.count + 1),
                    contiguous<const std::int32_t>(items, 1, wanted.keys.size)};
  }
}

}  // namespace groklab

#include "train/host_batch.h"

#include <algorithm>
#include <array>

#include "core/lists.h"

namespace groklab {

namespace {

Indices view(const std::pmr::vector<std::int32_t>& values) {
  return contiguous(values.data(), 1, static_cast<std::int64_t>(values.size()));
}

}  // namespace

Batch batch_of(const TreeBounds& bounds) {
  Batch batch;
  batch.sequence_length = static_cast<std::int64_t>(bounds.first_nodes.size()) - 1;
  batch.pairs = bounds.pairs();
  batch.nodes = bounds.nodes();
  batch.leaves = bounds.leaves;
  batch.first_pairs = bounds.first_pairs;
  batch.first_nodes = bounds.first_nodes;
  const auto indices = [](std::int64_t size) {
    return contiguous<const std::int32_t>(nullptr, 1, size);
  };
  const auto paths = [&](std::int64_t queries) {
    return contiguous<const std::int32_t>(nullptr, 1, queries, batch.sequence_length);
  };
  batch.pair_tokens = batch.pair_positions = indices(batch.pairs);
  batch.node_pairs = batch.node_parents = batch.node_numbers = indices(batch.nodes);
  batch.leaf_targets = batch.leaf_counts = indices(batch.leaves);
  batch.pairs_from_nodes.path = batch.nodes_from_nodes.path = paths(batch.nodes);
  batch.pairs_from_leaves.path = batch.nodes_from_leaves.path = paths(batch.leaves);
  return batch;
}

struct HostBatch::Wanted {
  bool needed;
  Lists& lists;
  std::int64_t count;
  Indices keys;

  /// Elements of its offsets and items.
  [[nodiscard]] std::size_t size() const {
    return needed ? static_cast<std::size_t>(count + 1 + keys.size) : 0;
  }
};

std::array<HostBatch::Wanted, HostBatch::kLists> HostBatch::all_lists(Batch& batch) const {
  const Indices leaf_pairs = batch.node_pairs.slice(batch.nodes - batch.leaves, batch.leaves);
  return {{
      {needs_.pairs_from_nodes, batch.pairs_from_nodes.uses, batch.pairs,
       flatten(batch.pairs_from_nodes.path)},
      {needs_.nodes_from_nodes, batch.nodes_from_nodes.uses, batch.nodes,
       flatten(batch.nodes_from_nodes.path)},
      {needs_.pairs_from_leaves, batch.pairs_from_leaves.uses, batch.pairs,
       flatten(batch.pairs_from_leaves.path)},
      {needs_.nodes_from_leaves, batch.nodes_from_leaves.uses, batch.nodes,
       flatten(batch.nodes_from_leaves.path)},
      {needs_.nodes_of_pair, batch.nodes_of_pair, batch.pairs, batch.node_pairs},
      {needs_.leaves_of_pair, batch.leaves_of_pair, batch.pairs, leaf_pairs},
      {needs_.nodes_of_parent, batch.nodes_of_parent, batch.nodes, batch.node_parents},
      {needs_.embeds, batch.pairs_of_token, vocabulary_, batch.pair_tokens},
      {needs_.embeds, batch.pairs_of_position, positions_, batch.pair_positions},
  }};
}

void HostBatch::reserve(const Dataset& dataset, const TreeBounds& bounds, bool gradients) {
  builder_.reserve(dataset, bounds.rows);
  tree_.reserve(bounds);
  pair_paths_.reserve(static_cast<std::size_t>(bounds.nodes() * dataset.sequence_length()));
  numbers_.reserve(static_cast<std::size_t>(bounds.nodes()));
  if (!gradients) return;
  Batch largest = batch_of(bounds);
  std::size_t size = 0;
  for (const Wanted& wanted : all_lists(largest)) size += wanted.size();
  lists_.reserve(size);
}

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
  const auto paths_in = [&](const std::pmr::vector<std::int32_t>& values) {
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
  const std::array<Wanted, kLists> all = all_lists(batch_);
  std::size_t size = 0;
  for (const Wanted& wanted : all) size += wanted.size();
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

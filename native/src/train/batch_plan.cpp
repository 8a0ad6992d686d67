#include "train/batch_plan.h"

#include <algorithm>

#include "core/lists.h"

namespace groklab {

namespace {

/// Views of the host copy are read-only like the device's; this is where it is written.
std::int32_t* writable(const Indices& view, std::int64_t replica) {
  return const_cast<std::int32_t*>(view.replica(replica));
}

void write_lists(const Lists& lists, std::int64_t replica, std::span<const std::int32_t> keys) {
  fill_lists(keys, lists.size(), writable(lists.offsets, replica), writable(lists.items, replica));
}

std::span<const std::int32_t> entries(const Matrices<const std::int32_t>& path,
                                      std::int64_t replica, std::int64_t rows) {
  return {path.row(replica, 0), static_cast<std::size_t>(rows * path.cols)};
}

}  // namespace

std::int64_t BatchPlan::lay_out(const Batch& shape, bool gradients, std::int32_t* base,
                                Batch& out) const {
  std::int64_t used = 0;
  const auto take = [&](std::int64_t size) -> Indices {
    const std::int64_t offset = used;
    used += shape.replicas * size;
    return {base == nullptr ? nullptr : base + offset, shape.replicas, size, size};
  };
  const auto take_paths = [&]() -> Matrices<const std::int32_t> {
    const std::int64_t length = shape.sequence_length;
    return contiguous(take(shape.nodes * length).data, shape.replicas, shape.nodes, length);
  };
  const auto take_lists = [&](std::int64_t lists, std::int64_t items) -> Lists {
    const Indices offsets = take(lists + 1);
    return {offsets, take(items)};
  };

  out = shape;
  out.pair_tokens = take(shape.pairs);
  out.pair_positions = take(shape.pairs);
  out.node_pairs = take(shape.nodes);
  out.node_numbers = take(shape.nodes);
  out.leaf_targets = take(shape.leaves);
  out.leaf_counts = take(shape.leaves);
  out.pairs_from_nodes.path = take_paths();
  out.nodes_from_nodes.path = take_paths();
  const std::int64_t first_leaf = shape.nodes - shape.leaves;
  out.pairs_from_leaves.path = out.pairs_from_nodes.path.slice_rows(first_leaf, shape.leaves);
  out.nodes_from_leaves.path = out.nodes_from_nodes.path.slice_rows(first_leaf, shape.leaves);
  if (gradients) {
    const std::int64_t length = shape.sequence_length;
    out.pairs_from_nodes.uses = take_lists(shape.pairs, shape.nodes * length);
    out.nodes_from_nodes.uses = take_lists(shape.nodes, shape.nodes * length);
    out.pairs_from_leaves.uses = take_lists(shape.pairs, shape.leaves * length);
    out.nodes_from_leaves.uses = take_lists(shape.nodes, shape.leaves * length);
    out.nodes_of_pair = take_lists(shape.pairs, shape.nodes);
    out.leaves_of_pair = take_lists(shape.pairs, shape.leaves);
    out.pairs_of_token = take_lists(vocabulary_, shape.pairs);
    out.pairs_of_position = take_lists(positions_, shape.pairs);
  }
  return used;
}

void BatchPlan::fill(const Batch& host, const PrefixTree& tree, std::int64_t replica) {
  // Padding comes before the leaves, which must stay the last nodes, and behind the pairs.
  const std::int64_t length = host.sequence_length;
  const std::int64_t inner = tree.nodes() - tree.leaves();
  const std::int64_t padding = host.nodes - host.leaves - inner;
  const auto moved = [&](std::int64_t node) { return node < inner ? node : node + padding; };

  const auto fill_padded = [&](const Indices& view, const std::vector<std::int32_t>& values) {
    std::int32_t* const to = writable(view, replica);
    std::fill(std::copy(values.begin(), values.end(), to), to + view.size, 0);
  };
  fill_padded(host.pair_tokens, tree.pair_tokens);
  fill_padded(host.pair_positions, tree.pair_positions);
  fill_padded(host.leaf_targets, tree.leaf_targets);
  fill_padded(host.leaf_counts, tree.leaf_counts);

  std::int32_t* const node_pairs = writable(host.node_pairs, replica);
  auto* const node_paths = const_cast<std::int32_t*>(host.nodes_from_nodes.path.row(replica, 0));
  auto* const pair_paths = const_cast<std::int32_t*>(host.pairs_from_nodes.path.row(replica, 0));
  std::fill_n(node_paths, host.nodes * length, -1);
  std::fill_n(pair_paths, host.nodes * length, -1);
  std::int32_t* const node_numbers = writable(host.node_numbers, replica);
  std::fill_n(node_pairs, host.nodes, 0);
  std::fill_n(node_numbers, host.nodes, 0);
  if (tree.nodes() != host.nodes) {
    for (std::int64_t node = 0; node < host.nodes; ++node) {
      node_paths[node * length] = static_cast<std::int32_t>(node);
      pair_paths[node * length] = 0;
    }
  }
  for (std::int64_t node = 0; node < tree.nodes(); ++node) {
    const std::int64_t to = moved(node);
    node_numbers[to] = static_cast<std::int32_t>(node);
    node_pairs[to] = tree.node_pairs[static_cast<std::size_t>(node)];
    for (std::int64_t t = 0; t < length; ++t) {
      const std::int32_t from = tree.node_paths[static_cast<std::size_t>(node * length + t)];
      node_paths[to * length + t] = from < 0 ? -1 : static_cast<std::int32_t>(moved(from));
      pair_paths[to * length + t] = from < 0 ? -1 : tree.node_pairs[static_cast<std::size_t>(from)];
    }
  }
}

void BatchPlan::fill_gradient_lists(const Batch& host, const PrefixTree& tree,
                                    std::int64_t replica) {
  const auto fill_uses = [&](const AttentionPaths& paths) {
    write_lists(paths.uses, replica, entries(paths.path, replica, paths.path.rows));
  };
  fill_uses(host.pairs_from_nodes);
  fill_uses(host.nodes_from_nodes);
  fill_uses(host.pairs_from_leaves);
  fill_uses(host.nodes_from_leaves);
  const std::span<const std::int32_t> node_pairs(host.node_pairs.replica(replica),
                                                 static_cast<std::size_t>(host.nodes));
  write_lists(host.nodes_of_pair, replica, node_pairs);
  write_lists(host.leaves_of_pair, replica, node_pairs.last(static_cast<std::size_t>(host.leaves)));
  write_lists(host.pairs_of_token, replica, tree.pair_tokens);
  write_lists(host.pairs_of_position, replica, tree.pair_positions);
}

const Batch& BatchPlan::pack(std::span<const PrefixTree> trees, bool gradients) {
  Batch shape;
  shape.replicas = static_cast<std::int64_t>(trees.size());
  shape.sequence_length = trees.front().sequence_length;
  std::int64_t inner = 0;
  for (const PrefixTree& tree : trees) {
    shape.pairs = std::max(shape.pairs, tree.pairs());
    shape.leaves = std::max(shape.leaves, tree.leaves());
    inner = std::max(inner, tree.nodes() - tree.leaves());
  }
  shape.nodes = inner + shape.leaves;

  Batch host;
  const std::int64_t total = lay_out(shape, gradients, nullptr, host);
  if (static_cast<std::int64_t>(host_.size()) < total) {
    host_.resize(static_cast<std::size_t>(total));
    device_ = DeviceArray<std::int32_t>(backend_, total);
  }
  lay_out(shape, gradients, host_.data(), host);
  lay_out(shape, gradients, device_.data(), batch_);
  for (std::size_t r = 0; r < trees.size(); ++r) {
    fill(host, trees[r], static_cast<std::int64_t>(r));
    if (gradients) fill_gradient_lists(host, trees[r], static_cast<std::int64_t>(r));
  }
  backend_->upload(device_.data(), host_.data(),
                   static_cast<std::size_t>(total) * sizeof(std::int32_t));
  return batch_;
}

}  // namespace groklab

#include "train/prefix_tree.h"

#include <algorithm>
#include <cstddef>

namespace groklab {

namespace {

std::int32_t common_prefix(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  const auto difference = std::ranges::mismatch(a, b);
  return static_cast<std::int32_t>(difference.in1 - a.begin());
}

}  // namespace

TreeBounds::TreeBounds(const Dataset& dataset, std::int64_t most_rows, bool share)
    : rows(most_rows), leaves(share ? std::min(most_rows, dataset.rows()) : most_rows) {
  const std::int64_t length = dataset.sequence_length();
  for (std::int64_t t = 0; t < length; ++t) {
    // Leaves are rows, which may agree in all tokens.
    const bool is_last = t + 1 == length;
    const std::int64_t prefixes = is_last ? leaves : std::min(rows, dataset.prefixes(t));
    first_nodes.push_back(nodes() + (share ? prefixes : rows));
    first_pairs.push_back(pairs() + (share ? std::min(rows, dataset.distinct_tokens(t)) : rows));
  }
}

void PrefixTree::reserve(const TreeBounds& bounds) {
  const auto pairs = static_cast<std::size_t>(bounds.pairs());
  const auto nodes = static_cast<std::size_t>(bounds.nodes());
  const auto leaves = static_cast<std::size_t>(bounds.leaves);
  const std::size_t ends = bounds.first_nodes.size();
  pair_tokens.reserve(pairs);
  pair_positions.reserve(pairs);
  node_pairs.reserve(nodes);
  node_paths.reserve(nodes * (ends - 1));
  node_parents.reserve(nodes);
  leaf_targets.reserve(leaves);
  leaf_counts.reserve(leaves);
  first_pairs.reserve(ends);
  first_nodes.reserve(ends);
}

void PrefixTreeBuilder::reserve(const Dataset& dataset, std::int64_t rows) {
  const auto length = static_cast<std::size_t>(dataset.sequence_length());
  order_.reserve(static_cast<std::size_t>(rows));
  shared_.reserve(static_cast<std::size_t>(rows));
  level_.reserve(length);
  path_.reserve(length);
  pair_of_.reserve(length * static_cast<std::size_t>(dataset.vocabulary()));
}

void PrefixTreeBuilder::build(const Dataset& dataset, std::span<const std::int32_t> rows,
                              bool share, PrefixTree& tree) {
  const auto length = static_cast<std::size_t>(dataset.sequence_length());
  tree.sequence_length = dataset.sequence_length();
  order_.assign(rows.begin(), rows.end());
  if (share) {
    std::ranges::sort(order_, {}, [&](std::int32_t row) { return dataset.rank(row); });
  }

  // Leaves: distinct rows, how often each occurs, and how much it shares with the one before.
  tree.leaf_targets.clear();
  tree.leaf_counts.clear();
  shared_.clear();
  level_.assign(length, 0);
  std::size_t leaves = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (share && leaves > 0 && order_[leaves - 1] == order_[i]) {
      ++tree.leaf_counts.back();
      continue;
    }
    const std::int32_t row = order_[i];
    // Two rows may have the same tokens and other targets; each keeps a leaf of its own.
    const std::int32_t shared =
        share && leaves > 0
            ? std::min(common_prefix(dataset.tokens(order_[leaves - 1]), dataset.tokens(row)),
                       static_cast<std::int32_t>(length) - 1)
            : 0;
    order_[leaves++] = row;
    shared_.push_back(shared);
    tree.leaf_targets.push_back(dataset.target(row));
    tree.leaf_counts.push_back(1);
    for (std::size_t t = static_cast<std::size_t>(shared); t < length; ++t) ++level_[t];
  }

  // Nodes, level by level: turn the sizes of the levels into their first nodes.
  std::int32_t nodes = 0;
  tree.first_nodes.clear();
  for (std::int32_t& level : level_) {
    const std::int32_t size = level;
    level = nodes;
    tree.first_nodes.push_back(nodes);
    nodes += size;
  }
  tree.first_nodes.push_back(nodes);
  const auto node_count = static_cast<std::size_t>(nodes);
  tree.node_pairs.resize(node_count);
  tree.node_paths.assign(node_count * length, -1);
  tree.node_parents.resize(node_count);
  path_.resize(length);
  for (std::size_t i = 0; i < leaves; ++i) {
    const std::span<const std::int32_t> tokens = dataset.tokens(order_[i]);
    for (auto t = static_cast<std::size_t>(shared_[i]); t < length; ++t) {
      const std::int32_t node = level_[t]++;
      path_[t] = node;
      const auto at = static_cast<std::size_t>(node);
      std::copy_n(path_.begin(), t + 1,
                  tree.node_paths.begin() + static_cast<std::ptrdiff_t>(at * length));
      tree.node_parents[at] = t == 0 ? -1 : path_[t - 1];
      tree.node_pairs[at] = tokens[t];  // its token, until pairs are known
    }
  }

  // Pairs, in the order of the nodes that first have them; in a dense batch every node has its own.
  tree.pair_tokens.clear();
  tree.pair_positions.clear();
  tree.first_pairs.clear();
  const auto vocabulary = static_cast<std::size_t>(dataset.vocabulary());
  if (share) pair_of_.assign(length * vocabulary, -1);
  for (std::size_t t = 0; t < length; ++t) {
    tree.first_pairs.push_back(tree.pairs());
    const auto end = static_cast<std::size_t>(tree.first_nodes[t + 1]);
    for (auto node = static_cast<std::size_t>(tree.first_nodes[t]); node < end; ++node) {
      const std::int32_t token = tree.node_pairs[node];
      std::int32_t fresh = -1;
      std::int32_t& pair =
          share ? pair_of_[t * vocabulary + static_cast<std::size_t>(token)] : fresh;
      if (pair < 0) {
        pair = static_cast<std::int32_t>(tree.pairs());
        tree.pair_tokens.push_back(token);
        tree.pair_positions.push_back(static_cast<std::int32_t>(t));
      }
      tree.node_pairs[node] = pair;
    }
  }
  tree.first_pairs.push_back(tree.pairs());
}

}  // namespace groklab

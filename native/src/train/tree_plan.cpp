#include "train/tree_plan.h"

#include <algorithm>

#include "core/lists.h"

namespace groklab {

namespace {

Vectors<std::int32_t> writable(const Indices& view) {
  return {const_cast<std::int32_t*>(view.data), view.replicas, view.size, view.replica_stride};
}

Matrices<std::int32_t> writable(const Matrices<const std::int32_t>& view) {
  return {const_cast<std::int32_t*>(view.data),
          view.replicas,
          view.rows,
          view.cols,
          view.row_stride,
          view.replica_stride};
}

ListsOf lists_of(const Indices& keys, const Lists& lists) {
  return {keys, writable(lists.offsets), writable(lists.items)};
}

constexpr auto kIntBytes = static_cast<std::int64_t>(sizeof(std::int32_t));

}  // namespace

DeviceDataset::DeviceDataset(const std::shared_ptr<Backend>& backend, const Dataset& dataset)
    : rows_(dataset.rows()),
      length_(dataset.sequence_length()),
      array_(backend, bytes(dataset) / kIntBytes) {
  const std::span<const std::int32_t> tokens = dataset.all_tokens();
  backend->upload(array_.data(), tokens.data(), tokens.size_bytes());
  upload(*backend, dataset);
}

void DeviceDataset::upload(Backend& backend, const Dataset& dataset) {
  const std::span<const std::int32_t> targets = dataset.all_targets();
  backend.upload(array_.data() + rows_ * length_, targets.data(), targets.size_bytes());
}

std::int64_t DeviceDataset::bytes(const Dataset& dataset) {
  return dataset.rows() * (dataset.sequence_length() + 1) * kIntBytes;
}

TreePlan::TreePlan(const DatasetTree& tree, std::int64_t positions, std::int64_t capacity,
                   bool dense)
    : tree_(tree),
      positions_(positions),
      capacity_(capacity),
      length_(tree.dataset().sequence_length()),
      shared_pairs_(tree.memory()),
      row_pairs_(tree.memory()) {
  // Rows may agree in all tokens and differ in their targets: the leaves are never shared.
  first_nodes_.push_back(0);
  while (!dense && shared_levels_ + 1 < length_ && tree.prefixes(shared_levels_) <= capacity) {
    first_nodes_.push_back(first_nodes_.back() + tree.prefixes(shared_levels_));
    ++shared_levels_;
  }
  for (std::int64_t t = shared_levels_; t < length_; ++t) {
    first_nodes_.push_back(first_nodes_.back() + capacity);
  }
  nodes_ = first_nodes_.back();

  const std::int64_t vocabulary = tree.dataset().vocabulary();
  shared_pairs_.assign(static_cast<std::size_t>(length_ * vocabulary), -1);
  for (std::int64_t t = 0; t < length_; ++t) {
    const std::span<const std::int32_t> tokens = tree.tokens_at(t);
    const bool shared = !dense && static_cast<std::int64_t>(tokens.size()) <= capacity;
    first_pairs_.push_back(pairs_);
    row_pairs_.push_back(shared ? -1 : static_cast<std::int32_t>(pairs_));
    if (!shared) {
      pairs_ += capacity;
      continue;
    }
    for (const std::int32_t token : tokens) {
      shared_pairs_[static_cast<std::size_t>(t * vocabulary + token)] =
          static_cast<std::int32_t>(pairs_++);
    }
  }
  first_pairs_.push_back(pairs_);
}

bool TreePlan::any_own_pairs() const {
  return std::ranges::any_of(row_pairs_, [](std::int32_t first) { return first >= 0; });
}

/// Pair of a row's token at t, where that position's pairs are shared.
std::int32_t TreePlan::pair(std::int32_t row, std::int64_t t) const {
  const std::int32_t token = tree_.dataset().tokens(row)[static_cast<std::size_t>(t)];
  return shared_pairs_[static_cast<std::size_t>(t * tree_.dataset().vocabulary() + token)];
}

std::int64_t TreePlan::arrange(std::int64_t replicas, const BatchNeeds* needs, std::int32_t* base,
                               PlannedBatch& out) const {
  std::int64_t used = 0;
  const auto take = [&](std::int64_t size) -> Indices {
    const std::int64_t offset = used;
    used += replicas * size;
    return {base == nullptr ? nullptr : base + offset, replicas, size, size};
  };
  const auto take_paths = [&]() {
    return contiguous(take(nodes_ * length_).data, replicas, nodes_, length_);
  };
  const auto take_lists = [&](std::int64_t lists, std::int64_t items) -> Lists {
    const Indices offsets = take(lists + 1);
    return {offsets, take(items)};
  };

  Batch& batch = out.batch;
  batch.replicas = replicas;
  batch.sequence_length = length_;
  batch.pairs = pairs_;
  batch.nodes = nodes_;
  batch.leaves = capacity_;
  batch.first_pairs = first_pairs_;
  batch.first_nodes = first_nodes_;
  batch.pair_tokens = take(pairs_);
  batch.pair_positions = take(pairs_);
  batch.node_pairs = take(nodes_);
  batch.node_parents = take(nodes_);
  batch.node_numbers = take(nodes_);
  batch.leaf_targets = take(capacity_);
  batch.leaf_counts = take(capacity_);
  batch.pairs_from_nodes.path = take_paths();
  batch.nodes_from_nodes.path = take_paths();
  const std::int64_t first_leaf = nodes_ - capacity_;
  batch.pairs_from_leaves.path = batch.pairs_from_nodes.path.slice_rows(first_leaf, capacity_);
  batch.nodes_from_leaves.path = batch.nodes_from_nodes.path.slice_rows(first_leaf, capacity_);

  TreeRows& rows = out.rows;
  rows.first_node = first_nodes_[static_cast<std::size_t>(shared_levels_)];
  rows.pair_tokens = writable(batch.pair_tokens);
  rows.node_pairs = writable(batch.node_pairs);
  rows.node_parents = writable(batch.node_parents);
  rows.node_numbers = writable(batch.node_numbers);
  rows.pair_paths = writable(batch.pairs_from_nodes.path);
  rows.node_paths = writable(batch.nodes_from_nodes.path);
  rows.leaf_targets = writable(batch.leaf_targets);
  rows.leaf_counts = writable(batch.leaf_counts);

  out.lists.clear();
  if (needs == nullptr) return used;
  const auto make_lists = [&](Lists& lists, std::int64_t count, const Indices& keys) {
    lists = take_lists(count, keys.size);
    out.lists.push_back(lists_of(keys, lists));
  };
  const auto make_uses = [&](bool needed, AttentionPaths& paths, std::int64_t count) {
    if (needed) make_lists(paths.uses, count, flatten(paths.path));
  };
  make_uses(needs->pairs_from_nodes, batch.pairs_from_nodes, pairs_);
  make_uses(needs->nodes_from_nodes, batch.nodes_from_nodes, nodes_);
  make_uses(needs->pairs_from_leaves, batch.pairs_from_leaves, pairs_);
  make_uses(needs->nodes_from_leaves, batch.nodes_from_leaves, nodes_);
  if (needs->nodes_of_pair) make_lists(batch.nodes_of_pair, pairs_, batch.node_pairs);
  if (needs->leaves_of_pair) {
    make_lists(batch.leaves_of_pair, pairs_, batch.node_pairs.slice(first_leaf, capacity_));
  }
  if (needs->nodes_of_parent) make_lists(batch.nodes_of_parent, nodes_, batch.node_parents);
  if (!needs->embeds) return used;
  // Positions never change; neither do tokens where all pairs are shared.
  batch.pairs_of_position = take_lists(positions_, pairs_);
  if (any_own_pairs()) {
    make_lists(batch.pairs_of_token, tree_.dataset().vocabulary(), batch.pair_tokens);
  } else {
    batch.pairs_of_token = take_lists(tree_.dataset().vocabulary(), pairs_);
  }
  return used;
}

std::int64_t TreePlan::size(std::int64_t replicas, const BatchNeeds* needs) const {
  PlannedBatch planned;
  return arrange(replicas, needs, nullptr, planned);
}

Batch TreePlan::shape(std::int64_t replicas, const BatchNeeds* needs) const {
  PlannedBatch planned;
  arrange(replicas, needs, nullptr, planned);
  return planned.batch;
}

void TreePlan::fill_shared(const PlannedBatch& host) const {
  const TreeRows& out = host.rows;
  const Batch& batch = host.batch;
  for (std::int64_t r = 0; r < batch.replicas; ++r) {
    std::int32_t* const pair_positions = writable(batch.pair_positions).replica(r);
    for (std::int64_t t = 0; t < length_; ++t) {
      const std::int32_t own = row_pairs_[static_cast<std::size_t>(t)];
      if (own >= 0) {
        std::fill_n(pair_positions + own, capacity_, static_cast<std::int32_t>(t));
        continue;
      }
      for (const std::int32_t token : tree_.tokens_at(t)) {
        const std::int32_t p =
            shared_pairs_[static_cast<std::size_t>(t * tree_.dataset().vocabulary() + token)];
        out.pair_tokens.replica(r)[p] = token;
        pair_positions[p] = static_cast<std::int32_t>(t);
      }
    }
    for (std::int64_t t = 0; t < shared_levels_; ++t) {
      for (std::int64_t number = 0; number < tree_.prefixes(t); ++number) {
        const std::int32_t row = tree_.row_with(t, number);
        const std::int64_t node = first_nodes_[static_cast<std::size_t>(t)] + number;
        std::fill_n(out.node_paths.row(r, node), length_, -1);
        std::fill_n(out.pair_paths.row(r, node), length_, -1);
        for (std::int64_t u = 0; u <= t; ++u) {
          out.node_paths.row(r, node)[u] = static_cast<std::int32_t>(
              first_nodes_[static_cast<std::size_t>(u)] + tree_.prefix(row, u));
          out.pair_paths.row(r, node)[u] = pair(row, u);
        }
        out.node_pairs.replica(r)[node] = pair(row, t);
        out.node_parents.replica(r)[node] = t == 0 ? -1 : out.node_paths.row(r, node)[t - 1];
        out.node_numbers.replica(r)[node] = static_cast<std::int32_t>(node);
      }
    }
    const auto fill = [&](const Lists& lists, const Indices& keys) {
      if (lists.size() <= 0) return;
      fill_lists({keys.replica(r), static_cast<std::size_t>(keys.size)}, lists.size(),
                 writable(lists.offsets).replica(r), writable(lists.items).replica(r));
    };
    fill(batch.pairs_of_position, batch.pair_positions);
    if (!any_own_pairs()) fill(batch.pairs_of_token, batch.pair_tokens);
  }
}

std::int64_t TreePlan::table_bytes() const {
  const std::int64_t rows = tree_.dataset().rows();
  const auto pairs = static_cast<std::int64_t>(shared_pairs_.size() + row_pairs_.size());
  return (rows * shared_levels_ + pairs) * kIntBytes;
}

void TreePlan::upload_tables(const std::shared_ptr<Backend>& backend) {
  if (tables_.data() != nullptr) return;
  const Dataset& dataset = tree_.dataset();
  std::vector<std::int32_t> host;
  host.reserve(static_cast<std::size_t>(table_bytes()) / sizeof(std::int32_t));
  for (std::int32_t row = 0; row < dataset.rows(); ++row) {
    for (std::int64_t t = 0; t < shared_levels_; ++t) {
      host.push_back(static_cast<std::int32_t>(first_nodes_[static_cast<std::size_t>(t)] +
                                               tree_.prefix(row, t)));
    }
  }
  host.insert(host.end(), shared_pairs_.begin(), shared_pairs_.end());
  host.insert(host.end(), row_pairs_.begin(), row_pairs_.end());
  tables_ = {backend, static_cast<std::int64_t>(host.size())};
  backend->upload(tables_.data(), host.data(), host.size() * sizeof(std::int32_t));
}

PlannedBatch TreePlan::lay_out(Backend& backend, const DeviceDataset& dataset, std::int32_t* memory,
                               std::int64_t replicas, const BatchNeeds* needs) const {
  PlannedBatch planned;
  std::vector<std::int32_t> host(static_cast<std::size_t>(size(replicas, needs)));
  arrange(replicas, needs, host.data(), planned);
  fill_shared(planned);
  backend.upload(memory, host.data(), host.size() * sizeof(std::int32_t));
  arrange(replicas, needs, memory, planned);

  const std::int64_t rows = tree_.dataset().rows();
  const std::int32_t* const nodes = tables_.data();
  const std::int32_t* const pairs = nodes + rows * shared_levels_;
  const auto pair_count = static_cast<std::int64_t>(shared_pairs_.size());
  planned.rows.tokens = dataset.tokens();
  planned.rows.targets = dataset.targets();
  planned.rows.shared_nodes = contiguous(nodes, 1, rows, shared_levels_);
  planned.rows.shared_pairs = contiguous(pairs, 1, pair_count);
  planned.rows.row_pairs = contiguous(pairs + pair_count, 1, length_);
  return planned;
}

}  // namespace groklab

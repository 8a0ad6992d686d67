#include "ops/host_ops.h"

#include <algorithm>

#include "core/lists.h"

namespace groklab {

namespace {

/// One replica's row i at level t, of which `node` is its own.
void fill_node(const TreeRows& args, std::int64_t r, std::int64_t i, std::int64_t row,
               std::int64_t t, std::int64_t node) {
  const std::int64_t shared = args.shared_nodes.cols;
  const std::int64_t batch = args.rows.size;
  std::int32_t* const node_path = args.node_paths.row(r, node);
  std::int32_t* const pair_path = args.pair_paths.row(r, node);
  for (std::int64_t u = 0; u < args.tokens.cols; ++u) {
    if (u > t) {
      node_path[u] = pair_path[u] = -1;
      continue;
    }
    const std::int32_t token = args.tokens.row(0, row)[u];
    const std::int32_t own_pairs = args.row_pairs.data[u];
    node_path[u] = u < shared
                       ? args.shared_nodes.row(0, row)[u]
                       : static_cast<std::int32_t>(args.first_node + (u - shared) * batch + i);
    pair_path[u] =
        own_pairs < 0
            ? args.shared_pairs.data[u * (args.shared_pairs.size / args.tokens.cols) + token]
            : own_pairs + static_cast<std::int32_t>(i);
  }
  args.node_pairs.replica(r)[node] = pair_path[t];
  args.node_parents.replica(r)[node] = t == 0 ? -1 : node_path[t - 1];
}

/// Tokens of a row before its end.
std::int64_t tokens_before_end(const std::int32_t* tokens, std::int64_t most) {
  return std::find(tokens, tokens + most, -1) - tokens;
}

/// path[t] = first + t for the first `seen` of `length` positions, −1 after them.
void fill_path(std::int32_t* path, std::int64_t length, std::int64_t seen, std::int64_t first) {
  for (std::int64_t t = 0; t < length; ++t) {
    path[t] = t < seen ? static_cast<std::int32_t>(first + t) : -1;
  }
}

/// Row i of one replica's batch.
void fill_row(const SequenceRows& args, std::int64_t r, std::int64_t i) {
  const std::int64_t sources = args.sources.cols;
  const std::int64_t targets = args.sequences.cols - 1;
  const std::int32_t row = args.rows.replica(r)[i];
  const std::int32_t* const source = args.sources.row(r, row);
  const std::int32_t* const sequence = args.sequences.row(r, row);
  const std::int64_t source_tokens = tokens_before_end(source, sources);
  const std::int64_t answers = tokens_before_end(sequence, targets + 1) - 1;
  const std::int64_t number = args.numbers.replica(r)[i];
  for (std::int64_t s = 0; s < sources; ++s) {
    const std::int64_t place = i * sources + s;
    args.source_tokens.replica(r)[place] = s < source_tokens ? source[s] : 0;
    args.source_positions.replica(r)[place] = static_cast<std::int32_t>(s);
    args.source_numbers.replica(r)[place] = static_cast<std::int32_t>(number * sources + s);
    fill_path(args.source_paths.row(r, place), sources, source_tokens, i * sources);
  }
  for (std::int64_t u = 0; u < targets; ++u) {
    const std::int64_t place = i * targets + u;
    const bool asked = u < answers;
    args.target_tokens.replica(r)[place] = asked ? sequence[u] : 0;
    args.target_positions.replica(r)[place] = static_cast<std::int32_t>(u);
    args.target_numbers.replica(r)[place] = static_cast<std::int32_t>(number * targets + u);
    const std::int64_t seen = args.causal ? std::min(u + 1, answers) : answers;
    fill_path(args.target_paths.row(r, place), targets, seen, i * targets);
    fill_path(args.cross_paths.row(r, place), sources, source_tokens, i * sources);
    args.answers.replica(r)[place] = asked ? sequence[u + 1] : 0;
    args.answer_counts.replica(r)[place] = asked ? args.counts.replica(r)[i] : 0;
  }
}

}  // namespace

// Out of line, so that no instruction-set specific unit emits the one copy that all of them share.
template <class T>
HostOps<T>::~HostOps() = default;

template <class T>
void HostOps<T>::begin_step(const std::int64_t* cursor, Matrices<const std::int32_t> table,
                            Vectors<std::int32_t> record) {
  for (std::int64_t r = 0; r < table.replicas; ++r) {
    std::copy_n(table.row(r, *cursor), table.cols, record.replica(r));
  }
}

template <class T>
void HostOps<T>::end_step(std::int64_t* cursor, Vectors<const double> results,
                          Matrices<double> table) {
  for (std::int64_t r = 0; r < table.replicas; ++r) {
    std::copy_n(results.replica(r), table.cols, table.row(r, *cursor));
  }
  ++*cursor;
}

template <class T>
void HostOps<T>::fill_tree(const TreeRows& args) {
  const std::int64_t shared = args.shared_nodes.cols;
  const std::int64_t length = args.tokens.cols;
  const std::int64_t batch = args.rows.size;
  for (std::int64_t r = 0; r < args.rows.replicas; ++r) {
    const std::int64_t size = *args.sizes.replica(r);
    const std::int64_t padding = size > 0 ? args.rows.replica(r)[0] : 0;
    for (std::int64_t i = 0; i < batch; ++i) {
      const std::int64_t row = i < size ? args.rows.replica(r)[i] : padding;
      for (std::int64_t t = 0; t < length; ++t) {
        const std::int32_t own_pairs = args.row_pairs.data[t];
        if (own_pairs >= 0) {
          args.pair_tokens.replica(r)[own_pairs + i] = args.tokens.row(0, row)[t];
        }
        if (t < shared) continue;
        const std::int64_t node = args.first_node + (t - shared) * batch + i;
        fill_node(args, r, i, row, t, node);
        const std::int64_t number = args.first_node + (t - shared) * size + i;
        args.node_numbers.replica(r)[node] = i < size ? static_cast<std::int32_t>(number) : 0;
      }
      args.leaf_targets.replica(r)[i] = args.targets.data[row];
      args.leaf_counts.replica(r)[i] = i < size ? 1 : 0;
    }
  }
}

template <class T>
void HostOps<T>::fill_sequences(const SequenceRows& args) {
  for (std::int64_t r = 0; r < args.rows.replicas; ++r) {
    for (std::int64_t i = 0; i < args.rows.size; ++i) fill_row(args, r, i);
  }
}

template <class T>
void HostOps<T>::make_lists(std::span<const ListsOf> jobs) {
  for (const ListsOf& job : jobs) {
    for (std::int64_t r = 0; r < job.keys.replicas; ++r) {
      fill_lists({job.keys.replica(r), static_cast<std::size_t>(job.keys.size)},
                 job.offsets.size - 1, job.offsets.replica(r), job.items.replica(r));
    }
  }
}

template class HostOps<float>;
template class HostOps<double>;

}  // namespace groklab

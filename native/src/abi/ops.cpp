// Single ops on host buffers.
#include <functional>
#include <numeric>
#include <vector>

#include "abi/objects.h"

using namespace groklab;
using namespace groklab::abi;

namespace {

constexpr std::int64_t kMostExtent = INT32_MAX;
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

/// The caller's buffers as the backend sees them: in place where it can, else copied there before
/// and back after the op.
class Buffers {
 public:
  explicit Buffers(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

  template <class T>
  const T* in(const void* host, std::int64_t count, std::string_view name) {
    check_not_null(host, name);
    return place<T>(const_cast<void*>(host), count, /*read=*/true, /*write=*/false);
  }

  template <class T>
  T* out(void* host, std::int64_t count, std::string_view name) {
    check_not_null(host, name);
    return place<T>(host, count, /*read=*/false, /*write=*/true);
  }

  template <class T>
  T* in_out(void* host, std::int64_t count, std::string_view name) {
    check_not_null(host, name);
    return place<T>(host, count, /*read=*/true, /*write=*/true);
  }

  /// Memory of the op's own, or a copy of what the library made on the host.
  template <class T>
  T* scratch(std::int64_t count) {
    return reinterpret_cast<T*>(device(count * static_cast<std::int64_t>(sizeof(T))));
  }
  template <class T>
  const T* copy(const std::vector<T>& values) {
    T* const to = scratch<T>(static_cast<std::int64_t>(values.size()));
    backend_->upload(to, values.data(), values.size() * sizeof(T));
    return to;
  }

  /// Runs the op on the backend and brings the outputs back.
  template <class T>
  void run(const std::function<void(Ops<T>&)>& op) {
    backend_->for_each_group(1, [&](const Group& group) { op(group.ops.get<T>()); });
    for (const Output& output : outputs_) {
      backend_->download(output.host, output.device, output.bytes);
    }
  }

 private:
  struct Output {
    void* host;
    const void* device;
    std::size_t bytes;
  };

  std::byte* device(std::int64_t bytes) {
    memory_.emplace_back(backend_, bytes);
    return memory_.back().data();
  }

  template <class T>
  T* place(void* host, std::int64_t count, bool read, bool write) {
    if (backend_->uses_host_memory()) return static_cast<T*>(host);
    const std::int64_t bytes = count * static_cast<std::int64_t>(sizeof(T));
    std::byte* const to = device(bytes);
    if (read) backend_->upload(to, host, static_cast<std::size_t>(bytes));
    if (write) outputs_.push_back({host, to, static_cast<std::size_t>(bytes)});
    return reinterpret_cast<T*>(to);
  }

  std::shared_ptr<Backend> backend_;
  std::vector<DeviceArray<std::byte>> memory_;
  std::vector<Output> outputs_;
};

/// A product of extents that were each checked.
std::int64_t elements(std::initializer_list<std::int64_t> extents) {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    product = checked_product(product, extent, kMostElements, "a buffer's number of elements");
  }
  return product;
}

void check_extent(std::int64_t value, std::int64_t least, const char* name) {
  check_range(value, least, kMostExtent, name);
}

void check_indices(const std::int32_t* values, std::int64_t count, std::int64_t least,
                   std::int64_t bound, const char* name) {
  check_not_null(values, name);
  for (std::int64_t i = 0; i < count; ++i) {
    if (values[i] < least || values[i] >= bound) {
      invalid(std::string(name) + "[" + text(i) + "] is " + text(std::int64_t{values[i]}) +
              "; allowed are " + text(least) + " to " + text(bound - 1));
    }
  }
}

/// Calls f with a value of the op's real type.
template <class F>
void with_precision(std::uint32_t precision, F&& f) {
  check_range(precision, GROKLAB_FP32, GROKLAB_FP64, "op.precision");
  if (precision == GROKLAB_FP64) {
    f(double{});
  } else {
    f(float{});
  }
}

/// Looks the engine up, copies the op, and calls f(op, buffers, a real) inside the border.
template <class Op, class F>
groklab_status run_op(groklab_engine* engine, const Op* op, F&& f) noexcept {
  return guarded([&] {
    const auto object = engines().get(engine);
    const Op o = read_struct(op, "op");
    check_extent(o.replicas, 1, "op.replicas");
    Buffers buffers(object->chosen.backend);
    with_precision(o.precision, [&](auto real) { f(o, buffers, real); });
  });
}

/// For each of `keys` values, the places in `values` that hold it: what Lists are made of.
struct ListArrays {
  std::vector<std::int32_t> offsets;
  std::vector<std::int32_t> items;
};

ListArrays make_lists(const std::int32_t* values, std::int64_t replicas, std::int64_t count,
                      std::int64_t keys) {
  ListArrays lists;
  lists.items.resize(static_cast<std::size_t>(replicas * count));
  for (std::int64_t r = 0; r < replicas; ++r) {
    std::vector<std::int32_t> ends(static_cast<std::size_t>(keys) + 1, 0);
    const std::int32_t* const own = values + r * count;
    for (std::int64_t i = 0; i < count; ++i) {
      if (own[i] >= 0) ++ends[static_cast<std::size_t>(own[i]) + 1];
    }
    for (std::size_t k = 1; k < ends.size(); ++k) ends[k] += ends[k - 1];
    lists.offsets.insert(lists.offsets.end(), ends.begin(), ends.end());
    std::int32_t* const items = lists.items.data() + r * count;
    for (std::int64_t i = 0; i < count; ++i) {
      if (own[i] >= 0) {
        items[ends[static_cast<std::size_t>(own[i])]++] = static_cast<std::int32_t>(i);
      }
    }
  }
  return lists;
}

Lists view_lists(Buffers& buffers, const ListArrays& lists, std::int64_t replicas,
                 std::int64_t count, std::int64_t keys) {
  return {contiguous(buffers.copy(lists.offsets), replicas, keys + 1),
          contiguous(buffers.copy(lists.items), replicas, count)};
}

void check_linear(const groklab_op_linear& o) {
  check_extent(o.rows, 0, "op.rows");
  check_extent(o.in_features, 1, "op.in_features");
  check_extent(o.out_features, 1, "op.out_features");
}

void check_row_op(std::int64_t rows, std::int64_t width) {
  check_extent(rows, 0, "op.rows");
  check_extent(width, 1, "op.width");
}

void check_attention(const groklab_op_attention& o) {
  check_extent(o.queries, 0, "op.queries");
  check_extent(o.keys, 1, "op.keys");
  check_extent(o.path_length, 1, "op.path_length");
  check_extent(o.width, 1, "op.width");
  check_range(o.heads, 1, o.width, "op.heads");
  if (o.width % o.heads != 0) {
    invalid("op.heads is " + text(o.heads) + ", which does not divide the width " + text(o.width));
  }
  check_range(elements({o.queries, o.path_length}), 0, INT32_MAX,
              "op.queries times op.path_length");
  const std::int64_t entries = elements({o.replicas, o.queries, o.path_length});
  check_indices(o.path, entries, -1, o.keys, "op.path");
  for (std::int64_t n = 0; n < o.replicas * o.queries; ++n) {
    const std::int32_t* const path = o.path + n * o.path_length;
    if (std::all_of(path, path + o.path_length, [](std::int32_t key) { return key < 0; })) {
      invalid("op.path of query " + text(n) + " names no key; at least one is needed");
    }
  }
}

}  // namespace

groklab_status groklab_op_linear_forward(groklab_engine* engine, const groklab_op_linear* op) {
  return run_op(engine, op, [](const groklab_op_linear& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_linear(o);
    const std::int64_t r = o.replicas;
    const auto x = contiguous(b.in<T>(o.x, elements({r, o.rows, o.in_features}), "op.x"), r, o.rows,
                              o.in_features);
    const auto weight =
        contiguous(b.in<T>(o.weight, elements({r, o.out_features, o.in_features}), "op.weight"), r,
                   o.out_features, o.in_features);
    Vectors<const T> bias;
    if (o.bias != nullptr) {
      bias =
          contiguous(b.in<T>(o.bias, elements({r, o.out_features}), "op.bias"), r, o.out_features);
    }
    const auto y = contiguous(b.out<T>(o.y, elements({r, o.rows, o.out_features}), "op.y"), r,
                              o.rows, o.out_features);
    b.run<T>([&](Ops<T>& ops) { ops.linear_forward(x, weight, bias, y); });
  });
}

groklab_status groklab_op_linear_backward(groklab_engine* engine, const groklab_op_linear* op) {
  return run_op(engine, op, [](const groklab_op_linear& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_linear(o);
    const std::int64_t r = o.replicas;
    if (o.dbias != nullptr && o.dweight == nullptr) {
      invalid("op.dbias is wanted without op.dweight; they are computed together");
    }
    const auto dy = contiguous(b.in<T>(o.dy, elements({r, o.rows, o.out_features}), "op.dy"), r,
                               o.rows, o.out_features);
    Matrices<const T> x;
    Matrices<const T> weight;
    Matrices<T> dx;
    Matrices<T> dweight;
    Vectors<T> dbias;
    if (o.dx != nullptr) {
      weight =
          contiguous(b.in<T>(o.weight, elements({r, o.out_features, o.in_features}), "op.weight"),
                     r, o.out_features, o.in_features);
      dx = contiguous(b.out<T>(o.dx, elements({r, o.rows, o.in_features}), "op.dx"), r, o.rows,
                      o.in_features);
    }
    if (o.dweight != nullptr) {
      x = contiguous(b.in<T>(o.x, elements({r, o.rows, o.in_features}), "op.x"), r, o.rows,
                     o.in_features);
      dweight = contiguous(
          b.out<T>(o.dweight, elements({r, o.out_features, o.in_features}), "op.dweight"), r,
          o.out_features, o.in_features);
    }
    if (o.dbias != nullptr) {
      dbias = contiguous(b.out<T>(o.dbias, elements({r, o.out_features}), "op.dbias"), r,
                         o.out_features);
    }
    b.run<T>([&](Ops<T>& ops) {
      if (!dx.empty()) ops.linear_backward_input(dy, weight, dx, /*accumulate=*/false);
      if (!dweight.empty()) ops.linear_backward_weight(dy, x, dweight, dbias);
    });
  });
}

groklab_status groklab_op_layer_norm_forward(groklab_engine* engine,
                                             const groklab_op_layer_norm* op) {
  return run_op(engine, op, [](const groklab_op_layer_norm& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    check_not_negative(o.epsilon, "op.epsilon");
    const std::int64_t r = o.replicas;
    const std::int64_t size = elements({r, o.rows, o.width});
    LayerNormForward<T> args;
    args.x = contiguous(b.in<T>(o.x, size, "op.x"), r, o.rows, o.width);
    if (o.residual != nullptr) {
      args.residual = contiguous(b.in<T>(o.residual, size, "op.residual"), r, o.rows, o.width);
    }
    args.gamma = contiguous(b.in<T>(o.gamma, r * o.width, "op.gamma"), r, o.width);
    args.beta = contiguous(b.in<T>(o.beta, r * o.width, "op.beta"), r, o.width);
    args.epsilon = o.epsilon;
    args.normalized = contiguous(b.out<T>(o.normalized, size, "op.normalized"), r, o.rows, o.width);
    args.inverse_deviation =
        contiguous(b.out<T>(o.inverse_deviation, r * o.rows, "op.inverse_deviation"), r, o.rows);
    args.y = contiguous(b.out<T>(o.y, size, "op.y"), r, o.rows, o.width);
    b.run<T>([&](Ops<T>& ops) { ops.layer_norm_forward(args); });
  });
}

groklab_status groklab_op_layer_norm_backward(groklab_engine* engine,
                                              const groklab_op_layer_norm* op) {
  return run_op(engine, op, [](const groklab_op_layer_norm& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const std::int64_t r = o.replicas;
    const std::int64_t size = elements({r, o.rows, o.width});
    LayerNormBackward<T> args;
    args.dy = contiguous(b.in<T>(o.dy, size, "op.dy"), r, o.rows, o.width);
    args.normalized = contiguous(b.in<T>(o.normalized, size, "op.normalized"), r, o.rows, o.width);
    args.inverse_deviation =
        contiguous(b.in<T>(o.inverse_deviation, r * o.rows, "op.inverse_deviation"), r, o.rows);
    args.gamma = contiguous(b.in<T>(o.gamma, r * o.width, "op.gamma"), r, o.width);
    args.dx = contiguous(b.out<T>(o.dx, size, "op.dx"), r, o.rows, o.width);
    args.dgamma = contiguous(b.out<T>(o.dgamma, r * o.width, "op.dgamma"), r, o.width);
    args.dbeta = contiguous(b.out<T>(o.dbeta, r * o.width, "op.dbeta"), r, o.width);
    b.run<T>([&](Ops<T>& ops) { ops.layer_norm_backward(args); });
  });
}

groklab_status groklab_op_gelu_forward(groklab_engine* engine, const groklab_op_gelu* op) {
  return run_op(engine, op, [](const groklab_op_gelu& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const std::int64_t size = elements({o.replicas, o.rows, o.width});
    const auto x = contiguous(b.in<T>(o.x, size, "op.x"), o.replicas, o.rows, o.width);
    const auto y = contiguous(b.out<T>(o.y, size, "op.y"), o.replicas, o.rows, o.width);
    b.run<T>([&](Ops<T>& ops) { ops.gelu_forward(x, y); });
  });
}

groklab_status groklab_op_gelu_backward(groklab_engine* engine, const groklab_op_gelu* op) {
  return run_op(engine, op, [](const groklab_op_gelu& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const std::int64_t size = elements({o.replicas, o.rows, o.width});
    const auto x = contiguous(b.in<T>(o.x, size, "op.x"), o.replicas, o.rows, o.width);
    const auto dy = contiguous(b.in<T>(o.dy, size, "op.dy"), o.replicas, o.rows, o.width);
    const auto dx = contiguous(b.out<T>(o.dx, size, "op.dx"), o.replicas, o.rows, o.width);
    b.run<T>([&](Ops<T>& ops) { ops.gelu_backward(x, dy, dx); });
  });
}

groklab_status groklab_op_attention_forward(groklab_engine* engine,
                                            const groklab_op_attention* op) {
  return run_op(engine, op, [](const groklab_op_attention& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_attention(o);
    const std::int64_t r = o.replicas;
    const std::int64_t query_size = elements({r, o.queries, o.width});
    const std::int64_t key_size = elements({r, o.keys, o.width});
    const std::int64_t entries = elements({r, o.queries, o.path_length});
    AttentionForward<T> args;
    args.heads = o.heads;
    args.path =
        contiguous(b.in<std::int32_t>(o.path, entries, "op.path"), r, o.queries, o.path_length);
    args.q = contiguous(b.in<T>(o.q, query_size, "op.q"), r, o.queries, o.width);
    args.k = contiguous(b.in<T>(o.k, key_size, "op.k"), r, o.keys, o.width);
    args.v = contiguous(b.in<T>(o.v, key_size, "op.v"), r, o.keys, o.width);
    args.weights = contiguous(b.out<T>(o.weights, elements({entries, o.heads}), "op.weights"), r,
                              o.queries, o.heads * o.path_length);
    args.y = contiguous(b.out<T>(o.y, query_size, "op.y"), r, o.queries, o.width);
    b.run<T>([&](Ops<T>& ops) { ops.attention_forward(args); });
  });
}

groklab_status groklab_op_attention_backward(groklab_engine* engine,
                                             const groklab_op_attention* op) {
  return run_op(engine, op, [](const groklab_op_attention& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_attention(o);
    const std::int64_t r = o.replicas;
    const std::int64_t query_size = elements({r, o.queries, o.width});
    const std::int64_t key_size = elements({r, o.keys, o.width});
    const std::int64_t per_replica = o.queries * o.path_length;
    const std::int64_t weights = elements({r, per_replica, o.heads});
    AttentionBackward<T> args;
    args.heads = o.heads;
    args.path = contiguous(b.in<std::int32_t>(o.path, r * per_replica, "op.path"), r, o.queries,
                           o.path_length);
    args.uses = view_lists(b, make_lists(o.path, r, per_replica, o.keys), r, per_replica, o.keys);
    args.q = contiguous(b.in<T>(o.q, query_size, "op.q"), r, o.queries, o.width);
    args.k = contiguous(b.in<T>(o.k, key_size, "op.k"), r, o.keys, o.width);
    args.v = contiguous(b.in<T>(o.v, key_size, "op.v"), r, o.keys, o.width);
    args.weights = contiguous(b.in<T>(o.weights, weights, "op.weights"), r, o.queries,
                              o.heads * o.path_length);
    args.dy = contiguous(b.in<T>(o.dy, query_size, "op.dy"), r, o.queries, o.width);
    args.dscores = contiguous(b.scratch<T>(weights), r, o.queries, o.heads * o.path_length);
    args.dq = contiguous(b.out<T>(o.dq, query_size, "op.dq"), r, o.queries, o.width);
    args.dk = contiguous(b.out<T>(o.dk, key_size, "op.dk"), r, o.keys, o.width);
    args.dv = contiguous(b.out<T>(o.dv, key_size, "op.dv"), r, o.keys, o.width);
    b.run<T>([&](Ops<T>& ops) { ops.attention_backward(args); });
  });
}

groklab_status groklab_op_cross_entropy_run(groklab_engine* engine,
                                            const groklab_op_cross_entropy* op) {
  return run_op(engine, op, [](const groklab_op_cross_entropy& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_extent(o.rows, 0, "op.rows");
    check_extent(o.classes, 1, "op.classes");
    const std::int64_t r = o.replicas;
    const std::int64_t rows = elements({r, o.rows});
    const std::int64_t size = elements({rows, o.classes});
    check_indices(o.targets, rows, 0, o.classes, "op.targets");
    if (o.counts != nullptr) check_indices(o.counts, rows, 0, kMostExtent, "op.counts");
    CrossEntropy<T> args;
    args.logits = contiguous(b.in<T>(o.logits, size, "op.logits"), r, o.rows, o.classes);
    args.targets = contiguous(b.in<std::int32_t>(o.targets, rows, "op.targets"), r, o.rows);
    args.counts = contiguous(
        o.counts == nullptr ? b.copy(std::vector<std::int32_t>(static_cast<std::size_t>(rows), 1))
                            : b.in<std::int32_t>(o.counts, rows, "op.counts"),
        r, o.rows);
    if (o.dlogits != nullptr) {
      args.dlogits = contiguous(b.out<T>(o.dlogits, size, "op.dlogits"), r, o.rows, o.classes);
    }
    args.loss = contiguous(b.out<double>(o.losses, r, "op.losses"), r, 1);
    args.correct = contiguous(b.out<double>(o.correct, r, "op.correct"), r, 1);
    b.run<T>([&](Ops<T>& ops) { ops.cross_entropy(args); });
  });
}

namespace {

void check_embedding(const groklab_op_embedding& o) {
  check_row_op(o.rows, o.width);
  check_extent(o.vocabulary, 1, "op.vocabulary");
  check_extent(o.positions, 1, "op.positions");
  const std::int64_t rows = elements({o.replicas, o.rows});
  check_indices(o.tokens, rows, 0, o.vocabulary, "op.tokens");
  check_indices(o.position_of, rows, 0, o.positions, "op.position_of");
}

}  // namespace

groklab_status groklab_op_embedding_forward(groklab_engine* engine,
                                            const groklab_op_embedding* op) {
  return run_op(engine, op, [](const groklab_op_embedding& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_embedding(o);
    const std::int64_t r = o.replicas;
    const auto tokens =
        contiguous(b.in<std::int32_t>(o.tokens, r * o.rows, "op.tokens"), r, o.rows);
    const auto positions =
        contiguous(b.in<std::int32_t>(o.position_of, r * o.rows, "op.position_of"), r, o.rows);
    const auto token_table =
        contiguous(b.in<T>(o.token_table, elements({r, o.vocabulary, o.width}), "op.token_table"),
                   r, o.vocabulary, o.width);
    const auto position_table = contiguous(
        b.in<T>(o.position_table, elements({r, o.positions, o.width}), "op.position_table"), r,
        o.positions, o.width);
    const auto y =
        contiguous(b.out<T>(o.y, elements({r, o.rows, o.width}), "op.y"), r, o.rows, o.width);
    b.run<T>(
        [&](Ops<T>& ops) { ops.embedding(token_table, position_table, tokens, positions, y); });
  });
}

groklab_status groklab_op_embedding_backward(groklab_engine* engine,
                                             const groklab_op_embedding* op) {
  return run_op(engine, op, [](const groklab_op_embedding& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_embedding(o);
    const std::int64_t r = o.replicas;
    const auto dy =
        contiguous(b.in<T>(o.dy, elements({r, o.rows, o.width}), "op.dy"), r, o.rows, o.width);
    const auto by_token =
        view_lists(b, make_lists(o.tokens, r, o.rows, o.vocabulary), r, o.rows, o.vocabulary);
    const auto by_position =
        view_lists(b, make_lists(o.position_of, r, o.rows, o.positions), r, o.rows, o.positions);
    const auto dtokens = contiguous(
        b.out<T>(o.dtoken_table, elements({r, o.vocabulary, o.width}), "op.dtoken_table"), r,
        o.vocabulary, o.width);
    const auto dpositions = contiguous(
        b.out<T>(o.dposition_table, elements({r, o.positions, o.width}), "op.dposition_table"), r,
        o.positions, o.width);
    b.run<T>([&](Ops<T>& ops) {
      ops.sum_lists(dy, by_token, dtokens);
      ops.sum_lists(dy, by_position, dpositions);
    });
  });
}

groklab_status groklab_op_dropout_run(groklab_engine* engine, const groklab_op_dropout* op) {
  return run_op(engine, op, [](const groklab_op_dropout& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    check_range(o.reserved, 0, 0, "op.reserved");
    check_not_null(o.seeds, "op.seeds");
    check_not_null(o.steps, "op.steps");
    check_not_null(o.rates, "op.rates");
    const std::int64_t size = elements({o.replicas, o.rows, o.width});
    // A mask's element number, divided by four, is 32 bits of the random numbers' counter.
    checked_product(o.rows, o.width, std::int64_t{1} << 34, "the number of elements of a mask");
    std::vector<DropoutKey> keys;
    for (std::int64_t r = 0; r < o.replicas; ++r) {
      check_range(o.steps[r], 0, INT64_MAX, "op.steps");
      check_interval(o.rates[r], 0, 1, "op.rates");
      keys.push_back({o.seeds[r], o.steps[r], o.rates[r]});
    }
    const auto x = contiguous(b.in<T>(o.x, size, "op.x"), o.replicas, o.rows, o.width);
    const auto y = contiguous(b.out<T>(o.y, size, "op.y"), o.replicas, o.rows, o.width);
    const auto device_keys = contiguous(b.copy(keys), o.replicas, 1);
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(o.rows));
    std::iota(numbers.begin(), numbers.end(), 0);
    // All replicas number their rows alike: one array, with no step from replica to replica.
    const Indices rows{b.copy(numbers), o.replicas, o.rows, 0};
    b.run<T>([&](Ops<T>& ops) { ops.dropout(device_keys, o.site, rows, x, y); });
  });
}

groklab_status groklab_op_adamw_step(groklab_engine* engine, const groklab_op_adamw* op) {
  return run_op(engine, op, [](const groklab_op_adamw& o, Buffers& b, auto real) {
    using T = decltype(real);
    check_extent(o.parameters, 1, "op.parameters");
    check_not_null(o.steps, "op.steps");
    check_not_null(o.learning_rates, "op.learning_rates");
    check_not_null(o.beta1, "op.beta1");
    check_not_null(o.beta2, "op.beta2");
    check_not_null(o.epsilon, "op.epsilon");
    check_not_null(o.weight_decay, "op.weight_decay");
    const std::int64_t size = elements({o.replicas, o.parameters});
    std::vector<AdamWStep> steps;
    for (std::int64_t r = 0; r < o.replicas; ++r) {
      check_range(o.steps[r], 1, INT64_MAX, "op.steps");
      check_not_negative(o.learning_rates[r], "op.learning_rates");
      check_interval(o.beta1[r], 0, 1, "op.beta1");
      check_interval(o.beta2[r], 0, 1, "op.beta2");
      check_not_negative(o.epsilon[r], "op.epsilon");
      check_not_negative(o.weight_decay[r], "op.weight_decay");
      steps.push_back({o.steps[r], o.learning_rates[r], o.beta1[r], o.beta2[r], o.epsilon[r],
                       o.weight_decay[r]});
    }
    const auto flat = [&](T* data) { return contiguous(data, o.replicas, o.parameters); };
    const auto gradients =
        contiguous(b.in<T>(o.gradients, size, "op.gradients"), o.replicas, o.parameters);
    const auto values = flat(b.in_out<T>(o.values, size, "op.values"));
    const auto first = flat(b.in_out<T>(o.first_moments, size, "op.first_moments"));
    const auto second = flat(b.in_out<T>(o.second_moments, size, "op.second_moments"));
    const auto device_steps = contiguous(b.copy(steps), o.replicas, 1);
    b.run<T>([&](Ops<T>& ops) { ops.adamw(device_steps, gradients, values, first, second); });
  });
}

// What the op test knows of an op: inputs to try and, for its gradient, what differentiates what.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "op_test/arguments.h"
#include "op_test/tensor.h"
#include "ops/ops.h"

namespace groklab::test {

/// How far results may lie from the reference in one precision.
struct Bound {
  double nmse;     ///< Σ (y − reference)² / Σ reference², over the finite elements
  double element;  ///< |y − reference| ≤ element · |reference| + absolute, for each element
  double absolute = -1;  ///< negative: element · root mean square of the reference
};

/// One call of one op with its inputs.
class OpCase {
 public:
  OpCase() = default;
  OpCase(const OpCase&) = delete;
  OpCase& operator=(const OpCase&) = delete;
  virtual ~OpCase() = default;

  virtual void call(Ops<float>& ops, const Call<float>& args) const = 0;
  virtual void call(Ops<double>& ops, const Call<double>& args) const = 0;

  /// Elements of scratch memory that the call wants, by its other arguments.
  virtual std::int64_t scratch_size(Ops<float>&, const Call<float>&) const { return 0; }
  virtual std::int64_t scratch_size(Ops<double>&, const Call<double>&) const { return 0; }

  [[nodiscard]] std::int64_t replicas() const;

  /// Operations of one call, or elements that it moves, whichever are more.
  [[nodiscard]] double work() const;

  std::string shape;  ///< in words, for messages
  std::vector<Tensor> tensors;
  bool divisible = true;  ///< replicas may be computed in groups, one call each
  bool finite = false;    ///< so are all results: no NaN comes from where the op must not look
  Bound fp32{1e-11, 1e-5};
  Bound fp64{1e-27, 1e-12};
  double flops = 0;  ///< of one call; 0 where memory traffic is what counts
};

/// Gives `Derived::run(Ops<T>&, const Call<T>&)`, written once, both precisions.
template <class Derived>
class OpCaseOf : public OpCase {
 public:
  void call(Ops<float>& ops, const Call<float>& args) const final {
    static_cast<const Derived*>(this)->run(ops, args);
  }
  void call(Ops<double>& ops, const Call<double>& args) const final {
    static_cast<const Derived*>(this)->run(ops, args);
  }
};

/// The same for ops that ask for scratch memory, by `Derived::scratch_of(Ops<T>&, const Call<T>&)`.
template <class Derived>
class ScratchOpCaseOf : public OpCaseOf<Derived> {
 public:
  std::int64_t scratch_size(Ops<float>& ops, const Call<float>& args) const final {
    return static_cast<const Derived*>(this)->scratch_of(ops, args);
  }
  std::int64_t scratch_size(Ops<double>& ops, const Call<double>& args) const final {
    return static_cast<const Derived*>(this)->scratch_of(ops, args);
  }
};

/// Runs a case in fp64 on the backend under test and returns the tensors' contents.
using Run = std::function<Results(const OpCase&)>;

/// A differentiable function of `inputs` made of ops, and the gradients that ops give for it.
class GradientCase {
 public:
  GradientCase() = default;
  GradientCase(const GradientCase&) = delete;
  GradientCase& operator=(const GradientCase&) = delete;
  virtual ~GradientCase() = default;

  /// A fixed random projection of the outputs at the present inputs.
  [[nodiscard]] virtual double value(const Run& run) = 0;

  /// Its gradients with respect to each input.
  [[nodiscard]] virtual Results gradients(const Run& run) = 0;

  std::string shape;
  std::vector<std::string> names;  ///< of the inputs
  Results inputs;
};

/// Something to try, made only when its turn comes.
template <class Case>
struct Entry {
  std::string op;
  std::function<std::unique_ptr<Case>()> make;
};

/// All that the op test tries.
struct Catalogue {
  std::int64_t perf_replicas = 1;
  std::vector<Entry<OpCase>> test;  ///< shapes and inputs for correctness
  std::vector<Entry<OpCase>> perf;  ///< the shapes of the report's models
  std::vector<Entry<GradientCase>> grad;
};

/// embedding, gather_rows, gather_sum, sum_lists, add, copy
void add_row_cases(Catalogue& catalogue);
void add_linear_cases(Catalogue& catalogue);
void add_layer_norm_cases(Catalogue& catalogue);
void add_activation_cases(Catalogue& catalogue);  ///< gelu, relu
void add_lstm_cell_cases(Catalogue& catalogue);
void add_convolution_cases(Catalogue& catalogue);
void add_pooling_cases(Catalogue& catalogue);  ///< max_pool
void add_attention_cases(Catalogue& catalogue);
void add_cross_entropy_cases(Catalogue& catalogue);
void add_dropout_cases(Catalogue& catalogue);
void add_optimizer_cases(Catalogue& catalogue);  ///< optimizer_step, sum_of_squares
/// begin_step, end_step, fill_tree, fill_sequences, make_lists
void add_batch_cases(Catalogue& catalogue);

/// Σ a[i] b[i].
double inner_product(const std::vector<double>& a, const std::vector<double>& b);

/// Sums [replicas, cols] over the rows of [replicas, rows, cols].
std::vector<double> column_sums(const std::vector<double>& x, std::int64_t replicas,
                                std::int64_t rows, std::int64_t cols);

/// "R=2 N=3" from {"R", 2}, {"N", 3}.
std::string describe(std::initializer_list<std::pair<const char*, std::int64_t>> extents);

}  // namespace groklab::test

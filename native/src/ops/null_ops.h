// Ops that do nothing: a pass over them shows what memory the pass takes.
#pragma once

#include "ops/ops.h"

namespace groklab {

template <class T>
class NullOps : public Ops<T> {
 public:
  NullOps() = default;
  /// @param like ops whose scratch memory these want as well; null: none.
  explicit NullOps(Ops<T>* like) : like_(like) {}

  void begin_step(const std::int64_t*, Matrices<const std::int32_t>,
                  Vectors<std::int32_t>) override {}
  void end_step(std::int64_t*, Vectors<const double>, Matrices<double>) override {}
  void fill_tree(const TreeRows&) override {}
  void fill_sequences(const SequenceRows&) override {}
  void make_lists(std::span<const ListsOf>) override {}
  void embedding(Matrices<const T>, Matrices<const T>, Indices, Indices, Matrices<T>) override {}
  void gather_rows(Matrices<const T>, Indices, Matrices<T>) override {}
  void gather_sum(Matrices<const T>, Matrices<const std::int32_t>, Vectors<const T>,
                  Matrices<T>) override {}
  void sum_lists(Matrices<const T>, Lists, std::int64_t, Matrices<T>) override {}
  void add(Matrices<const T>, Matrices<T>) override {}
  void copy(Vectors<const T>, Vectors<T>) override {}
  void linear_forward(Matrices<const T>, Matrices<const T>, Vectors<const T>,
                      Matrices<T>) override {}
  void linear_backward_input(Matrices<const T>, Matrices<const T>, Matrices<T>, bool) override {}
  void linear_backward_weight(Matrices<const T>, Matrices<const T>, Matrices<T>,
                              Vectors<T>) override {}
  void layer_norm_forward(const LayerNormForward<T>&) override {}
  void layer_norm_backward(const LayerNormBackward<T>&) override {}
  void gelu_forward(Matrices<const T>, Matrices<T>) override {}
  void gelu_backward(Matrices<const T>, Matrices<const T>, Matrices<T>) override {}
  void relu_forward(Matrices<const T>, Matrices<T>) override {}
  void relu_backward(Matrices<const T>, Matrices<const T>, Matrices<T>) override {}
  void lstm_cell_forward(const LstmCellForward<T>&) override {}
  void lstm_cell_backward(const LstmCellBackward<T>&) override {}
  void convolution_forward(const ConvolutionForward<T>&) override {}
  void convolution_backward_input(const ConvolutionBackwardInput<T>&) override {}
  void convolution_backward_weight(const ConvolutionBackwardWeight<T>&) override {}
  std::int64_t scratch(const ConvolutionForward<T>& args) override { return scratch_of(args); }
  std::int64_t scratch(const ConvolutionBackwardInput<T>& args) override {
    return scratch_of(args);
  }
  std::int64_t scratch(const ConvolutionBackwardWeight<T>& args) override {
    return scratch_of(args);
  }
  void max_pool_forward(const MaxPoolForward<T>&) override {}
  void max_pool_backward(const MaxPoolBackward<T>&) override {}
  void attention_forward(const AttentionForward<T>&) override {}
  void attention_backward(const AttentionBackward<T>&) override {}
  void cross_entropy(const CrossEntropy<T>&) override {}
  void dropout(Vectors<const DropoutKey>, std::uint32_t, Indices, Matrices<const T>,
               Matrices<T>) override {}
  void optimizer_step(Vectors<const OptimizerStep>, Vectors<const T>, Vectors<const double>,
                      Vectors<T>, const OptimizerState<T>&) override {}
  void sum_of_squares(Vectors<const T>, Vectors<double>) override {}

 private:
  template <class Args>
  std::int64_t scratch_of(const Args& args) {
    return like_ == nullptr ? 0 : like_->scratch(args);
  }

  Ops<T>* like_ = nullptr;
};

}  // namespace groklab

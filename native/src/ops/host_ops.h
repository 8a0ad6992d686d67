// Ops on host memory: what is the same for every backend that computes there, the batch ops, as plain
// loops.
#pragma once

#include "ops/ops.h"

namespace groklab {

template <class T>
class HostOps : public Ops<T> {
 public:
  ~HostOps() override;

  void begin_step(const std::int64_t* cursor, Matrices<const std::int32_t> table,
                  Vectors<std::int32_t> record) final;
  void end_step(std::int64_t* cursor, Vectors<const double> results, Matrices<double> table) final;
  void fill_tree(const TreeRows& args) final;
  void fill_sequences(const SequenceRows& args) final;
  void make_lists(std::span<const ListsOf> jobs) final;
};

extern template class HostOps<float>;
extern template class HostOps<double>;

}  // namespace groklab

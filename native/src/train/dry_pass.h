// The scratch memory of a pass over a model, found by a pass that computes nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/model.h"
#include "ops/null_ops.h"
#include "train/data_tables.h"

namespace groklab {

/// Calls body(context, flat), where `flat` stands for weights and gradients alike; returns the bytes
/// that it takes from the context's workspace. No address that it sees may be touched, but they are
/// aligned as those of a trainer.
/// @param like ops whose scratch memory counts; null: none.
template <class T, class Body>
std::int64_t dry_pass(const Model<T>& model, const Dataset& dataset, std::int64_t replicas,
                      bool dropout, const Body& body, Ops<T>* like = nullptr) {
  Workspace workspace([](std::size_t) { return reinterpret_cast<void*>(std::size_t{64}); },
                      [](void*) {});
  NullOps<T> ops(like);
  const ParameterLayout& layout = model.parameters();
  const FlatBuffer<T> flat{nullptr, replicas, layout.size(), layout.stride()};
  const DropoutKey key;
  Vectors<const DropoutKey> keys;
  if (dropout) keys = {&key, replicas, 1, 0};
  body(PassContext<T>{ops, workspace, keys, shape_of_tables<T>(dataset, replicas)}, flat);
  return static_cast<std::int64_t>(workspace.taken());
}

}  // namespace groklab

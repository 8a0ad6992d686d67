// The scratch memory of a pass over a model, found by a pass that computes nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/model.h"
#include "ops/null_ops.h"
#include "train/data_tables.h"

namespace groklab {

/// Calls body(context, flat), where `flat` stands for weights and gradients alike; returns the bytes
/// that it takes from the context's workspace. No address that it sees may be touched.
template <class T, class Body>
std::int64_t dry_pass(const Model<T>& model, const Dataset& dataset, std::int64_t replicas,
                      bool dropout, const Body& body) {
  Workspace workspace([](std::size_t) { return reinterpret_cast<void*>(std::size_t{64}); },
                      [](void*) {});
  NullOps<T> ops;
  const std::int64_t size = model.parameters().size();
  const FlatBuffer<T> flat{nullptr, replicas, size, size};
  const DropoutKey key;
  Vectors<const DropoutKey> keys;
  if (dropout) keys = {&key, replicas, 1, 0};
  body(PassContext<T>{ops, workspace, keys, shape_of_tables<T>(dataset, replicas)}, flat);
  return static_cast<std::int64_t>(workspace.taken());
}

}  // namespace groklab

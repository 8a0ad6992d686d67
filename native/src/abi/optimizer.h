// Reading of optimizers, as trainers and single ops take them.
#pragma once

#include <string>

#include "abi/check.h"
#include "groklab/groklab.h"
#include "ops/optimizer.h"

namespace groklab::abi {

/// Checks a caller's optimizer, whose name in messages is `name`.
Optimizer read_optimizer(const groklab_optimizer_options* options, const std::string& name);

/// Element i of an array of a caller's structs, whose size is what the first says of itself.
template <class S>
S read_element(const S* array, std::size_t i, const std::string& array_name) {
  const std::uint32_t size = read_struct(array, array_name).struct_size;
  const std::string name = array_name + "[" + std::to_string(i) + "]";
  const auto* const bytes = reinterpret_cast<const std::byte*>(array);
  const S element = read_struct(reinterpret_cast<const S*>(bytes + i * size), name);
  if (element.struct_size != size) {
    invalid(name + ".struct_size is " + std::to_string(element.struct_size) +
            "; the first one's is " + std::to_string(size));
  }
  return element;
}

}  // namespace groklab::abi

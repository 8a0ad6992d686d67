// Reads PTX. A module is read once; a function's body only when the function is first wanted.
#pragma once

#include <memory>
#include <string>

#include "ptx/syntax.h"

namespace gpu_emulator {

[[nodiscard]] std::unique_ptr<Module> parse_module(std::string text);
[[nodiscard]] Body parse_body(const Module& module, const Function& function);

}  // namespace gpu_emulator

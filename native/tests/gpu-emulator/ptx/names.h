// Names as sources have them.
#pragma once

#include <string>

namespace gpu_emulator {

/// Of a function or a variable, from the name in PTX.
[[nodiscard]] std::string demangled(const std::string& name);

}  // namespace gpu_emulator

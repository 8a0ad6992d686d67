// The declaration of a variable, which modules, parameter lists and bodies share.
#pragma once

#include "ptx/lexer.h"
#include "ptx/syntax.h"

namespace gpu_emulator {

/// What may stand before a variable's name, its name, extents and initial value, up to but not
/// including the ';' or ',' behind. The space's word (".shared") has been read.
[[nodiscard]] Variable parse_variable(Lexer& lexer, Space space);

}  // namespace gpu_emulator

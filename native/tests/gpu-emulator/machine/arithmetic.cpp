// The instructions that integers, floats and chains of carries share by name.
#include "machine/assembler.h"
#include "machine/integer.h"

namespace gpu_emulator {
namespace {

void select_arithmetic(Assembler& as, Modifiers& modifiers) {
  const std::string_view opcode = as.statement().opcode;
  const auto ends = [&](std::string_view end) { return opcode.ends_with(end); };
  if (opcode.find(".cc.") != std::string_view::npos) {
    select_carry_arithmetic(as, modifiers);
  } else if (ends(".f32") || ends(".f64")) {
    select_float_arithmetic(as, modifiers);
  } else {
    select_integer_arithmetic(as, modifiers);
  }
}

}  // namespace

void add_arithmetic_selectors(SelectorTable& table) {
  for (const char* root : {"add", "sub", "mul", "mad", "div", "min", "max", "abs", "neg"}) {
    table[root] = select_arithmetic;
  }
}

}  // namespace gpu_emulator

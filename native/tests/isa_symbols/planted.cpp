// A fault for the test of the test: a shared inline function, emitted in an instruction set's unit.
namespace groklab {

[[gnu::noinline]] inline int shared_inline_function(int x) { return x + 1; }

namespace cpu::planted {

[[gnu::noinline]] inline int own(int x) { return shared_inline_function(x); }

/// Uses both, so that the compiler emits them; `own` is no fault.
int uses(int x) { return own(x); }

}  // namespace cpu::planted
}  // namespace groklab

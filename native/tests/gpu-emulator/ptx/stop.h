// What the emulator does where it would have to guess: it says what it met, and aborts.
#pragma once

#include <string>

namespace gpu_emulator {

[[noreturn]] void stop(const std::string& sentence);

}  // namespace gpu_emulator

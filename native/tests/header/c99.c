/* The header alone must be C99: this file is compiled with -std=c99 -Wpedantic -Werror. */
#include "groklab/groklab.h"

/** Uses a struct and a function, so that more than the preprocessor sees them. */
int groklab_header_c99(void) {
  groklab_engine_options options = {0};
  options.struct_size = (uint32_t)sizeof options;
  return options.struct_size == 16 && groklab_abi_number() == GROKLAB_ABI_NUMBER;
}

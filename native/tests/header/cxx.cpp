// The header alone must be C++ too; and it must not change where it is included twice.
#include "groklab/groklab.h"

extern "C" int groklab_header_c99();

int main() { return groklab_header_c99() == 1 ? 0 : 1; }

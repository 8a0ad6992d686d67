#include "groklab/groklab.h"

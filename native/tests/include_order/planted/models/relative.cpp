#include "../ops/ops.h"

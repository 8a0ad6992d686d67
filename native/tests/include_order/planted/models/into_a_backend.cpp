#include "ops/cpu/cpu.h"

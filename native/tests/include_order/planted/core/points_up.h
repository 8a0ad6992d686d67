#pragma once
#include "ops/ops.h"

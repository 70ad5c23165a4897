#pragma once
// Numeric kernels of the networks. They work on plain arrays of numbers, use no files and do not allocate memory. Only
// select.c queries the processor. All functions are thread-safe: they access only their arguments.

#include "ck_convolution.h"
#include "ck_graph.h"
#include "ck_reference.h"
#include "ck_training.h"

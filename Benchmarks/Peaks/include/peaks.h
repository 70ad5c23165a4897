#pragma once
// What one core of this machine can do at best, to hold the kernels against.

#include <stddef.h>

/// Floating-point operations a second in fused multiply-adds on registers, two for each number; `kernels` is the name of an
/// instruction set as ck_select_kernels gives it. Unknown names are measured with vectors of four.
double peaks_multiply_add(const char *kernels);

/// Bytes a second of STREAM's triad, a = b + s c, on arrays of `bytes` in all: 12 bytes count for each number.
double peaks_triad(size_t bytes);

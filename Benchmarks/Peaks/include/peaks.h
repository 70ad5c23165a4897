#pragma once
// Measures the limits of one core of this machine, to compare the kernels with.

#include <stddef.h>

/// Floating-point operations per second of fused multiply-adds on registers, two per element. `kernels` is the name of an
/// instruction set as returned by ck_select_kernels. Unknown names are measured with vectors of four elements.
double peaks_multiply_add(const char *kernels);

/// Bytes per second of STREAM's triad, a = b + s c, on arrays of `bytes` bytes in total. Each element counts 12 bytes.
double peaks_triad(size_t bytes);

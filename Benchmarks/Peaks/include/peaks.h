#pragma once
// Measures the limits of one core of this machine; benchmarks compare the kernels with them.

#include <stddef.h>

/// Returns the floating-point operations per second of fused multiply-adds on registers; each element counts as two
/// operations. `kernels` is the name of an instruction set as returned by ck_select_kernels. Unknown names are measured
/// with vectors of four elements.
double peaks_multiply_add(const char *kernels);

/// Returns the bytes per second of STREAM's triad, a = b + s c, on arrays of `bytes` bytes in total. Each element
/// counts as 12 bytes (three floats).
double peaks_triad(size_t bytes);

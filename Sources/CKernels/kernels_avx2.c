#if defined(__x86_64__)
// A product uses the 16 registers of 8 floats as follows: 12 for sums (6 rows x 2 vectors), 2 for weights, 1 or 2 for
// inputs.
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_LANES 8
#define CK_PANELS 1
#define CK_ROWS1 6
#define CK_ISA "avx2"
#define CK_TABLE ck_kernels_avx2
#include "kernels.inc"
#pragma clang attribute pop
#endif

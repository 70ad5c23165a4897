#if defined(__x86_64__)
// 16 registers of 8 floats: 6 rows x 2 vectors of sums, 2 of weights, 1 or 2 of inputs.
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_LANES 8
#define CK_PANELS 1
#define CK_ROWS1 6
#define CK_ISA "avx2"
#define CK_TABLE ck_kernels_avx2
#include "kernels.inc"
#pragma clang attribute pop
#endif

#if defined(__x86_64__)
// The target also includes FMA. A product uses the 32 registers of 16 floats as follows: 24 for sums (6 rows x 4
// panels), 4 for weights, 1 or 2 for inputs.
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define CK_LANES 16
#define CK_PANELS 4
#define CK_ROWS1 12
#define CK_ROWS2 12
#define CK_ROWS3 8
#define CK_ROWS4 6
#define CK_ISA "avx512"
#define CK_TABLE ck_kernels_avx512
#include "kernels.inc"
#pragma clang attribute pop
#endif

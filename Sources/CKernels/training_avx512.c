#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define CK_LANES 16
#define CK_PANELS 4
#define CK_ROWS 6
#define CK_TRAINING ck_training_avx512
#include "training.inc"
#pragma clang attribute pop
#endif

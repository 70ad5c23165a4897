#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_LANES 8
#define CK_PANELS 1
#define CK_ROWS 6
#define CK_TRAINING ck_training_avx2
#include "training.inc"
#pragma clang attribute pop
#endif

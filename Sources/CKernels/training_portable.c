#define CK_LANES 4
#define CK_PANELS 1
#if defined(__aarch64__)
#define CK_ROWS 6
#else
#define CK_ROWS 2
#endif
#define CK_TRAINING ck_training_portable
#include "training.inc"

// Vectors of 4 floats, as in SSE2 and NEON. SSE2's 16 registers hold the sums of 2 rows x 4 vectors, NEON's 32
// registers those of 6 rows x 4 vectors.
#define CK_LANES 4
#define CK_PANELS 1
#if defined(__aarch64__)
#define CK_ROWS1 6
#define CK_ISA "neon"
#else
#define CK_ROWS1 2
#define CK_ISA "portable"
#endif
#define CK_TABLE ck_kernels_portable
#include "kernels.inc"

#define _POSIX_C_SOURCE 200809L

#include "peaks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/// The processor time of this thread in seconds; the time of other processes on the machine does not count.
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

enum { ROUNDS = 20, STEPS = 1 << 18, SUMS = 12 };

/// Twelve independent sums hide the latency of two multiply-add units, which is up to six cycles each. The sums
/// converge to 2, so that no value becomes very large or very small; denormal numbers would be slow to compute with.
/// The total of the sums is stored, so that the compiler removes none of them.
#define DEFINE_MULTIPLY_ADD(NAME, LANES, TARGET)                                                                     \
    TARGET static double NAME(void) {                                                                                \
        typedef float vector __attribute__((ext_vector_type(LANES)));                                                \
        static volatile float factor = 0.5f, summand = 1, total;                                                     \
        vector x = (vector)(factor), y = (vector)(summand), sums[SUMS];                                              \
        for (int i = 0; i < SUMS; i++) sums[i] = (vector)((float)i);                                                 \
        double best = 0;                                                                                             \
        for (int round = 0; round < ROUNDS; round++) {                                                               \
            double start = now();                                                                                    \
            for (int step = 0; step < STEPS; step++) {                                                               \
                _Pragma("clang loop unroll(full)") for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * x + y;         \
            }                                                                                                        \
            double rate = 2.0 * LANES * SUMS * STEPS / (now() - start);                                              \
            if (rate > best) best = rate;                                                                            \
        }                                                                                                            \
        for (int i = 0; i < SUMS; i++)                                                                               \
            for (int lane = 0; lane < LANES; lane++) total += sums[i][lane];                                         \
        return best;                                                                                                 \
    }

#if defined(__x86_64__)
DEFINE_MULTIPLY_ADD(multiply_add_16, 16, __attribute__((target("avx512f"))))
DEFINE_MULTIPLY_ADD(multiply_add_8, 8, __attribute__((target("avx2,fma"))))
#endif
DEFINE_MULTIPLY_ADD(multiply_add_4, 4, )

double peaks_multiply_add(const char *kernels) {
#if defined(__x86_64__)
    if (strcmp(kernels, "avx512") == 0) return multiply_add_16();
    if (strcmp(kernels, "avx2") == 0) return multiply_add_8();
#endif
    return multiply_add_4();
}

double peaks_triad(size_t bytes) {
    size_t count = bytes / 12, rounds = 1 + ((size_t)256 << 20) / bytes;
    float *a = malloc(3 * count * sizeof(float)), *b = a + count, *c = b + count;
    if (!a) return 0;
    for (size_t i = 0; i < 3 * count; i++) a[i] = 1;
    double best = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        double start = now();
        for (size_t round = 0; round < rounds; round++) {
            for (size_t i = 0; i < count; i++) a[i] = b[i] + 0.5f * c[i];
            // Without this statement, the compiler could remove all rounds except the last one.
            __asm__ volatile("" ::: "memory");
        }
        double rate = 12.0 * (double)count * (double)rounds / (now() - start);
        if (rate > best) best = rate;
    }
    free(a);
    return best;
}

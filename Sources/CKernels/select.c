// The only file that queries the processor's features.

#include <string.h>

#include "tables.h"

static int runs_here(const ck_kernels *kernels) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (kernels == &ck_kernels_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kernels == &ck_kernels_avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return kernels == &ck_kernels_portable;
}

const ck_kernels *ck_select_kernels(const char *wanted) {
    static const ck_kernels *const best_first[] = {
#if defined(__x86_64__)
        &ck_kernels_avx512,
        &ck_kernels_avx2,
#endif
        &ck_kernels_portable,
    };
    for (size_t i = 0; i < sizeof(best_first) / sizeof(best_first[0]); i++)
        if (runs_here(best_first[i]) && (!wanted || strcmp(wanted, best_first[i]->name) == 0)) return best_first[i];
    return NULL;
}

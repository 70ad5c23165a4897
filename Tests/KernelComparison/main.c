// Compares the kernels of every instruction set that this processor supports with plain loops, on odd sizes. The same
// program runs on x86-64 and AArch64 (natively or under qemu-user), with sanitizers and under valgrind.
// scripts/sanitize runs it.
//
//   main [NAME...]    tests only the named kernels; fails if this processor does not support one of them

#include <string.h>

#include "comparison.h"

int main(int count, char **arguments) {
    static const char *const names[] = {"avx512", "avx2", "neon", "portable"};
    printf("chosen here: %s\n", ck_select_kernels(NULL)->name);
    for (int i = 1; i < count; i++)
        if (!ck_select_kernels(arguments[i])) {
            fprintf(stderr, "This processor has no %s kernels.\n", arguments[i]);
            return 1;
        }
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        int wanted = count == 1;
        for (int i = 1; i < count; i++) wanted |= strcmp(arguments[i], names[n]) == 0;
        const ck_kernels *kernels = ck_select_kernels(names[n]);
        if (!kernels || !wanted) continue;
        verdict v = {names[n], 0, 0};
        compare_convolutions(kernels, &v);
        compare_graphs(kernels, &v);
        compare_training(ck_training_for(kernels), &v);
        printf("%-8s %ld numbers agree, the worst within %.0f %% of the tolerance\n", names[n], v.comparisons, 100 * v.worst);
    }
    return 0;
}

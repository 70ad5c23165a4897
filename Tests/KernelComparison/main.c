// Compares the kernels of every instruction set that this processor runs with plain loops, on odd sizes: the same program for
// x86-64 and for AArch64 (there or under qemu-user), under the sanitizers and under valgrind. scripts/sanitize runs it.
//
//   main [NAME...]    only these kernels; fails where one of them does not run here

#include <string.h>

#include "comparison.h"

int main(int count, char **arguments) {
    static const char *const names[] = {"avx512", "avx2", "neon", "portable"};
    printf("chosen here: %s\n", ck_select_kernels(NULL)->name);
    for (int i = 1; i < count; i++)
        if (!ck_select_kernels(arguments[i])) {
            fprintf(stderr, "There are no %s kernels here.\n", arguments[i]);
            return 1;
        }
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        int wanted = count == 1;
        for (int i = 1; i < count; i++) wanted |= strcmp(arguments[i], names[n]) == 0;
        const ck_kernels *kernels = ck_select_kernels(names[n]);
        if (!kernels || !wanted) continue;
        verdict v = {names[n], 0, 0};
        compare_convolutions(kernels, &v);
        compare_training(ck_training_for(kernels), &v);
        printf("%-8s %ld numbers agree, the worst within %.0f %% of the tolerance\n", names[n], v.comparisons, 100 * v.worst);
    }
    return 0;
}

#pragma once
// What the comparisons of main.c share: numbers, buffers of exactly the size asked for, and the verdict.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ckernels.h"

static uint32_t state = 1;

/// A number from 0 to count - 1, the same on every machine.
static inline int below(int count) {
    state = state * 1664525u + 1013904223u;
    return (int)((uint64_t)state * (uint64_t)count >> 32);
}

/// A number in [-0.5, 0.5).
static inline float number(void) { return (float)below(1 << 24) / (float)(1 << 24) - 0.5f; }

/// Memory whose end a sanitizer and valgrind know, filled with NaN: nothing that was not written may reach a result.
static inline float *empty(ptrdiff_t count) {
    float *values = malloc(sizeof(float) * (size_t)(count > 0 ? count : 1));
    if (!values) abort();
    for (ptrdiff_t i = 0; i < count; i++) values[i] = NAN;
    return values;
}

static inline float *numbers(ptrdiff_t count) {
    float *values = empty(count);
    for (ptrdiff_t i = 0; i < count; i++) values[i] = number();
    return values;
}

static inline float *copy(const float *source, ptrdiff_t count) {
    float *values = empty(count);
    for (ptrdiff_t i = 0; i < count; i++) values[i] = source[i];
    return values;
}

/// An image in rows of `row` numbers, reached through a table.
static inline float **table(float *start, ptrdiff_t row, ptrdiff_t rows) {
    float **pointers = malloc(sizeof(float *) * (size_t)rows);
    if (!pointers) abort();
    for (ptrdiff_t y = 0; y < rows; y++) pointers[y] = start + y * row;
    return pointers;
}

typedef struct {
    const char *kernels;
    long comparisons;
    /// The largest difference as a share of what rounding may make.
    double worst;
} verdict;

/// Ends the program where a result differs by more than `tolerance`, or is a number where none was expected or the reverse.
static inline void expect(verdict *v, const char *what, double actual, double expected, double tolerance) {
    if (isnan(expected) && isnan(actual)) return;
    double share = fabs(actual - expected) / tolerance;
    if (!(share <= 1)) {
        fprintf(stderr, "%s, %s: %.9g instead of %.9g\n", v->kernels, what, actual, expected);
        exit(1);
    }
    if (share > v->worst) v->worst = share;
    v->comparisons++;
}

void compare_convolutions(const ck_kernels *kernels, verdict *v);
void compare_training(const ck_training_kernels *kernels, verdict *v);

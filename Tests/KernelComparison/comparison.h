#pragma once
// Shared by the comparisons of main.c: random values, exactly sized buffers, and the verdict.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ckernels.h"

static uint32_t state = 1;

/// A random number in [0, count), the same on every machine.
static inline int below(int count) {
    state = state * 1664525u + 1013904223u;
    return (int)((uint64_t)state * (uint64_t)count >> 32);
}

/// A random number in [-0.5, 0.5).
static inline float number(void) { return (float)below(1 << 24) / (float)(1 << 24) - 0.5f; }

/// Allocates exactly `count` floats, so that sanitizers and valgrind detect overruns, and fills them with NaN, so
/// that uninitialised values show in the results.
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

/// A table of the rows of an image with `row` floats per row.
static inline float **table(float *start, ptrdiff_t row, ptrdiff_t rows) {
    float **pointers = malloc(sizeof(float *) * (size_t)rows);
    if (!pointers) abort();
    for (ptrdiff_t y = 0; y < rows; y++) pointers[y] = start + y * row;
    return pointers;
}

typedef struct {
    const char *kernels;
    long comparisons;
    /// The largest difference relative to its tolerance.
    double worst;
} verdict;

/// Exits with an error if the values differ by more than `tolerance` or only one of them is NaN.
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
void compare_graphs(const ck_kernels *kernels, verdict *v);
void compare_training(const ck_training_kernels *kernels, verdict *v);

#pragma once
// The kernels of each instruction set, for select.c.

#include "ck_convolution.h"
#include "ck_training.h"

extern const ck_kernels ck_kernels_portable;
extern const ck_training_kernels ck_training_portable;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
extern const ck_training_kernels ck_training_avx2;
extern const ck_training_kernels ck_training_avx512;
#endif

/// The transform of a row of weights: a row of powers for each point; infinity takes the last weight.
void ck_winograd_matrix(int kernel, double g[8][5]);

/// How many input channels a Winograd product takes at a time. A single group takes 64, so that the transforms of 256
/// channels need not fit the L2 at once; several groups share one transform of all channels.
static inline int ck_winograd_chunk(const ck_winograd_layer *layer) {
    return layer->groups == 1 && layer->input_channels % 64 == 0 ? 64 : layer->input_channels;
}

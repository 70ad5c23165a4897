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

/// A form of minimal filtering: what its tiles are like along each axis.
typedef struct {
    /// Numbers of a transformed tile.
    int side;
    /// Pixels of a tile, in the input and in the output.
    int input, output;
    /// From one tile's first pixel of the input to the next one's, and where that of the first is.
    int step, offset;
    /// Numbers of a transformed kernel. If they are fewer than `side`, the last one serves for all places from there on.
    int weights;
} ck_filter;

/// F(4x4, 3x3) and F(4x4, 5x5).
static const ck_filter ck_filter_3 = {6, 6, 4, 4, -1, 6};
static const ck_filter ck_filter_5 = {8, 8, 4, 4, -2, 8};
/// 3x3 at every second pixel. Of 7 pixels the first, third, fifth and seventh meet the kernel's outer weights, which is F(3, 2);
/// the others meet its middle one. 49 products instead of 81.
static const ck_filter ck_filter_strided = {7, 7, 3, 6, -1, 5};
/// Its gradient by the input: of 6 pixels the second, fourth and sixth meet the outer weights.
static const ck_filter ck_filter_strided_gradient = {7, 4, 6, 3, 0, 5};

static inline ck_filter ck_filter_of(const ck_winograd_layer *layer) {
    switch (layer->stride) {
    case CK_EVERY_SECOND: return ck_filter_strided;
    case CK_EVERY_SECOND_GRADIENT: return ck_filter_strided_gradient;
    default: return layer->kernel == 5 ? ck_filter_5 : ck_filter_3;
    }
}

/// The transform of a row of weights, [filter.weights][kernel]: a row of powers for each point; infinity takes the last weight.
void ck_winograd_matrix(const ck_winograd_layer *layer, double g[8][5]);

/// How many input channels a Winograd product takes at a time.
static inline int ck_winograd_chunk(const ck_winograd_layer *layer) {
    return layer->input_channels % 64 == 0 ? 64 : layer->input_channels;
}

#pragma once
// The kernel tables of each instruction set, for select.c.

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

/// A variant of Winograd's algorithm: the geometry of its tiles along each axis.
typedef struct {
    /// The number of values in a transformed tile.
    int side;
    /// The number of pixels in an input tile and in an output tile.
    int input, output;
    /// The distance from one input tile to the next, and the position of the first one.
    int step, offset;
    /// The number of values in a transformed kernel. If there are fewer than `side`, the last one is used for all
    /// remaining positions.
    int weights;
} ck_filter;

/// Tiles of 4 x 4 output pixels for 3 x 3 and 5 x 5 kernels: F(4x4, 3x3) and F(4x4, 5x5) in the notation of Lavin and
/// Gray (see winograd.inc).
static const ck_filter ck_filter_3 = {6, 6, 4, 4, -1, 6};
static const ck_filter ck_filter_5 = {8, 8, 4, 4, -2, 8};
/// 3x3 with stride 2. Along an axis, a tile has 7 input pixels. The first, third, fifth and seventh are multiplied by
/// the kernel's two outer weights, which is F(3, 2); the others are multiplied by the middle weight. A tile needs 49
/// products instead of 81.
static const ck_filter ck_filter_strided = {7, 7, 3, 6, -1, 5};
/// The gradient of ck_filter_strided with respect to its input. Of 6 output pixels, the second, fourth and sixth use
/// the outer weights and the others the middle weight.
static const ck_filter ck_filter_strided_gradient = {7, 4, 6, 3, 0, 5};

static inline ck_filter ck_filter_of(const ck_winograd_layer *layer) {
    switch (layer->stride) {
    case CK_EVERY_SECOND: return ck_filter_strided;
    case CK_EVERY_SECOND_GRADIENT: return ck_filter_strided_gradient;
    default: return layer->kernel == 5 ? ck_filter_5 : ck_filter_3;
    }
}

/// Computes the matrix `g` that transforms the weights along an axis, [filter.weights][kernel]. Each row holds the
/// powers of an interpolation point; the row of the point infinity selects the last weight.
void ck_winograd_matrix(const ck_winograd_layer *layer, double g[8][5]);

/// The number of input channels per Winograd product. In layers with more channels, the last product has the rest.
static inline int ck_winograd_chunk(const ck_winograd_layer *layer) {
    return layer->input_channels % 64 == 0 || layer->input_channels > 80 ? 64 : layer->input_channels;
}

/// The number of products per layer, counted for one Winograd tile and one position.
static inline int ck_winograd_chunks(const ck_winograd_layer *layer) {
    const int chunk = ck_winograd_chunk(layer);
    return (layer->input_channels + chunk - 1) / chunk;
}

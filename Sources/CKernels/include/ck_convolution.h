#pragma once
// Fast convolutions on images whose channels lie innermost, [row][column][channel], channels a multiple of 16.
//
// Rows are reached through tables of pointers, so that an image may be a ring of a few rows: the x4-resolution
// activations of a tile never exist as a whole. Regions are half-open and absolute; what lies outside the part of the
// input that is valid counts as zero, which is at once the padding of the layer and the overhang of the last tiles.

#include <stddef.h>

/// Channels come in panels of this many; packed weights are ordered by panel.
#define CK_PANEL 16
/// Winograd tiles that are transformed, multiplied and transformed back together: their transforms stay in the L2.
#define CK_TILES 24

typedef struct {
    ptrdiff_t x0, y0, x1, y1;
} ck_region;

/// Where a kernel is applied.
typedef enum {
    CK_EVERY_PIXEL,
    /// Stride 2, padding 1.
    CK_EVERY_SECOND,
    /// The gradient by the input of CK_EVERY_SECOND; the weights are those of a gradient.
    CK_EVERY_SECOND_GRADIENT,
} ck_stride;

/// A 3x3 or 5x5 convolution through Winograd's minimal filtering, weights transformed and packed by ck_kernels.pack.
typedef struct {
    /// The kernel's side: 3 or 5, 3 if the stride is 2.
    int kernel;
    ck_stride stride;
    /// A multiple of CK_PANEL.
    int input_channels;
    /// Output channels of one group: a multiple of CK_PANEL, at most 64.
    int group_channels;
    int groups;
    const float *weights;
    /// [groups * group_channels]
    const float *bias;
    /// [groups * group_channels], or NULL for no activation.
    const float *slopes;
} ck_winograd_layer;

/// Which tiles of many images of equal size a run computes, and which groups of their outputs; tiles are counted through all
/// images.
typedef struct {
    /// Rows of an image in the tables of input and output.
    ptrdiff_t input_rows, output_rows;
    ptrdiff_t first, count;
    int first_group, end_group;
    /// Tiles of all images. Towards the end of a run the next ones are fetched into the cache, for the thread that goes on with them.
    ptrdiff_t all;
} ck_tiles;

/// One run of a layer over a region of its output.
typedef struct {
    const float *const *input_rows;
    /// NULL for everything of one image; otherwise the region is that of each image.
    const ck_tiles *tiles;
    ck_region input_valid;
    /// shuffle 0: pixel (x, y) of group g is at output_rows[y][(x * groups + g) * group_channels].
    /// shuffle 1 (four groups): at output_rows[2 y + g / 2][(2 x + g % 2) * group_channels], that is PixelShuffle(2).
    float *const *output_rows;
    int shuffle;
    /// Added after the activation, laid out as the output and possibly the output itself; NULL for nothing.
    const float *const *skip_rows;
    /// Of a gradient: what a rectifier before the convolution gave, laid out as the output, and its slope, by which the output is
    /// multiplied where that is not positive; NULL for no rectifier.
    const float *const *rectified_rows;
    float rectified_slope;
    ck_region region;
    /// ck_winograd_scratch(layer) numbers, aligned to 64 bytes.
    float *scratch;
} ck_winograd_call;

/// A convolution of an image with few channels (RGB), computed directly, with bias and activation.
typedef struct {
    int kernel;
    int input_channels;
    /// A multiple of CK_PANEL, at most 64.
    int output_channels;
    /// [kernel][output_channels / 16][kernel * input_channels][16]
    const float *weights;
    const float *bias;
    const float *slopes;
} ck_direct_layer;

/// One run of a direct layer. The input is padded: its pixel (0, 0) is that of the kernel's corner for output (0, 0),
/// and each row may be read for 12 pixels beyond the region.
typedef struct {
    const float *input;
    ptrdiff_t input_row;
    float *const *output_rows;
    ck_region region;
} ck_direct_call;

/// The kernels of one instruction set.
typedef struct {
    const char *name;
    /// Transforms weights [groups * group_channels][input_channels][kernel][kernel], in double precision, into the order that
    /// `winograd` reads: ck_winograd_weights(layer) numbers. Of a gradient by a convolution's input they are that convolution's,
    /// [input_channels][groups * group_channels][kernel][kernel], and each kernel is turned by half.
    void (*pack)(const ck_winograd_layer *layer, const float *weights, int of_gradient, float *packed);
    void (*winograd)(const ck_winograd_layer *layer, const ck_winograd_call *call);
    void (*direct)(const ck_direct_layer *layer, const ck_direct_call *call);
} ck_kernels;

/// The best kernels that this processor runs, or those that `wanted` names; NULL if there are none of this name here.
/// `wanted` is NULL or one of "avx512", "avx2", "neon", "portable".
const ck_kernels *ck_select_kernels(const char *wanted);

/// The numbers of a layer's packed weights, and those that a call needs as scratch.
ptrdiff_t ck_winograd_weights(const ck_winograd_layer *layer);
ptrdiff_t ck_winograd_scratch(const ck_winograd_layer *layer);
/// The tiles that cover a region of one image.
ptrdiff_t ck_winograd_tiles(const ck_winograd_layer *layer, ck_region region);

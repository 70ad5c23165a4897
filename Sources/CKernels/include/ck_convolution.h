#pragma once
// Fast convolutions on images stored as [row][column][channel] whose channel count is a multiple of 16.
//
// Rows are accessed through tables of pointers, so an image may be a ring buffer of a few rows. With ring buffers, the
// activations of an image tile at 4x resolution need not be in memory as a whole. Regions are half-open, in absolute
// coordinates. Input pixels outside the valid region count as zero. These zeros serve as the layer's padding and
// complete the last Winograd tiles of a row or column.

#include <stddef.h>

/// The number of output channels in a panel. Packed weights consist of panels: the weights of this many neighbouring
/// output channels are stored together.
#define CK_PANEL 16
/// The number of Winograd tiles that are transformed and multiplied together; their transforms fit the L2 cache.
#define CK_TILES 24

typedef struct {
    ptrdiff_t x0, y0, x1, y1;
} ck_region;

/// The positions at which a kernel is applied.
typedef enum {
    CK_EVERY_PIXEL,
    /// Stride 2, padding 1.
    CK_EVERY_SECOND,
    /// The gradient with respect to the input of a CK_EVERY_SECOND convolution. Its weights must be packed with
    /// `of_gradient` (see ck_kernels.pack).
    CK_EVERY_SECOND_GRADIENT,
} ck_stride;

/// What a convolution does with its sums, after the bias.
typedef enum {
    /// Multiplies negative sums by the layer's slopes, if it has any, and adds the call's skip image, if there is one.
    CK_RECTIFY,
    /// Multiplies each sum by its logistic function (SiLU).
    CK_SILU,
    /// Adds the skip image and multiplies the result by the sum's logistic function minus 1/2 (the attention of SPAN).
    CK_GATE,
} ck_activation;

/// A 3x3 or 5x5 Winograd convolution; ck_kernels.pack transforms and packs the weights.
typedef struct {
    /// The kernel size: 3 or 5; only 3 with stride 2.
    int kernel;
    ck_stride stride;
    /// A multiple of CK_PANEL.
    int input_channels;
    /// The output channels of one group: a multiple of CK_PANEL, at most 64.
    int group_channels;
    int groups;
    const float *weights;
    /// One value per output channel, [groups * group_channels].
    const float *bias;
    /// The slopes of the PReLU or leaky ReLU after the convolution, [groups * group_channels]; NULL for no activation.
    const float *slopes;
    ck_activation activation;
} ck_winograd_layer;

/// The part of a batch of equally sized images that a call computes: a range of Winograd tiles, numbered consecutively
/// through all images, and a range of groups of output channels.
typedef struct {
    /// The number of rows per image in the input and output tables.
    ptrdiff_t input_rows, output_rows;
    ptrdiff_t first, count;
    int first_group, end_group;
    /// The number of tiles in all images. At the end of its range, a call prefetches the input of the tiles that
    /// follow, for the thread that computes them; this number limits the prefetch to existing tiles.
    ptrdiff_t all;
} ck_tiles;

/// One call of a layer for a region of its output.
typedef struct {
    const float *const *input_rows;
    /// NULL to compute the region of a single image; otherwise `region` applies to each image.
    const ck_tiles *tiles;
    ck_region input_valid;
    /// shuffle 0: pixel (x, y) of group g is at output_rows[y][x * output_pixel + g * group_channels].
    /// shuffle s (2 or 3; s * s groups): it is at output_rows[s y + g / s][(s x + g % s) * output_pixel], as in
    /// PixelShuffle(s).
    float *const *output_rows;
    int shuffle;
    /// The rows of an image that is added after the activation; NULL for none. The image has the output's layout and
    /// may be the output itself.
    const float *const *skip_rows;
    /// For a call that computes an input gradient, if a leaky ReLU precedes the convolution: the rows of the ReLU's
    /// output, in the layout of this call's output, and the ReLU's slope. The call's result is multiplied by the slope
    /// where the ReLU's output is not positive. NULL for no ReLU.
    const float *const *rectified_rows;
    float rectified_slope;
    ck_region region;
    /// Working memory: ck_winograd_scratch(layer) floats, aligned to 64 bytes.
    float *scratch;
    /// The number of floats from one pixel to the next in the input, in the output and in the skip image, for images
    /// whose pixels hold other channels too; 0 for images that hold nothing else.
    ptrdiff_t input_pixel, output_pixel, skip_pixel;
} ck_winograd_call;

/// A direct convolution of an image with few channels (RGB) or of kernel size 1, with bias and activation.
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

/// One call of a direct layer. The caller pads the input: input pixel (0, 0) is the one at the kernel's top left corner
/// when output pixel (0, 0) is computed. The kernels may read up to 12 pixels beyond the region in each row.
typedef struct {
    const float *input;
    ptrdiff_t input_row;
    float *const *output_rows;
    ck_region region;
    /// The number of floats from one pixel to the next in the input, only for kernel size 1, and in the output; 0 for
    /// images that hold nothing but the layer's channels.
    ptrdiff_t input_pixel, output_pixel;
} ck_direct_call;

/// The convolution kernels of one instruction set.
typedef struct {
    const char *name;
    /// Transforms weights [groups * group_channels][input_channels][kernel][kernel] in double precision and packs
    /// them as ck_winograd_weights(layer) floats in the order that `winograd` reads. With of_gradient, `weights` are
    /// those of the forward convolution, [input_channels][groups * group_channels][kernel][kernel], and each kernel
    /// is rotated by 180 degrees.
    void (*pack)(const ck_winograd_layer *layer, const float *weights, int of_gradient, float *packed);
    void (*winograd)(const ck_winograd_layer *layer, const ck_winograd_call *call);
    void (*direct)(const ck_direct_layer *layer, const ck_direct_call *call);
} ck_kernels;

/// Returns the kernels named `wanted` ("avx512", "avx2", "neon" or "portable"), or for NULL the best that this
/// processor supports. Returns NULL if there are no such kernels for this processor.
const ck_kernels *ck_select_kernels(const char *wanted);

/// The number of floats in a layer's packed weights.
ptrdiff_t ck_winograd_weights(const ck_winograd_layer *layer);
/// The number of floats of scratch memory that a call of the layer needs.
ptrdiff_t ck_winograd_scratch(const ck_winograd_layer *layer);
/// The number of tiles that cover a region of one image.
ptrdiff_t ck_winograd_tiles(const ck_winograd_layer *layer, ck_region region);

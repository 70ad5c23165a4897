#pragma once
// Plain loops over planar tensors ([channels, height, width], width innermost). The fast kernels are tested against
// these loops, which also run for shapes that no fast kernel supports.

#include <stddef.h>

#include "ck_convolution.h"

/// Computes the im2col matrix of output rows [first_row, first_row + rows), with zeros where the kernel extends beyond
/// the image: [channels * kernel * kernel, rows * output_width].
void ck_im2col_f32(
    const float *input, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t kernel, ptrdiff_t stride,
    ptrdiff_t padding, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t output_width, float *columns);

/// values[c][i] = values[c][i] * scale[c] + shift[c].
void ck_channel_affine_f32(
    float *values, ptrdiff_t channels, ptrdiff_t count, const float *scale, const float *shift);

/// With v = values[c][i]: values[c][i] = v > 0 ? v : slopes[c * slope_step] * v. slope_step is 0 for one slope shared
/// by all channels.
void ck_prelu_f32(float *values, ptrdiff_t channels, ptrdiff_t count, const float *slopes, ptrdiff_t slope_step);

/// sums[i] += addends[i].
void ck_add_f32(float *sums, const float *addends, ptrdiff_t count);

/// Rearranges [channels * factor * factor, height, width] to [channels, height * factor, width * factor], like
/// torch.nn.PixelShuffle.
void ck_pixel_shuffle_f32(
    const float *input, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t factor, float *output);

/// Returns 1 if all values are finite, otherwise 0.
int ck_all_finite_f32(const float *values, ptrdiff_t count);

/// Converts planes [channels, height, width] to interleaved pixels with `margin` zero pixels on each side, scaled by
/// scale[c] and shifted by shift[c]. `row` is the number of floats from one output row to the next, at least
/// (width + 2 margin) * channels.
void ck_interleave_f32(
    const float *planes, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t margin,
    const float *scale, const float *shift, float *output, ptrdiff_t row);

/// Converts one row of pixels to two rows of `channels` planes, scaled by scale[c] and shifted by shift[c]. The pixels
/// are [width][pixel]; the first 4 * channels floats of each pixel hold a 2 x 2 block for every channel. The result is
/// output[c * plane + dy * row + 2 x + dx].
void ck_unshuffle_row_f32(
    const float *pixels, ptrdiff_t pixel, ptrdiff_t width, ptrdiff_t channels, const float *scale,
    const float *shift, float *output, ptrdiff_t plane, ptrdiff_t row);

/// Computes the convolution of ck_kernels.winograd by plain loops, with unpacked weights
/// [groups * group_channels][input_channels][kernel][kernel]. It ignores the layer's `weights` and the call's `scratch`.
void ck_convolution_reference_f32(
    const ck_winograd_layer *layer, const ck_winograd_call *call, const float *weights);

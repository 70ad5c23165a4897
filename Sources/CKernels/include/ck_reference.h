#pragma once
// Plain loops over planar tensors ([channels, height, width], innermost last): the definition of right, and the general
// path for shapes that no fast kernel covers.

#include <stddef.h>

#include "ck_convolution.h"

/// Unfolds output rows [first_row, first_row + rows) of a convolution into columns:
/// [channels * kernel * kernel, rows * output_width], zeros where the kernel hangs over the border.
void ck_im2col_f32(
    const float *input, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t kernel, ptrdiff_t stride,
    ptrdiff_t padding, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t output_width, float *columns);

/// values[c][i] = values[c][i] * scale[c] + shift[c].
void ck_channel_affine_f32(
    float *values, ptrdiff_t channels, ptrdiff_t count, const float *scale, const float *shift);

/// values[c][i] = v > 0 ? v : slopes[c * slope_step] * v; slope_step is 0 for one slope shared by all channels.
void ck_prelu_f32(float *values, ptrdiff_t channels, ptrdiff_t count, const float *slopes, ptrdiff_t slope_step);

/// sums[i] += addends[i].
void ck_add_f32(float *sums, const float *addends, ptrdiff_t count);

/// [channels * factor * factor, height, width] to [channels, height * factor, width * factor], as torch.nn.PixelShuffle.
void ck_pixel_shuffle_f32(
    const float *input, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t factor, float *output);

/// 1 if every value is finite, else 0.
int ck_all_finite_f32(const float *values, ptrdiff_t count);

/// [channels, height, width] planes to interleaved pixels with `margin` zeros on each side, times scale[c] plus
/// shift[c].
/// `row` is the distance between output rows, at least (width + 2 margin) * channels.
void ck_interleave_f32(
    const float *planes, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t margin,
    const float *scale, const float *shift, float *output, ptrdiff_t row);

/// One row of pixels [width][pixel] whose first 4 * channels numbers are a 2 x 2 block of each channel, to two rows of
/// `channels` planes, times scale[c] plus shift[c]: output[c * plane + dy * row + 2 x + dx].
void ck_unshuffle_row_f32(
    const float *pixels, ptrdiff_t pixel, ptrdiff_t width, ptrdiff_t channels, const float *scale,
    const float *shift, float *output, ptrdiff_t plane, ptrdiff_t row);

/// The convolution that ck_kernels.winograd computes, by plain loops over weights
/// [groups * group_channels][input_channels][kernel][kernel]; everything of layer and call but weights and scratch counts.
void ck_convolution_reference_f32(
    const ck_winograd_layer *layer, const ck_winograd_call *call, const float *weights);

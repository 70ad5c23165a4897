#pragma once
// Plain loops over planar tensors ([channels, height, width], innermost last): the definition of right, and the general
// path for shapes that no fast kernel covers.

#include <stddef.h>

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

#pragma once
// The parts of a graph's fast execution that are not convolutions. Images are [row][column][channel].

#include <stddef.h>

/// output = factor * a + b for `width` pixels of a row and `channels` channels. Pixels are a_pixel, b_pixel and
/// output_pixel floats apart. The output may be one of the inputs.
void ck_scaled_sum_f32(
    const float *a, ptrdiff_t a_pixel, const float *b, ptrdiff_t b_pixel, float factor, ptrdiff_t width,
    ptrdiff_t channels, float *output, ptrdiff_t output_pixel);

/// Converts one row of pixels to `factor` rows of `channels` planes, like torch.nn.PixelShuffle, scaled by scale[c] and
/// shifted by shift[c]. The pixels are [width][pixel]; the result is output[c * plane + dy * row + factor * x + dx].
void ck_planes_of_row_f32(
    const float *pixels, ptrdiff_t pixel, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor, const float *scale,
    const float *shift, float *output, ptrdiff_t plane, ptrdiff_t row);

/// Adds a row of pixels, each repeated `factor` times, from column `first` of the longer row on.
void ck_add_repeated_f32(const float *source, ptrdiff_t factor, ptrdiff_t first, ptrdiff_t count, float *output);

/// Adds the bilinear upscaling by `factor` of two rows of source_width pixels, from column `first` of the longer row
/// on. The lower row has the weight `weight`.
void ck_add_bilinear_f32(
    const float *upper, const float *lower, float weight, ptrdiff_t source_width, ptrdiff_t factor, ptrdiff_t first,
    ptrdiff_t count, float *output);

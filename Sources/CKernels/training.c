// The training functions that need no version for each instruction set: most of them only rearrange data, which vector
// instructions would not make much faster.

#include "ck_training.h"

#include <string.h>

#include "tables.h"

const ck_training_kernels *ck_training_for(const ck_kernels *kernels) {
#if defined(__x86_64__)
    if (kernels == &ck_kernels_avx512) return &ck_training_avx512;
    if (kernels == &ck_kernels_avx2) return &ck_training_avx2;
#endif
    (void)kernels;
    return &ck_training_portable;
}

void ck_shuffle_pixels_f32(
    const float *input, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor,
    float *output) {
    const ptrdiff_t square = factor * factor;
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x++, input += pixel)
            for (ptrdiff_t place = 0; place < square; place++) {
                float *target =
                    output + ((y * factor + place / factor) * width * factor + x * factor + place % factor) * channels;
                for (ptrdiff_t c = 0; c < channels; c++) target[c] = input[c * square + place];
            }
}

void ck_unshuffle_pixels_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor, float *output,
    ptrdiff_t pixel) {
    const ptrdiff_t square = factor * factor;
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x++, output += pixel) {
            for (ptrdiff_t place = 0; place < square; place++) {
                const float *source =
                    input + ((y * factor + place / factor) * width * factor + x * factor + place % factor) * channels;
                for (ptrdiff_t c = 0; c < channels; c++) output[c * square + place] = source[c];
            }
            for (ptrdiff_t c = channels * square; c < pixel; c++) output[c] = 0;
        }
}

static ptrdiff_t clamped(ptrdiff_t index, ptrdiff_t count) {
    return index < 0 ? 0 : index < count ? index : count - 1;
}

void ck_upsample_bilinear_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float *output) {
    const ptrdiff_t pitch = width * channels;
    for (ptrdiff_t y = 0; y < 2 * height; y++) {
        // Each output pixel is a quarter of an input pixel away from the nearest one, and three quarters from the next.
        const float *near = input + y / 2 * pitch;
        const float *far = input + clamped(y % 2 ? y / 2 + 1 : y / 2 - 1, height) * pitch;
        for (ptrdiff_t x = 0; x < 2 * width; x++, output += channels) {
            const ptrdiff_t a = x / 2 * channels;
            const ptrdiff_t b = clamped(x % 2 ? x / 2 + 1 : x / 2 - 1, width) * channels;
            for (ptrdiff_t c = 0; c < channels; c++)
                output[c] = 0.75f * (0.75f * near[a + c] + 0.25f * near[b + c])
                            + 0.25f * (0.75f * far[a + c] + 0.25f * far[b + c]);
        }
    }
}

void ck_upsample_bilinear_gradient_f32(
    const float *gradient, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float *result) {
    // An input pixel has these weights in four neighbouring output pixels along each axis. At the border, the output
    // pixel that is missing there was computed from this input pixel alone, so its own weight is added again.
    static const float weights[4] = {0.25f, 0.75f, 0.75f, 0.25f};
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x++, result += channels) {
            for (ptrdiff_t c = 0; c < channels; c++) result[c] = 0;
            for (ptrdiff_t i = 0; i < 4; i++)
                for (ptrdiff_t j = 0; j < 4; j++) {
                    const ptrdiff_t row = clamped(2 * y - 1 + i, 2 * height);
                    const ptrdiff_t column = clamped(2 * x - 1 + j, 2 * width);
                    const float *source = gradient + (row * 2 * width + column) * channels;
                    const float weight = weights[i] * weights[j];
                    for (ptrdiff_t c = 0; c < channels; c++) result[c] += weight * source[c];
                }
        }
}

/// Along an axis, a block has 2 pixels, and an output block depends on five input blocks, numbered 0 to 4; number 2 is
/// at the same position. Returns the index of the kernel's weight for pixel `from` (0 or 1) of input block `block` in
/// the sum for pixel `to` (0 or 1) of the output block; -1 if the kernel does not reach that far.
static ptrdiff_t tap_of(ptrdiff_t block, ptrdiff_t from, ptrdiff_t to, ptrdiff_t kernel) {
    const ptrdiff_t tap = 2 * (block - 2) + from - to + kernel / 2;
    return tap >= 0 && tap < kernel ? tap : -1;
}

void ck_fold_shuffle_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, ptrdiff_t rows, float *folded) {
    for (ptrdiff_t row = 0; row < rows; row++)
        for (ptrdiff_t input = 0; input < 4 * inputs; input++)
            for (ptrdiff_t y = 0; y < 5; y++)
                for (ptrdiff_t x = 0; x < 5; x++) {
                    const ptrdiff_t ky = tap_of(y, input % 4 / 2, row % 4 / 2, kernel);
                    const ptrdiff_t kx = tap_of(x, input % 2, row % 2, kernel);
                    const float *plane = weights + (row / 4 * inputs + input / 4) * kernel * kernel;
                    *folded++ = row < 4 * outputs && ky >= 0 && kx >= 0 ? plane[ky * kernel + kx] : 0;
                }
}

void ck_add_folded_f32(
    const float *folded, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, float *weights) {
    for (ptrdiff_t row = 0; row < 4 * outputs; row++)
        for (ptrdiff_t input = 0; input < 4 * inputs; input++)
            for (ptrdiff_t y = 0; y < 5; y++)
                for (ptrdiff_t x = 0; x < 5; x++, folded++) {
                    const ptrdiff_t ky = tap_of(y, input % 4 / 2, row % 4 / 2, kernel);
                    const ptrdiff_t kx = tap_of(x, input % 2, row % 2, kernel);
                    if (ky < 0 || kx < 0) continue;
                    weights[((row / 4 * inputs + input / 4) * kernel + ky) * kernel + kx] += *folded;
                }
}

void ck_pad_rows_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t padding, ptrdiff_t first,
    ptrdiff_t step, ptrdiff_t rows, float *output) {
    const ptrdiff_t margin = padding * channels, row = width * channels;
    for (ptrdiff_t i = 0; i < rows; i++, output += row + 2 * margin) {
        ptrdiff_t y = first + i * step;
        if (y < 0 || y >= height) {
            memset(output, 0, sizeof(float) * (size_t)(row + 2 * margin));
            continue;
        }
        memset(output, 0, sizeof(float) * (size_t)margin);
        memcpy(output + margin, input + y * row, sizeof(float) * (size_t)row);
        memset(output + margin + row, 0, sizeof(float) * (size_t)margin);
    }
}

void ck_pack_products_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t taps, float *packed) {
    for (ptrdiff_t o = 0; o < outputs; o++)
        for (ptrdiff_t i = 0; i < inputs; i++)
            for (ptrdiff_t tap = 0; tap < taps; tap++)
                packed[((o / CK_PANEL * taps + tap) * inputs + i) * CK_PANEL + o % CK_PANEL] = *weights++;
}

void ck_pack_inner_products_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t taps, float *packed) {
    for (ptrdiff_t o = 0; o < outputs; o++)
        for (ptrdiff_t i = 0; i < inputs; i++)
            for (ptrdiff_t tap = 0; tap < taps; tap++) packed[(o * taps + tap) * inputs + i] = *weights++;
}

void ck_flip_weights_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t first_y,
    ptrdiff_t first_x, float *flipped) {
    const ptrdiff_t height = (kernel - first_y + stride - 1) / stride, width = (kernel - first_x + stride - 1) / stride;
    for (ptrdiff_t i = 0; i < inputs; i++)
        for (ptrdiff_t o = 0; o < outputs; o++)
            for (ptrdiff_t y = height - 1; y >= 0; y--)
                for (ptrdiff_t x = width - 1; x >= 0; x--)
                    *flipped++ = weights[((o * inputs + i) * kernel + first_y + y * stride) * kernel + first_x + x * stride];
}

void ck_total_variation_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float vertical_factor,
    float horizontal_factor, float *gradient, double *vertical, double *horizontal) {
    const ptrdiff_t row = width * channels;
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *line = input + y * row;
        float *slope = gradient + y * row;
        double across = 0, down = 0;
        for (ptrdiff_t i = channels; i < row; i++) {
            float d = line[i] - line[i - channels];
            across += (double)d * d;
            slope[i] += 2 * d * horizontal_factor;
            slope[i - channels] -= 2 * d * horizontal_factor;
        }
        for (ptrdiff_t i = 0; y > 0 && i < row; i++) {
            float d = line[i] - line[i - row];
            down += (double)d * d;
            slope[i] += 2 * d * vertical_factor;
            slope[i - row] -= 2 * d * vertical_factor;
        }
        *horizontal += across;
        *vertical += down;
    }
}

void ck_transpose_f32(const float *input, ptrdiff_t rows, ptrdiff_t columns, float *output) {
    enum { SIDE = 16 };
    for (ptrdiff_t r0 = 0; r0 < rows; r0 += SIDE)
        for (ptrdiff_t c0 = 0; c0 < columns; c0 += SIDE)
            for (ptrdiff_t c = c0; c < c0 + SIDE && c < columns; c++)
                for (ptrdiff_t r = r0; r < r0 + SIDE && r < rows; r++) output[c * rows + r] = input[r * columns + c];
}

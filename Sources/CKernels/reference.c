#include "ck_reference.h"

#include <math.h>
#include <string.h>

void ck_im2col_f32(
    const float *input, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t kernel, ptrdiff_t stride,
    ptrdiff_t padding, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t output_width, float *columns) {
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t ky = 0; ky < kernel; ky++)
            for (ptrdiff_t kx = 0; kx < kernel; kx++)
                for (ptrdiff_t row = first_row; row < first_row + rows; row++) {
                    ptrdiff_t y = row * stride + ky - padding;
                    if (y < 0 || y >= height) {
                        memset(columns, 0, sizeof(float) * (size_t)output_width);
                        columns += output_width;
                        continue;
                    }
                    const float *line = input + (c * height + y) * width;
                    for (ptrdiff_t column = 0; column < output_width; column++) {
                        ptrdiff_t x = column * stride + kx - padding;
                        *columns++ = x < 0 || x >= width ? 0 : line[x];
                    }
                }
}

void ck_channel_affine_f32(
    float *values, ptrdiff_t channels, ptrdiff_t count, const float *scale, const float *shift) {
    for (ptrdiff_t c = 0; c < channels; c++, values += count)
        for (ptrdiff_t i = 0; i < count; i++) values[i] = values[i] * scale[c] + shift[c];
}

void ck_prelu_f32(float *values, ptrdiff_t channels, ptrdiff_t count, const float *slopes, ptrdiff_t slope_step) {
    for (ptrdiff_t c = 0; c < channels; c++, values += count) {
        float slope = slopes[c * slope_step];
        for (ptrdiff_t i = 0; i < count; i++) values[i] = values[i] > 0 ? values[i] : slope * values[i];
    }
}

void ck_add_f32(float *sums, const float *addends, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) sums[i] += addends[i];
}

void ck_pixel_shuffle_f32(
    const float *input, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t factor, float *output) {
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t dy = 0; dy < factor; dy++)
            for (ptrdiff_t dx = 0; dx < factor; dx++)
                for (ptrdiff_t y = 0; y < height; y++) {
                    float *line = output + ((c * height + y) * factor + dy) * width * factor + dx;
                    for (ptrdiff_t x = 0; x < width; x++) line[x * factor] = *input++;
                }
}

int ck_all_finite_f32(const float *values, ptrdiff_t count) {
    // x * 0 is 0 for every finite x and NaN otherwise. The sum needs no branch in the loop, so it vectorises.
    float sums[16] = {0};
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (ptrdiff_t lane = 0; lane < 16; lane++) sums[lane] += values[i + lane] * 0.0f;
    for (; i < count; i++) sums[0] += values[i] * 0.0f;
    float sum = 0;
    for (ptrdiff_t lane = 0; lane < 16; lane++) sum += sums[lane];
    return sum == 0;
}

void ck_interleave_f32(
    const float *planes, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t margin,
    const float *scale, const float *shift, float *output, ptrdiff_t row) {
    for (ptrdiff_t y = -margin; y < height + margin; y++, output += row) {
        memset(output, 0, sizeof(float) * (size_t)row);
        if (y < 0 || y >= height) continue;
        for (ptrdiff_t c = 0; c < channels; c++) {
            const float *line = planes + (c * height + y) * width;
            for (ptrdiff_t x = 0; x < width; x++) output[(x + margin) * channels + c] = line[x] * scale[c] + shift[c];
        }
    }
}

void ck_unshuffle_row_f32(
    const float *pixels, ptrdiff_t pixel, ptrdiff_t width, ptrdiff_t channels, const float *scale,
    const float *shift, float *output, ptrdiff_t plane, ptrdiff_t row) {
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t dy = 0; dy < 2; dy++) {
            const float *source = pixels + 4 * c + 2 * dy;
            float *line = output + c * plane + dy * row;
            for (ptrdiff_t x = 0; x < width; x++) {
                line[2 * x] = source[x * pixel] * scale[c] + shift[c];
                line[2 * x + 1] = source[x * pixel + 1] * scale[c] + shift[c];
            }
        }
}

/// The input coordinate that kernel position `place` reads for an output coordinate; if it reads no pixel, -1 or
/// another coordinate outside the image.
static ptrdiff_t pixel_met(const ck_winograd_layer *layer, ptrdiff_t output, int place) {
    const ptrdiff_t offset = place - layer->kernel / 2;
    switch (layer->stride) {
    case CK_EVERY_SECOND: return 2 * output + offset;
    case CK_EVERY_SECOND_GRADIENT: return (output + offset) % 2 == 0 ? (output + offset) / 2 : -1;
    default: return output + offset;
    }
}

void ck_convolution_reference_f32(
    const ck_winograd_layer *layer, const ck_winograd_call *call, const float *weights) {
    const ptrdiff_t inputs = layer->input_channels, channels = layer->group_channels;
    const int kernel = layer->kernel, factor = call->shuffle ? call->shuffle : 1;
    const ptrdiff_t input_pixel = call->input_pixel ? call->input_pixel : inputs;
    const ptrdiff_t pixel = call->shuffle ? channels : channels * layer->groups;
    const ptrdiff_t output_pixel = call->output_pixel ? call->output_pixel : pixel;
    const ptrdiff_t skip_pixel = call->skip_pixel ? call->skip_pixel : pixel;
    const ck_region valid = call->input_valid;
    for (ptrdiff_t y = call->region.y0; y < call->region.y1; y++)
        for (ptrdiff_t x = call->region.x0; x < call->region.x1; x++)
            for (ptrdiff_t output = 0; output < channels * layer->groups; output++) {
                float sum = layer->bias[output];
                for (int ky = 0; ky < kernel; ky++)
                    for (int kx = 0; kx < kernel; kx++) {
                        ptrdiff_t row = pixel_met(layer, y, ky), column = pixel_met(layer, x, kx);
                        if (row < valid.y0 || row >= valid.y1 || column < valid.x0 || column >= valid.x1) continue;
                        const float *pixel = call->input_rows[row] + column * input_pixel;
                        for (ptrdiff_t c = 0; c < inputs; c++)
                            sum += pixel[c] * weights[((output * inputs + c) * kernel + ky) * kernel + kx];
                    }
                if (layer->slopes && sum < 0) sum *= layer->slopes[output];
                const ptrdiff_t group = output / channels, channel = output % channels;
                const ptrdiff_t line = factor * y + (call->shuffle ? group / factor : 0);
                const ptrdiff_t column = factor * x + (call->shuffle ? group % factor : 0);
                const ptrdiff_t first = call->shuffle ? channel : output;
                const float skip = call->skip_rows ? call->skip_rows[line][column * skip_pixel + first] : 0;
                const float weight = 1 / (1 + expf(-sum));
                if (layer->activation == CK_SILU) sum *= weight;
                sum = layer->activation == CK_GATE ? (sum + skip) * (weight - 0.5f) : sum + skip;
                const ptrdiff_t place = column * output_pixel + first;
                if (call->rectified_rows && !(call->rectified_rows[line][place] > 0)) sum *= call->rectified_slope;
                call->output_rows[line][place] = sum;
            }
}

#include "ck_graph.h"

void ck_scaled_sum_f32(
    const float *a, ptrdiff_t a_pixel, const float *b, ptrdiff_t b_pixel, float factor, ptrdiff_t width,
    ptrdiff_t channels, float *output, ptrdiff_t output_pixel) {
    for (ptrdiff_t x = 0; x < width; x++, a += a_pixel, b += b_pixel, output += output_pixel)
        for (ptrdiff_t c = 0; c < channels; c++) output[c] = factor * a[c] + b[c];
}

void ck_planes_of_row_f32(
    const float *pixels, ptrdiff_t pixel, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor, const float *scale,
    const float *shift, float *output, ptrdiff_t plane, ptrdiff_t row) {
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t dy = 0; dy < factor; dy++)
            for (ptrdiff_t dx = 0; dx < factor; dx++) {
                const float *source = pixels + (c * factor + dy) * factor + dx;
                float *line = output + c * plane + dy * row + dx;
                for (ptrdiff_t x = 0; x < width; x++) line[x * factor] = source[x * pixel] * scale[c] + shift[c];
            }
}

void ck_add_repeated_f32(const float *source, ptrdiff_t factor, ptrdiff_t first, ptrdiff_t count, float *output) {
    for (ptrdiff_t x = 0; x < count; x++) output[x] += source[(first + x) / factor];
}

void ck_add_bilinear_f32(
    const float *upper, const float *lower, float weight, ptrdiff_t source_width, ptrdiff_t factor, ptrdiff_t first,
    ptrdiff_t count, float *output) {
    for (ptrdiff_t x = 0; x < count; x++) {
        const float centre = ((float)(first + x) + 0.5f) / (float)factor - 0.5f;
        const float inside = centre > 0 ? centre : 0;
        ptrdiff_t left = (ptrdiff_t)inside;
        if (left > source_width - 1) left = source_width - 1;
        const ptrdiff_t right = left + 1 < source_width ? left + 1 : left;
        const float share = inside - (float)left;
        const float top = upper[left] + (upper[right] - upper[left]) * share;
        const float bottom = lower[left] + (lower[right] - lower[left]) * share;
        output[x] += top + (bottom - top) * weight;
    }
}

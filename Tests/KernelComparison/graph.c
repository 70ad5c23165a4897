// Compares what only graphs of layers use: convolutions between channels of wider pixels (dense blocks), the activations SiLU
// and gate, pixel shuffles by 3, and the operations that are no convolutions.

#include <string.h>

#include "comparison.h"

/// A convolution whose input and output are channels of the same image, as in a dense block: the output follows the input.
/// The skip image has wide pixels, too.
static void compare_dense(const ck_kernels *kernels, verdict *v) {
    static const int channels[] = {16, 32, 48, 64, 96, 128, 160, 192};
    const int inputs = channels[below(8)], group = channels[below(4)], spare = 16 * below(3);
    const int width = 1 + below(19), height = 1 + below(13), pixel = inputs + group + spare;
    const ptrdiff_t row = (ptrdiff_t)(width + 8) * pixel, skip_row = (ptrdiff_t)width * (group + spare);
    float *image = empty(row * height);
    for (int y = 0; y < height; y++)
        for (int i = 0; i < width * pixel; i++) image[y * row + 4 * pixel + i] = number();
    float *plain = copy(image, row * height);
    float *weights = numbers((ptrdiff_t)group * inputs * 9), *bias = numbers(group), *slopes = numbers(group);
    float *skip = below(2) ? numbers(skip_row * height) : NULL;
    const ck_activation activation = (ck_activation)(below(2) ? CK_SILU : skip && below(2) ? CK_GATE : CK_RECTIFY);
    ck_winograd_layer layer = {
        3, CK_EVERY_PIXEL, inputs, group, 1, NULL, bias, activation == CK_RECTIFY && below(2) ? slopes : NULL, activation};
    float *packed = empty(ck_winograd_weights(&layer));
    kernels->pack(&layer, weights, 0, packed);
    layer.weights = packed;
    float *scratch = aligned_alloc(64, (size_t)(ck_winograd_scratch(&layer) * 4 + 63) / 64 * 64);
    float **rows = table(image + 4 * pixel, row, height), **plain_rows = table(plain + 4 * pixel, row, height);
    float **output_rows = table(image + 4 * pixel + inputs, row, height);
    float **plain_output_rows = table(plain + 4 * pixel + inputs, row, height);
    float **skip_rows = skip ? table(skip, skip_row, height) : NULL;
    ck_winograd_call call = {
        (const float *const *)rows, NULL, {0, 0, width, height}, output_rows, 0, (const float *const *)skip_rows, NULL, 0,
        {0, 0, width, height}, scratch, pixel, pixel, group + spare};
    kernels->winograd(&layer, &call);
    call.input_rows = (const float *const *)plain_rows, call.output_rows = plain_output_rows;
    ck_convolution_reference_f32(&layer, &call, weights);
    char what[100];
    snprintf(
        what, sizeof(what), "dense %d to %d of %d channels, activation %d, %d x %d pixels", inputs, group, pixel, (int)activation,
        width, height);
    // All channels are compared: those that are no output must keep their values.
    for (ptrdiff_t i = 0; i < row * height; i++) expect(v, what, image[i], plain[i], 1e-5 * sqrt((double)inputs * 9));
    free(image), free(plain), free(weights), free(bias), free(slopes), free(skip), free(packed), free(scratch), free(rows);
    free(plain_rows), free(output_rows), free(plain_output_rows), free(skip_rows);
}

/// A convolution followed by a pixel shuffle by 3.
static void compare_shuffle(const ck_kernels *kernels, verdict *v) {
    const int inputs = 16 * (1 + below(4)), group = 16 * (1 + below(4)), width = 1 + below(9), height = 1 + below(7);
    const ptrdiff_t row = (ptrdiff_t)(width + 8) * inputs, output_row = (ptrdiff_t)3 * width * group, count = 3 * height * output_row;
    float *image = numbers(row * height), *weights = numbers((ptrdiff_t)9 * group * inputs * 9), *bias = numbers(9 * group);
    ck_winograd_layer layer = {3, CK_EVERY_PIXEL, inputs, group, 9, NULL, bias, NULL, CK_RECTIFY};
    float *packed = empty(ck_winograd_weights(&layer));
    kernels->pack(&layer, weights, 0, packed);
    layer.weights = packed;
    float *scratch = aligned_alloc(64, (size_t)(ck_winograd_scratch(&layer) * 4 + 63) / 64 * 64);
    float *actual = empty(count), *expected = empty(count);
    float **rows = table(image + 4 * inputs, row, height);
    float **output_rows = table(actual, output_row, 3 * height), **plain_rows = table(expected, output_row, 3 * height);
    ck_winograd_call call = {
        (const float *const *)rows, NULL, {0, 0, width, height}, output_rows, 3, NULL, NULL, 0, {0, 0, width, height}, scratch,
        0, 0, 0};
    kernels->winograd(&layer, &call);
    call.output_rows = plain_rows;
    ck_convolution_reference_f32(&layer, &call, weights);
    for (ptrdiff_t i = 0; i < count; i++)
        expect(v, "shuffle by 3", actual[i], expected[i], 5e-6 * sqrt((double)inputs * 9));
    free(image), free(weights), free(bias), free(packed), free(scratch), free(actual), free(expected), free(rows);
    free(output_rows), free(plain_rows);
}

/// A convolution of kernel size 1 from some channels of wide pixels to some channels of other wide pixels.
static void compare_pointwise(const ck_kernels *kernels, verdict *v) {
    const int inputs = 1 + below(200), outputs = 16 * (1 + below(4)), width = 1 + below(19), height = 1 + below(5);
    const int pixel = inputs + below(40), output_pixel = outputs + below(40);
    const ptrdiff_t row = (ptrdiff_t)(width + 12) * pixel, count = (ptrdiff_t)width * height * output_pixel;
    float *input = numbers(row * height), *weights = numbers((ptrdiff_t)inputs * outputs), *bias = numbers(outputs);
    float *actual = numbers(count), *before = copy(actual, count);
    float **rows = table(actual, (ptrdiff_t)width * output_pixel, height);
    ck_direct_layer layer = {1, inputs, outputs, weights, bias, NULL};
    ck_direct_call call = {input, row, rows, {0, 0, width, height}, pixel, output_pixel};
    kernels->direct(&layer, &call);
    for (ptrdiff_t i = 0; i < count; i++) {
        const ptrdiff_t y = i / (width * output_pixel), x = i / output_pixel % width, c = i % output_pixel;
        double sum = before[i];
        if (c < outputs) {
            sum = bias[c];
            for (int k = 0; k < inputs; k++)
                sum += (double)input[y * row + x * pixel + k] * weights[(c / 16 * inputs + k) * 16 + c % 16];
        }
        expect(v, "1x1 between wide pixels", actual[i], sum, 1e-6 * sqrt((double)inputs + 4));
    }
    free(input), free(weights), free(bias), free(actual), free(before), free(rows);
}

/// The value at `position` of a row, interpolated between its neighbours and constant beyond its ends.
static double between(const float *row, double position, ptrdiff_t width) {
    const double inside = fmin(fmax(position, 0), (double)width - 1), left = floor(inside);
    const ptrdiff_t first = (ptrdiff_t)left, second = first + 1 < width ? first + 1 : first;
    return row[first] * (1 - (inside - left)) + row[second] * (inside - left);
}

static void compare_operations(verdict *v) {
    const ptrdiff_t width = 1 + below(40), channels = 1 + below(70), factor = 1 + below(4);
    const ptrdiff_t a_pixel = channels + below(9), b_pixel = channels + below(9), pixel = channels + below(9);
    float *a = numbers(width * a_pixel), *b = numbers(width * b_pixel), *sum = numbers(width * pixel);
    float *before = copy(sum, width * pixel);
    ck_scaled_sum_f32(a, a_pixel, b, b_pixel, 0.2f, width, channels, sum, pixel);
    for (ptrdiff_t i = 0; i < width * pixel; i++) {
        const ptrdiff_t x = i / pixel, c = i % pixel;
        expect(v, "scaled sum", sum[i], c < channels ? 0.2 * a[x * a_pixel + c] + b[x * b_pixel + c] : before[i], 1e-6);
    }
    const ptrdiff_t planes = 1 + below(4), wide = planes * factor * factor + below(5), plane = factor * factor * width;
    float *pixels = numbers(width * wide), *scale = numbers(planes), *shift = numbers(planes), *shuffled = empty(planes * plane);
    ck_planes_of_row_f32(pixels, wide, width, planes, factor, scale, shift, shuffled, plane, factor * width);
    for (ptrdiff_t i = 0; i < planes * plane; i++) {
        const ptrdiff_t c = i / plane, y = i % plane / (factor * width), x = i % (factor * width);
        const float value = pixels[x / factor * wide + (c * factor + y) * factor + x % factor];
        expect(v, "planes of a row", shuffled[i], (double)value * scale[c] + shift[c], 1e-6);
    }
    const ptrdiff_t first = below((int)(factor * width)), count = factor * width - first;
    float *sums = numbers(count), *start = copy(sums, count);
    ck_add_repeated_f32(a, factor, first, count, sums);
    for (ptrdiff_t x = 0; x < count; x++)
        expect(v, "repeated", sums[x], (double)start[x] + a[(first + x) / factor], 1e-6);
    float *lower = numbers(width);
    const float weight = number() + 0.5f;
    memcpy(sums, start, sizeof(float) * (size_t)count);
    ck_add_bilinear_f32(a, lower, weight, width, factor, first, count, sums);
    for (ptrdiff_t x = 0; x < count; x++) {
        const double position = ((double)(first + x) + 0.5) / (double)factor - 0.5;
        const double top = between(a, position, width), bottom = between(lower, position, width);
        expect(v, "bilinear", sums[x], start[x] + top + (bottom - top) * weight, 1e-5);
    }
    free(a), free(b), free(sum), free(before), free(pixels), free(scale), free(shift), free(shuffled), free(sums), free(start);
    free(lower);
}

void compare_graphs(const ck_kernels *kernels, verdict *v) {
    state = 1;
    for (int i = 0; i < 60; i++) compare_dense(kernels, v);
    for (int i = 0; i < 20; i++) compare_shuffle(kernels, v);
    for (int i = 0; i < 60; i++) compare_pointwise(kernels, v);
    for (int i = 0; i < 60; i++) compare_operations(v);
}

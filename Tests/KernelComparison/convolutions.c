// Compares the convolution kernels of inference.

#include <string.h>

#include "comparison.h"

/// A size that becomes `side` after a convolution with stride 2.
static int strided_side(int side) { return 2 * side - below(2); }

static void compare_winograd(const ck_kernels *kernels, verdict *v) {
    static const int channels[] = {16, 32, 48, 64, 128, 256, 96, 160};
    const ck_stride stride = (ck_stride)below(3);
    const int kernel = stride == CK_EVERY_PIXEL && below(2) ? 5 : 3, inputs = channels[below(8)], group = channels[below(4)];
    const int groups = below(3) ? 1 : 4, shuffle = stride == CK_EVERY_PIXEL && groups == 4 && below(2), factor = shuffle ? 2 : 1;
    const int small_width = 1 + below(19), small_height = 1 + below(13), images = 1 + below(3), outputs = group * groups;
    const int large_width = strided_side(small_width), large_height = strided_side(small_height);
    const int width = stride == CK_EVERY_SECOND ? large_width : small_width;
    const int height = stride == CK_EVERY_SECOND ? large_height : small_height;
    const int output_width = stride == CK_EVERY_SECOND_GRADIENT ? large_width : small_width;
    const int output_height = stride == CK_EVERY_SECOND_GRADIENT ? large_height : small_height;
    const ptrdiff_t row = (ptrdiff_t)(width + 8) * inputs;
    const ptrdiff_t output_row = (ptrdiff_t)factor * output_width * outputs / (factor * factor);
    const ptrdiff_t count = images * factor * output_height * output_row;
    float *image = empty(row * height * images);
    for (int y = 0; y < height * images; y++)
        for (int i = 0; i < width * inputs; i++) image[y * row + 4 * inputs + i] = number();
    float *weights = numbers((ptrdiff_t)outputs * inputs * kernel * kernel), *bias = numbers(outputs);
    float *slopes = below(2) ? numbers(outputs) : NULL, *skip = below(2) ? numbers(count) : NULL;
    float *rectified = below(2) ? numbers(count) : NULL;
    const ck_activation activation = (ck_activation)(below(2) || !skip || rectified ? CK_RECTIFY : CK_GATE);
    ck_winograd_layer layer = {kernel, stride, inputs, group, groups, NULL, bias, activation == CK_GATE ? NULL : slopes, activation};
    float *packed = empty(ck_winograd_weights(&layer));
    // In half of the cases, pack the weights as those of a gradient, [inputs][outputs].
    const int of_gradient = below(2);
    float *turned = empty((ptrdiff_t)outputs * inputs * kernel * kernel);
    ck_flip_weights_f32(weights, outputs, inputs, kernel, 1, 0, 0, turned);
    kernels->pack(&layer, of_gradient ? turned : weights, of_gradient, packed);
    layer.weights = packed;
    float *scratch = aligned_alloc(64, (size_t)(ck_winograd_scratch(&layer) * 4 + 63) / 64 * 64);
    float *actual = empty(count), *expected = empty(count);
    float **input_rows = table(image + 4 * inputs, row, height * images);
    float **rows = table(actual, output_row, images * factor * output_height);
    float **expected_rows = table(expected, output_row, images * factor * output_height);
    float **skip_rows = skip ? table(skip, output_row, images * factor * output_height) : NULL;
    float **rectified_rows = rectified ? table(rectified, output_row, images * factor * output_height) : NULL;
    // With a stride the region starts at 0, where an input pixel and an output pixel coincide.
    const int whole = stride != CK_EVERY_PIXEL;
    ck_region region = {whole ? 0 : below(output_width), whole ? 0 : below(output_height), output_width, output_height};
    region.x1 -= below((int)(output_width - region.x0));
    region.y1 -= below((int)(output_height - region.y0));
    ck_winograd_call call = {
        (const float *const *)input_rows, NULL, {0, 0, width, height}, rows, shuffle ? 2 : 0, (const float *const *)skip_rows,
        (const float *const *)rectified_rows, 0.2f, region, scratch, 0, 0, 0};
    if (images == 1) {
        kernels->winograd(&layer, &call);
    } else {
        // Divide the work into three calls: at a random tile and, before that tile, also at a random group.
        const ptrdiff_t all = images * ck_winograd_tiles(&layer, region), half = below((int)all + 1);
        ck_tiles tiles = {height, factor * output_height, 0, half, 0, below(groups + 1), all};
        call.tiles = &tiles;
        kernels->winograd(&layer, &call);
        tiles.first_group = tiles.end_group, tiles.end_group = groups;
        kernels->winograd(&layer, &call);
        tiles = (ck_tiles){height, factor * output_height, half, all - half, 0, groups, all};
        kernels->winograd(&layer, &call);
    }
    for (int p = 0; p < images; p++) {
        const ptrdiff_t first = (ptrdiff_t)p * factor * output_height;
        call.input_rows = (const float *const *)input_rows + p * height;
        call.output_rows = expected_rows + first;
        if (skip_rows) call.skip_rows = (const float *const *)skip_rows + first;
        if (rectified_rows) call.rectified_rows = (const float *const *)rectified_rows + first;
        ck_convolution_reference_f32(&layer, &call, weights);
    }
    // The rounding error of F(4x4, 5x5) is about ten times that of plain sums.
    const double tolerance = 5e-6 * sqrt((double)inputs * kernel * kernel);
    char what[100];
    snprintf(
        what, sizeof(what), "%dx%d convolution %d (stride %d) to %d x %d, %d times %d x %d pixels", kernel, kernel, inputs,
        (int)stride, groups, group, images, output_width, output_height);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, what, actual[i], expected[i], tolerance);
    free(image), free(weights), free(bias), free(slopes), free(skip), free(packed), free(scratch), free(actual);
    free(expected), free(input_rows), free(rows), free(expected_rows), free(skip_rows);
    free(rectified), free(rectified_rows), free(turned);
}

static void compare_direct(const ck_kernels *kernels, verdict *v) {
    const int kernel = 1 + 2 * below(5), inputs = 1 + below(7), outputs = 16 * (1 + below(4));
    const int width = 1 + below(19), height = 1 + below(5);
    // Each row may be read up to 12 pixels beyond the region, so the buffer ends exactly there.
    const ptrdiff_t row = (ptrdiff_t)(width + kernel - 1 + 12) * inputs, inner = (ptrdiff_t)kernel * inputs;
    float *input = numbers(row * (height + kernel - 1));
    float *weights = numbers(kernel * inner * outputs), *bias = numbers(outputs), *slopes = below(2) ? numbers(outputs) : NULL;
    float *actual = empty((ptrdiff_t)width * height * outputs);
    float **rows = table(actual, (ptrdiff_t)width * outputs, height);
    ck_direct_layer layer = {kernel, inputs, outputs, weights, bias, slopes};
    ck_direct_call call = {input, row, rows, {0, 0, width, height}, 0, 0};
    kernels->direct(&layer, &call);
    char what[100];
    snprintf(what, sizeof(what), "direct %dx%d %d to %d, %d x %d pixels", kernel, kernel, inputs, outputs, width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < outputs; c++) {
                double sum = bias[c];
                for (int ky = 0; ky < kernel; ky++)
                    for (ptrdiff_t k = 0; k < inner; k++)
                        sum += (double)input[(y + ky) * row + x * inputs + k]
                            * weights[((ky * (outputs / 16) + c / 16) * inner + k) * 16 + c % 16];
                if (slopes && sum < 0) sum *= slopes[c];
                expect(v, what, actual[((ptrdiff_t)y * width + x) * outputs + c], sum, 1e-6 * sqrt((double)(kernel * inner) + 4));
            }
    free(input), free(weights), free(bias), free(slopes), free(actual), free(rows);
}

void compare_convolutions(const ck_kernels *kernels, verdict *v) {
    state = 1;
    for (int i = 0; i < 60; i++) compare_winograd(kernels, v);
    for (int i = 0; i < 60; i++) compare_direct(kernels, v);
}

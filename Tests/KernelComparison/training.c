// Compares the training kernels with sums in double precision.

#include "comparison.h"

static const double exact = 1e-6;

static void compare_products(const ck_training_kernels *kernels, verdict *v) {
    const ptrdiff_t inner = 1 + below(40), rows = 1 + below(3), count = 1 + below(23), panels = 1 + below(6);
    const ptrdiff_t step = 1 + below((int)inner), row = (count - 1) * step + inner, few = 1 + below(9);
    float *a = numbers(rows * row), *bias = numbers(16 * panels), *b = numbers(panels * rows * inner * 16);
    float *c = empty(count * panels * 16);
    float *slopes = below(2) ? numbers(16 * panels) : NULL;
    ck_products wide = {a, step, row, b, rows, inner, count, panels, bias, slopes, c, panels * 16};
    kernels->products(&wide);
    const double tolerance = 1e-6 * sqrt((double)(rows * inner) + 4);
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t j = 0; j < panels * 16; j++) {
            double sum = bias[j];
            for (ptrdiff_t r = 0; r < rows; r++)
                for (ptrdiff_t k = 0; k < inner; k++)
                    sum += (double)a[r * row + i * step + k] * b[((j / 16 * rows + r) * inner + k) * 16 + j % 16];
            if (slopes && sum < 0) sum *= slopes[j];
            expect(v, "products", c[i * panels * 16 + j], sum, tolerance);
        }
    free(b), free(c);

    b = numbers(few * rows * inner), c = empty(count * few);
    float *few_bias = numbers(few);
    ck_inner_products narrow = {a, step, row, b, rows, inner, count, few, few_bias, c, few};
    kernels->inner_products(&narrow);
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t j = 0; j < few; j++) {
            double sum = few_bias[j];
            for (ptrdiff_t r = 0; r < rows; r++)
                for (ptrdiff_t k = 0; k < inner; k++)
                    sum += (double)a[r * row + i * step + k] * b[(j * rows + r) * inner + k];
            expect(v, "inner products", c[i * few + j], sum, tolerance);
        }
    free(a), free(bias), free(slopes), free(b), free(few_bias), free(c);
}

static void compare_outer_products(const ck_training_kernels *kernels, verdict *v) {
    const ptrdiff_t m = 1 + below(13), n = 1 + below(75), rows = 1 + below(4), columns = 1 + below(120);
    const ptrdiff_t a_step = 1 + below((int)m), b_step = n, a_row = (columns - 1) * a_step + m, b_row = columns * b_step;
    float *a = numbers(rows * a_row), *b = numbers(rows * b_row), *c = numbers(m * n), *before = copy(c, m * n);
    ck_outer_products call = {a, a_step, a_row, b, b_step, b_row, rows, columns, m, n, c, n};
    kernels->outer_products(&call);
    for (ptrdiff_t i = 0; i < m; i++)
        for (ptrdiff_t j = 0; j < n; j++) {
            double sum = before[i * n + j];
            for (ptrdiff_t r = 0; r < rows; r++)
                for (ptrdiff_t k = 0; k < columns; k++)
                    sum += (double)a[r * a_row + k * a_step + i] * b[r * b_row + k * b_step + j];
            expect(v, "outer products", c[i * n + j], sum, 1e-6 * sqrt((double)(rows * columns) + 4));
        }
    free(a), free(b), free(c), free(before);
}

static void compare_kernel_gradient(const ck_training_kernels *kernels, verdict *v) {
    const ptrdiff_t inputs = 16 * (1 + below(6)), all = 16 * (1 + below(6)), outputs = 16 * (1 + below(all < 64 ? (int)all / 16 : 4));
    const ptrdiff_t first = 16 * below((int)(all - outputs) / 16 + 1), images = 1 + below(3);
    const ptrdiff_t width = 1 + below(15), height = 1 + below(9), rows = images * height;
    const int stride = 1 + below(2), kernel = stride == 1 && below(2) ? 5 : 3;
    const ptrdiff_t count = kernel * kernel * inputs * outputs;
    const ptrdiff_t input_width = stride * width - below(stride), input_height = stride * height - below(stride);
    float *input = numbers(images * input_height * input_width * inputs), *gradient = numbers(rows * width * all);
    float *actual = empty(count);
    float **input_rows = table(input, input_width * inputs, images * input_height);
    float **gradient_rows = table(gradient, width * all, rows);
    float *scratch = empty(CK_GRADIENT_SCRATCH);
    ck_kernel_gradient call = {
        kernel, stride == 1 ? CK_EVERY_PIXEL : CK_EVERY_SECOND, (const float *const *)input_rows,
        (const float *const *)gradient_rows, images, input_height, input_width, height, width, inputs, all, first, outputs,
        actual, kernel * inputs * outputs, scratch};
    kernels->kernel_gradient(&call);
    const double tolerance = (kernel == 5 ? 2e-5 : 5e-6) * sqrt((double)(rows * width) + 4);
    for (ptrdiff_t ky = 0; ky < kernel; ky++)
        for (ptrdiff_t kx = 0; kx < kernel; kx++)
            for (ptrdiff_t i = 0; i < inputs; i++)
                for (ptrdiff_t o = 0; o < outputs; o++) {
                    double sum = 0;
                    for (ptrdiff_t row = 0; row < rows; row++)
                        for (ptrdiff_t x = 0; x < width; x++) {
                            const ptrdiff_t from_y = row % height * stride + ky - kernel / 2, from_x = x * stride + kx - kernel / 2;
                            if (from_y < 0 || from_y >= input_height || from_x < 0 || from_x >= input_width) continue;
                            sum += (double)input_rows[row / height * input_height + from_y][from_x * inputs + i]
                                * gradient_rows[row][x * all + first + o];
                        }
                    expect(v, "weight gradient", actual[((ky * kernel + kx) * inputs + i) * outputs + o], sum, tolerance);
                }
    free(input), free(gradient), free(actual), free(input_rows), free(gradient_rows), free(scratch);
}

static void compare_gradient_parts(const ck_training_kernels *kernels, verdict *v) {
    const ptrdiff_t outputs = 1 + below(40), inputs = 1 + below(24), kernel = 1 + 2 * below(3), count = 1 + below(3);
    const ptrdiff_t first = below((int)inputs), end = first + below((int)(inputs - first) + 1), row = kernel * inputs * outputs;
    const ptrdiff_t numbers_of_all = outputs * inputs * kernel * kernel;
    const int transposed = below(2);
    float *parts = numbers(count * kernel * row), *gradient = numbers(numbers_of_all), *before = copy(gradient, numbers_of_all);
    const ck_gradient_parts call = {parts, count, kernel * row, row, transposed, outputs, inputs, kernel};
    kernels->add_gradient_parts(&call, first, end, gradient);
    for (ptrdiff_t o = 0; o < outputs; o++)
        for (ptrdiff_t i = 0; i < inputs; i++)
            for (ptrdiff_t tap = 0; tap < kernel * kernel; tap++) {
                const ptrdiff_t number = (o * inputs + i) * kernel * kernel + tap, ky = tap / kernel, kx = tap % kernel;
                const ptrdiff_t place = transposed ? (o * kernel + kx) * inputs + i : (kx * inputs + i) * outputs + o;
                double sum = before[number];
                for (ptrdiff_t part = 0; i >= first && i < end && part < count; part++)
                    sum += parts[(part * kernel + ky) * row + place];
                expect(v, "sum of gradient parts", gradient[number], sum, exact);
            }
    free(parts), free(gradient), free(before);
}

/// The gradient behind the leaky ReLU after a normalisation. The values are the same in every run, and none is so
/// close to zero that rounding decides its sign.
static double rectified_gradient(const ck_norm *norm, float x, float dy, ptrdiff_t c) {
    return (double)norm->scale[c] * x + norm->shift[c] > 0 ? dy : dy * (double)norm->slope;
}

static void compare_sums(const ck_training_kernels *kernels, verdict *v) {
    const ptrdiff_t pixels = 1 + below(150), channels = 1 + below(40), count = pixels * channels;
    float *x = numbers(count), *dy = numbers(count), *mean = numbers(channels), *slopes = numbers(channels), *dx = empty(count);
    double *sums = calloc((size_t)channels * 6, sizeof(double));
    if (!sums) abort();
    kernels->channel_sums(x, pixels, channels, sums);
    kernels->channel_squares(x, mean, pixels, channels, sums + channels);
    float *scale = numbers(channels), *shift = numbers(channels);
    const ck_norm norm = {scale, shift, 0.25f};
    kernels->norm_moments(&norm, x, mean, dy, pixels, channels, sums + 2 * channels, sums + 3 * channels, sums + 5 * channels);
    kernels->prelu_gradient(x, slopes, dy, pixels, channels, dx, sums + 4 * channels);
    for (ptrdiff_t c = 0; c < channels; c++) {
        double sum = 0, square = 0, slope = 0, product = 0, gradient = 0, rectifier = 0;
        for (ptrdiff_t i = c; i < count; i += channels) {
            const double d = x[i] - mean[c];
            const double g = rectified_gradient(&norm, x[i], dy[i], c);
            const double normed = (double)scale[c] * x[i] + shift[c];
            sum += x[i], square += d * d, slope += g, product += g * d, rectifier += normed > 0 ? 0 : normed * dy[i];
            gradient += x[i] > 0 ? 0 : (double)x[i] * dy[i];
            expect(v, "gradient of PReLU", dx[i], x[i] > 0 ? dy[i] : dy[i] * slopes[c], exact);
        }
        const double tolerance = 2e-6 * sqrt((double)pixels);
        expect(v, "sums", sums[c], sum, tolerance);
        expect(v, "squares", sums[channels + c], square, tolerance);
        expect(v, "sums of gradients", sums[2 * channels + c], slope, tolerance);
        expect(v, "moments", sums[3 * channels + c], product, tolerance);
        expect(v, "gradient of slopes", sums[4 * channels + c], gradient, tolerance);
        expect(v, "gradient of the leaky ReLU slope", sums[5 * channels + c], rectifier, tolerance);
    }
    free(x), free(dy), free(mean), free(slopes), free(dx), free(sums), free(scale), free(shift);
}

static void compare_passes(const ck_training_kernels *kernels, verdict *v) {
    const ptrdiff_t pixels = 1 + below(20), channels = 1 + below(40), count = pixels * channels;
    float *x = numbers(count), *dy = numbers(count), *y = empty(count);
    float *mean = numbers(channels), *scale = numbers(channels), *shift = numbers(channels), *factor = numbers(channels);
    float *offset = numbers(channels);
    const ck_norm norm = {scale, shift, 0.25f};
    kernels->norm(&norm, x, pixels, channels, y);
    for (ptrdiff_t i = 0; i < count; i++) {
        const double value = (double)x[i] * scale[i % channels] + shift[i % channels];
        expect(v, "norm", y[i], value > 0 ? value : value * 0.25, exact);
    }
    kernels->prelu(x, scale, pixels, channels, y);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, "PReLU", y[i], x[i] > 0 ? x[i] : x[i] * scale[i % channels], exact);
    kernels->norm_gradient(&norm, x, mean, dy, factor, offset, pixels, channels, y);
    for (ptrdiff_t i = 0; i < count; i++) {
        const ptrdiff_t c = i % channels;
        const double g = rectified_gradient(&norm, x[i], dy[i], c);
        expect(v, "gradient of the normalisation", y[i], scale[c] * g + (double)factor[c] * (x[i] - mean[c]) + offset[c], exact);
    }
    kernels->leaky_gradient(x, 0.25f, dy, count, y);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, "gradient of leaky ReLU", y[i], x[i] > 0 ? dy[i] : 0.25 * dy[i], exact);
    free(y), free(offset);

    y = copy(x, count);
    kernels->add(y, dy, count, y);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, "addition", y[i], (double)x[i] + dy[i], exact);
    free(y);
    y = copy(x, count);
    kernels->average(y, dy, 0.25f, count);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, "average", y[i], 0.75 * x[i] + 0.25 * dy[i], exact);

    double squares = 0, differences = 0;
    for (ptrdiff_t i = 0; i < count; i++) squares += ((double)x[i] - dy[i]) * ((double)x[i] - dy[i]);
    for (ptrdiff_t i = 0; i < count; i++) differences += fabs((double)x[i] - dy[i]);
    expect(v, "squared error", kernels->squared_error(x, dy, count, 0.5f, y), squares, 1e-6 * (double)count);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, "gradient of the squared error", y[i], (double)x[i] - dy[i], exact);
    expect(v, "absolute error", kernels->absolute_error(x, dy, count, 0.5f, y), differences, 1e-6 * (double)count);
    for (ptrdiff_t i = 0; i < count; i++) expect(v, "gradient of the absolute error", y[i], x[i] > dy[i] ? 0.5 : x[i] < dy[i] ? -0.5 : 0, exact);

    const ck_adam s = {0.5f, 0.999f, 1e-8f, 0.01f, 0.9f, 0.1f};
    float *values = copy(x, count), *first = numbers(count), *second = numbers(count);
    for (ptrdiff_t i = 0; i < count; i++) second[i] += 0.6f;
    float *first_before = copy(first, count), *second_before = copy(second, count);
    kernels->adam(&s, values, dy, first, second, count);
    for (ptrdiff_t i = 0; i < count; i++) {
        const double g = dy[i] + 0.1 * x[i], m = 0.5 * first_before[i] + 0.5 * g, u = 0.999 * second_before[i] + 0.001 * g * g;
        expect(v, "first moment", first[i], m, exact);
        expect(v, "second moment", second[i], u, exact);
        expect(v, "Adam", values[i], x[i] - 0.01 * m / (sqrt(u) / 0.9 + 1e-8), exact);
    }
    free(x), free(dy), free(y), free(mean), free(scale), free(shift), free(factor), free(values), free(first), free(second);
    free(first_before), free(second_before);
}

static void compare_pooling(const ck_training_kernels *kernels, verdict *v) {
    ck_pooling windows = {.channels = 1 + below(40), .kernel = 1 + below(3), .stride = 1 + below(3)};
    const ptrdiff_t channels = windows.channels, kernel = windows.kernel, stride = windows.stride;
    windows.height = kernel + below(8), windows.width = kernel + below(8);
    windows.output_height = (windows.height - kernel) / stride + 1, windows.output_width = (windows.width - kernel) / stride + 1;
    const ptrdiff_t inputs = windows.height * windows.width * channels;
    const ptrdiff_t outputs = windows.output_height * windows.output_width * channels;
    float *input = numbers(inputs), *output = empty(outputs), *dy = numbers(outputs), *dx = empty(inputs);
    unsigned char *places = malloc((size_t)outputs);
    double *expected = calloc((size_t)inputs, sizeof(double));
    if (!places || !expected) abort();
    kernels->max_pool(&windows, input, output, places);
    kernels->max_pool_gradient(&windows, dy, places, dx);
    for (ptrdiff_t o = 0; o < outputs; o++) {
        const ptrdiff_t y = o / channels / windows.output_width, x = o / channels % windows.output_width;
        ptrdiff_t best = -1, best_place = 0;
        for (ptrdiff_t place = 0; place < kernel * kernel; place++) {
            const ptrdiff_t row = y * stride + place / kernel, column = x * stride + place % kernel;
            const ptrdiff_t i = (row * windows.width + column) * channels + o % channels;
            if (best < 0 || input[i] > input[best]) best = i, best_place = place;
        }
        expect(v, "maximum", output[o], input[best], exact);
        expect(v, "position of the maximum", places[o], (double)best_place, exact);
        expected[best] += dy[o];
    }
    for (ptrdiff_t i = 0; i < inputs; i++) expect(v, "gradient of max pooling", dx[i], expected[i], exact);
    free(input), free(output), free(dy), free(dx), free(places), free(expected);
}

void compare_training(const ck_training_kernels *kernels, verdict *v) {
    state = 2;
    for (int i = 0; i < 40; i++) {
        compare_products(kernels, v);
        compare_outer_products(kernels, v);
        if (i % 3 == 0) compare_kernel_gradient(kernels, v);
        compare_gradient_parts(kernels, v);
        compare_sums(kernels, v);
        compare_passes(kernels, v);
        compare_pooling(kernels, v);
    }
}

#pragma once
// What training needs beside the convolutions of ck_convolution.h: products over overlapping rows, and passes over pixels
// whose channels lie innermost, [pixel][channel]. Any number of channels; multiples of 16 are fast.
//
// Sums over pixels are handed out in double precision, so that a caller who adds up parts in a fixed order gets the same
// bits however many threads computed them.

#include <stddef.h>

#include "ck_convolution.h"

/// c[i * c_step + j] = bias[j] + sum over r < rows, k < inner of a[r * a_row + i * a_step + k] * b[...], j < CK_PANEL * panels.
/// b: [panels][rows][inner][CK_PANEL]. With a_step < inner the rows of `a` overlap: a convolution without unfolding. What is
/// negative is multiplied by slopes[j] unless they are NULL.
typedef struct {
    const float *a;
    ptrdiff_t a_step, a_row;
    const float *b;
    ptrdiff_t rows, inner, count, panels;
    const float *bias, *slopes;
    float *c;
    ptrdiff_t c_step;
} ck_products;

/// c[i * c_step + j] = bias[j] + sum over r < rows, k < inner of a[r * a_row + i * a_step + k] * b[(j * rows + r) * inner + k]:
/// for a few outputs, which do not fill a panel.
typedef struct {
    const float *a;
    ptrdiff_t a_step, a_row;
    const float *b;
    ptrdiff_t rows, inner, count, outputs;
    const float *bias;
    float *c;
    ptrdiff_t c_step;
} ck_inner_products;

/// c[i * c_row + j] += sum over r < rows, k < columns of a[r * a_row + k * a_step + i] * b[r * b_row + k * b_step + j].
typedef struct {
    const float *a;
    ptrdiff_t a_step, a_row;
    const float *b;
    ptrdiff_t b_step, b_row;
    ptrdiff_t rows, columns, m, n;
    float *c;
    ptrdiff_t c_row;
} ck_outer_products;

/// Input channels of which kernel_gradient takes this many at a time, and the most outputs that it takes.
#define CK_GRADIENT_BLOCK 64

/// The gradient of a convolution by the weights of some of its outputs, over a number of images of equal size, through
/// Winograd's minimal filtering. The padding is half of the kernel.
typedef struct {
    /// 3 or 5, 3 if the stride is 2.
    int kernel;
    /// CK_EVERY_PIXEL or CK_EVERY_SECOND.
    ck_stride stride;
    /// The rows of all images, each [width][channels].
    const float *const *input_rows;
    const float *const *gradient_rows;
    ptrdiff_t images;
    ptrdiff_t input_height, input_width;
    /// Of the output.
    ptrdiff_t height, width;
    /// Multiples of CK_PANEL.
    ptrdiff_t input_channels, output_channels;
    /// The outputs that are wanted; `outputs` is a multiple of CK_PANEL, at most CK_GRADIENT_BLOCK.
    ptrdiff_t first_output, outputs;
    /// For each row of the kernel [kx][input][outputs], `result_row` numbers from the next; overwritten.
    float *result;
    ptrdiff_t result_row;
    /// CK_GRADIENT_SCRATCH numbers.
    float *scratch;
} ck_kernel_gradient;

enum {
    /// At most 64 sums and 64 planes each of input and gradient.
    CK_GRADIENT_SCRATCH =
        64 * CK_GRADIENT_BLOCK * CK_GRADIENT_BLOCK + 2 * 64 * (CK_TILES * CK_GRADIENT_BLOCK + 16) + CK_GRADIENT_BLOCK
};

/// Parts of the gradient by some outputs' kernels, which belong together.
typedef struct {
    /// Of each part and each row of the kernel [kx][inputs][outputs] or, transposed, [outputs][kx][inputs].
    const float *parts;
    /// From one part to the next, and from one row of the kernel to the next.
    ptrdiff_t count, part, row;
    int transposed;
    ptrdiff_t outputs, inputs, kernel;
} ck_gradient_parts;

/// A normalisation and the leaky rectifier after it: v = scale[c] x + shift[c], y = v > 0 ? v : slope v. With the slope 1 there
/// is none.
typedef struct {
    const float *scale, *shift;
    float slope;
} ck_norm;

/// The windows of a pooling of images [height, width, channels].
typedef struct {
    ptrdiff_t height, width, channels;
    ptrdiff_t kernel, stride;
    ptrdiff_t output_height, output_width;
} ck_pooling;

/// What a step of Adam needs beside its arrays.
typedef struct {
    float beta1, beta2, epsilon;
    /// The learning rate over the first bias correction.
    float step_size;
    /// The root of the second bias correction.
    float root;
    float weight_decay;
} ck_adam;

/// The passes of one instruction set.
typedef struct {
    void (*products)(const ck_products *call);
    void (*inner_products)(const ck_inner_products *call);
    void (*outer_products)(const ck_outer_products *call);
    void (*kernel_gradient)(const ck_kernel_gradient *call);
    /// Adds all parts, in their order, to the kernels [outputs][inputs][kernel][kernel], those of a range of the inputs.
    void (*add_gradient_parts)(const ck_gradient_parts *call, ptrdiff_t first_input, ptrdiff_t end_input, float *gradient);

    /// sums[c] += x
    void (*channel_sums)(const float *x, ptrdiff_t pixels, ptrdiff_t channels, double *sums);
    /// sums[c] += (x - mean[c])^2
    void (*channel_squares)(const float *x, const float *mean, ptrdiff_t pixels, ptrdiff_t channels, double *sums);
    /// With g = v > 0 ? dy : slope dy: sums[c] += g; products[c] += g (x - mean[c]); slopes[c] += v > 0 ? 0 : v dy
    void (*norm_moments)(
        const ck_norm *norm, const float *x, const float *mean, const float *dy, ptrdiff_t pixels, ptrdiff_t channels,
        double *sums, double *products, double *slopes);
    /// y of the normalisation.
    void (*norm)(const ck_norm *norm, const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *y);
    /// With g as above: dx = norm->scale[c] g + factor[c] (x - mean[c]) + shift[c]
    void (*norm_gradient)(
        const ck_norm *norm, const float *x, const float *mean, const float *dy, const float *factor, const float *shift,
        ptrdiff_t pixels, ptrdiff_t channels, float *dx);
    /// y = x > 0 ? x : slopes[c] x; y may be x.
    void (*prelu)(const float *x, const float *slopes, ptrdiff_t pixels, ptrdiff_t channels, float *y);
    /// dx = x > 0 ? dy : slopes[c] dy; sums[c] += x > 0 ? 0 : x dy. dx may be dy.
    void (*prelu_gradient)(
        const float *x, const float *slopes, const float *dy, ptrdiff_t pixels, ptrdiff_t channels, float *dx,
        double *sums);
    /// dx = y > 0 ? dy : slope dy, for the output y of a leaky rectifier; dx may be dy.
    void (*leaky_gradient)(const float *y, float slope, const float *dy, ptrdiff_t count, float *dx);
    /// The largest value of each window, and its place in the window (the first of equals).
    void (*max_pool)(const ck_pooling *windows, const float *input, float *output, unsigned char *places);
    /// The sum of the gradients of all windows whose largest value is here; overwrites input_gradient.
    void (*max_pool_gradient)(
        const ck_pooling *windows, const float *gradient, const unsigned char *places, float *input_gradient);
    /// sums = a + b; sums may be a.
    void (*add)(const float *a, const float *b, ptrdiff_t count, float *sums);
    /// average += (values - average) * share
    void (*average)(float *average, const float *values, float share, ptrdiff_t count);
    /// One step of Adam, as torch.optim.Adam.
    void (*adam)(
        const ck_adam *settings, float *values, const float *gradients, float *first, float *second, ptrdiff_t count);
    /// The sum of (x - target)^2; gradient = 2 (x - target) factor.
    double (*squared_error)(const float *x, const float *target, ptrdiff_t count, float factor, float *gradient);
    /// The sum of |x - target|; gradient = sign(x - target) factor.
    double (*absolute_error)(const float *x, const float *target, ptrdiff_t count, float factor, float *gradient);
} ck_training_kernels;

/// Tells the processor that this thread only waits for another one.
static inline void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// The passes of the same instruction set as these kernels of ck_select_kernels.
const ck_training_kernels *ck_training_for(const ck_kernels *kernels);

/// [height, width, channels * factor^2] to [height * factor, width * factor, channels] or back, channels ordered as
/// torch.nn.PixelShuffle orders them. The wide pixels are `pixel` numbers apart; what is between them is not read, and becomes 0.
void ck_shuffle_pixels_f32(
    const float *input, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor,
    float *output);
void ck_unshuffle_pixels_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor, float *output,
    ptrdiff_t pixel);

/// A convolution [outputs][inputs][kernel][kernel], kernel odd and at most 9, padded by half of it, that follows a pixel shuffle
/// by 2: as one of 5 x 5 before the shuffle, [row][4 inputs][5][5], whose outputs are the shuffle's channels of the first one's.
/// Rows from 4 outputs on, up to `rows`, are zeros. Each weight stands in four places.
void ck_fold_shuffle_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, ptrdiff_t rows, float *folded);
/// Adds up what stands in a weight's four places.
void ck_add_folded_f32(
    const float *folded, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, float *weights);

/// Rows first, first + step, ... of an image [height, width, channels] with `padding` pixels of zeros at both ends of each; rows
/// outside the image are zeros.
void ck_pad_rows_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t padding, ptrdiff_t first,
    ptrdiff_t step, ptrdiff_t rows, float *output);

/// Weights [outputs][inputs][taps] as ck_products reads them: [outputs / 16][tap][input][16].
void ck_pack_products_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t taps, float *packed);
/// The same as ck_inner_products reads them: [output][tap][input].
void ck_pack_inner_products_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t taps, float *packed);
/// Weights of the convolution that is the gradient by the input: of the rows first_y, first_y + stride, ... and the columns
/// first_x, first_x + stride, ... of [outputs][inputs][kernel][kernel], the last first, [input][output][row][column].
void ck_flip_weights_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t first_y,
    ptrdiff_t first_x, float *flipped);

/// The sums of squared differences between vertical and horizontal neighbours of [height, width, channels]; adds
/// 2 difference factor to the gradient of each.
void ck_total_variation_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float vertical_factor,
    float horizontal_factor, float *gradient, double *vertical, double *horizontal);

/// [rows, columns] to [columns, rows].
void ck_transpose_f32(const float *input, ptrdiff_t rows, ptrdiff_t columns, float *output);
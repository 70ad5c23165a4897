#pragma once
// The kernels of training besides the convolutions of ck_convolution.h: matrix products over overlapping rows, and
// passes over pixels stored as [pixel][channel]. Any number of channels is supported; multiples of 16 are fast.
//
// Sums over pixels are returned in double precision. A caller that adds partial sums in a fixed order gets
// bit-identical results for any number of threads.

#include <stddef.h>

#include "ck_convolution.h"

/// c[i * c_step + j] = bias[j] + sum over r < rows, k < inner of a[r * a_row + i * a_step + k] * b[...]
/// for j < CK_PANEL * panels, with b: [panels][rows][inner][CK_PANEL].
///
/// If a_step < inner, the rows of `a` overlap, which computes a convolution without im2col. Negative results are
/// multiplied by slopes[j] unless `slopes` is NULL.
typedef struct {
    const float *a;
    ptrdiff_t a_step, a_row;
    const float *b;
    ptrdiff_t rows, inner, count, panels;
    const float *bias, *slopes;
    float *c;
    ptrdiff_t c_step;
} ck_products;

/// c[i * c_step + j] = bias[j] + sum over r < rows, k < inner of
///                     a[r * a_row + i * a_step + k] * b[(j * rows + r) * inner + k]
///
/// Unlike in ck_products, `b` is not packed in panels, so any number of outputs is possible.
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

/// The number of input channels that kernel_gradient processes at a time, and the maximum number of output channels in
/// a call.
#define CK_GRADIENT_BLOCK 64

/// The gradient of a convolution with respect to the weights of some of its output channels, over a batch of equally
/// sized images, by Winograd's algorithm. The padding is kernel / 2.
typedef struct {
    /// The kernel size: 3 or 5; only 3 with stride 2.
    int kernel;
    /// CK_EVERY_PIXEL or CK_EVERY_SECOND.
    ck_stride stride;
    /// The rows of the convolution's input and of the gradient with respect to the convolution's output, for all images
    /// one after another. Each row is [width][channels].
    const float *const *input_rows;
    const float *const *gradient_rows;
    ptrdiff_t images;
    ptrdiff_t input_height, input_width;
    /// The size of the convolution's output.
    ptrdiff_t height, width;
    /// Multiples of CK_PANEL.
    ptrdiff_t input_channels, output_channels;
    /// The output channels to compute; `outputs` is a multiple of CK_PANEL, at most CK_GRADIENT_BLOCK.
    ptrdiff_t first_output, outputs;
    /// The result, which is overwritten: [kx][input][outputs] for each kernel row. Kernel rows are `result_row` floats
    /// apart.
    float *result;
    ptrdiff_t result_row;
    /// Working memory: CK_GRADIENT_SCRATCH floats.
    float *scratch;
} ck_kernel_gradient;

enum {
    /// The size of kernel_gradient's working memory in floats: at most 64 matrices of sums, 64 planes of transformed
    /// input, 64 planes of transformed gradient, and zeros for pixels outside the images.
    CK_GRADIENT_SCRATCH =
        64 * CK_GRADIENT_BLOCK * CK_GRADIENT_BLOCK + 2 * 64 * (CK_TILES * CK_GRADIENT_BLOCK + 16) + CK_GRADIENT_BLOCK
};

/// Partial sums of the weight gradient of a block of output channels.
typedef struct {
    /// The sums of each part: [kx][inputs][outputs] for each kernel row or, if `transposed`, [outputs][kx][inputs].
    const float *parts;
    /// The number of parts, and the distances in floats from one part and one kernel row to the next.
    ptrdiff_t count, part, row;
    int transposed;
    ptrdiff_t outputs, inputs, kernel;
} ck_gradient_parts;

/// A normalisation followed by a leaky ReLU: v = scale[c] x + shift[c], y = v > 0 ? v : slope v. Slope 1 means no
/// ReLU.
typedef struct {
    const float *scale, *shift;
    float slope;
} ck_norm;

/// The windows of a pooling layer over images [height, width, channels].
typedef struct {
    ptrdiff_t height, width, channels;
    ptrdiff_t kernel, stride;
    ptrdiff_t output_height, output_width;
} ck_pooling;

/// The coefficients of one step of Adam.
typedef struct {
    float beta1, beta2, epsilon;
    /// The learning rate divided by the bias correction of the first moment.
    float step_size;
    /// The square root of the bias correction of the second moment.
    float root;
    float weight_decay;
} ck_adam;

/// The training kernels of one instruction set.
typedef struct {
    void (*products)(const ck_products *call);
    void (*inner_products)(const ck_inner_products *call);
    void (*outer_products)(const ck_outer_products *call);
    void (*kernel_gradient)(const ck_kernel_gradient *call);
    /// Adds the parts, in order, to the weight gradients [outputs][inputs][kernel][kernel] of a range of input
    /// channels.
    void (*add_gradient_parts)(const ck_gradient_parts *call, ptrdiff_t first_input, ptrdiff_t end_input, float *gradient);

    /// Adds each pixel to the sums of its channels: sums[c] += x.
    void (*channel_sums)(const float *x, ptrdiff_t pixels, ptrdiff_t channels, double *sums);
    /// Adds the squared deviations of each pixel: sums[c] += (x - mean[c])^2.
    void (*channel_squares)(const float *x, const float *mean, ptrdiff_t pixels, ptrdiff_t channels, double *sums);
    /// With v of ck_norm and g = v > 0 ? dy : slope dy: sums[c] += g; products[c] += g (x - mean[c]);
    /// slopes[c] += v > 0 ? 0 : v dy
    void (*norm_moments)(
        const ck_norm *norm, const float *x, const float *mean, const float *dy, ptrdiff_t pixels, ptrdiff_t channels,
        double *sums, double *products, double *slopes);
    /// Computes y of ck_norm for each pixel.
    void (*norm)(const ck_norm *norm, const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *y);
    /// With g as in norm_moments: dx = norm->scale[c] g + factor[c] (x - mean[c]) + shift[c]
    void (*norm_gradient)(
        const ck_norm *norm, const float *x, const float *mean, const float *dy, const float *factor, const float *shift,
        ptrdiff_t pixels, ptrdiff_t channels, float *dx);
    /// y = x > 0 ? x : slopes[c] x; y may be x.
    void (*prelu)(const float *x, const float *slopes, ptrdiff_t pixels, ptrdiff_t channels, float *y);
    /// dx = x > 0 ? dy : slopes[c] dy; sums[c] += x > 0 ? 0 : x dy. dx may be dy.
    void (*prelu_gradient)(
        const float *x, const float *slopes, const float *dy, ptrdiff_t pixels, ptrdiff_t channels, float *dx,
        double *sums);
    /// dx = y > 0 ? dy : slope dy, where y is the output of a leaky ReLU; dx may be dy.
    void (*leaky_gradient)(const float *y, float slope, const float *dy, ptrdiff_t count, float *dx);
    /// The maximum of each window, and its index in the window (the first of equal values).
    void (*max_pool)(const ck_pooling *windows, const float *input, float *output, unsigned char *places);
    /// For each input pixel, computes the sum of the gradients of the windows whose maximum this pixel is; overwrites
    /// input_gradient.
    void (*max_pool_gradient)(
        const ck_pooling *windows, const float *gradient, const unsigned char *places, float *input_gradient);
    /// sums = a + b; sums may be a.
    void (*add)(const float *a, const float *b, ptrdiff_t count, float *sums);
    /// average += (values - average) * share
    void (*average)(float *average, const float *values, float share, ptrdiff_t count);
    /// One step of Adam, as torch.optim.Adam.
    void (*adam)(
        const ck_adam *settings, float *values, const float *gradients, float *first, float *second, ptrdiff_t count);
    /// Returns the sum of (x - target)^2 and writes gradient = 2 * factor * (x - target).
    double (*squared_error)(const float *x, const float *target, ptrdiff_t count, float factor, float *gradient);
    /// Returns the sum of |x - target| and writes gradient = factor * sign(x - target).
    double (*absolute_error)(const float *x, const float *target, ptrdiff_t count, float factor, float *gradient);
} ck_training_kernels;

/// Tells the processor that this thread is spinning.
static inline void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Returns the training kernels of the instruction set of `kernels`.
const ck_training_kernels *ck_training_for(const ck_kernels *kernels);

/// ck_shuffle_pixels_f32 converts [height, width, channels * factor^2] to [height * factor, width * factor, channels];
/// ck_unshuffle_pixels_f32 does the opposite. Channels are in the order of torch.nn.PixelShuffle. The pixels of
/// channels * factor^2 values start `pixel` floats apart. ck_shuffle_pixels_f32 ignores the floats between the end of
/// such a pixel and the next one; ck_unshuffle_pixels_f32 sets them to 0.
void ck_shuffle_pixels_f32(
    const float *input, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor,
    float *output);
void ck_unshuffle_pixels_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t factor, float *output,
    ptrdiff_t pixel);

/// Doubles the width and height of [height, width, channels] by bilinear interpolation, like torch.nn.Upsample with
/// align_corners=False.
void ck_upsample_bilinear_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float *output);
/// The gradient of ck_upsample_bilinear_f32: from [2 height, 2 width, channels] to [height, width, channels].
void ck_upsample_bilinear_gradient_f32(
    const float *gradient, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float *result);

/// Converts a convolution that follows a pixel shuffle by 2 to an equivalent convolution before the shuffle. `weights`
/// are [outputs][inputs][kernel][kernel], with an odd kernel of at most 9 and padding kernel / 2. `folded` is
/// [row][4 inputs][5][5]: the first 4 * outputs rows compute the channels whose pixel shuffle is the output of the
/// original convolution; further rows, up to `rows`, are zero. Each weight occurs at four positions of `folded`.
void ck_fold_shuffle_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, ptrdiff_t rows, float *folded);
/// Adds the gradients of each weight's four positions in `folded` to the gradient of that weight.
void ck_add_folded_f32(
    const float *folded, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, float *weights);

/// Copies rows first, first + step, ... of an image [height, width, channels], with `padding` zero pixels at both
/// ends of each row. Rows outside the image are zero.
void ck_pad_rows_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t padding, ptrdiff_t first,
    ptrdiff_t step, ptrdiff_t rows, float *output);

/// Packs weights [outputs][inputs][taps] for ck_products: [outputs / 16][tap][input][16].
void ck_pack_products_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t taps, float *packed);
/// Packs the same weights for ck_inner_products: [output][tap][input].
void ck_pack_inner_products_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t taps, float *packed);
/// The input gradient of a convolution is itself a convolution of the output gradient; this function computes its
/// weights. It takes the rows first_y, first_y + stride, ... and the columns first_x, first_x + stride, ... of
/// [outputs][inputs][kernel][kernel] in reverse order and writes [input][output][row][column].
void ck_flip_weights_f32(
    const float *weights, ptrdiff_t outputs, ptrdiff_t inputs, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t first_y,
    ptrdiff_t first_x, float *flipped);

/// Adds the sum of squared differences of vertical neighbours in the image [height, width, channels] to `vertical`, and
/// the sum for horizontal neighbours to `horizontal`. Adds the gradient of each sum, multiplied by its factor, to
/// `gradient`.
void ck_total_variation_f32(
    const float *input, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float vertical_factor,
    float horizontal_factor, float *gradient, double *vertical, double *horizontal);

/// Transposes [rows, columns] to [columns, rows].
void ck_transpose_f32(const float *input, ptrdiff_t rows, ptrdiff_t columns, float *output);
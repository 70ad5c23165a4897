// Weights as the kernels read them. Runs once, when a model is loaded.

#include <string.h>

#include "tables.h"

/// The finite points of the minimal filtering and their scales, for 6 and 8 inputs; see kernels.inc.
#define ROOT_HALF 0.70710678118654752440
#define ROOT_2 1.41421356237309504880
static const double points6[5] = {0, ROOT_HALF, -ROOT_HALF, ROOT_2, -ROOT_2};
static const double scales6[5] = {1, -2.0 / 3, -2.0 / 3, 1.0 / 6, 1.0 / 6};
static const double points8[7] = {0, 1, -1, 2, -2, 0.5, -0.5};
static const double scales8[7] = {1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90, 32.0 / 45, 32.0 / 45};

/// A row of powers for each point; infinity takes the last weight.
static void weight_matrix(int side, int kernel, double g[8][5]) {
    const double *points = side == 6 ? points6 : points8, *scales = side == 6 ? scales6 : scales8;
    for (int i = 0; i < side - 1; i++) {
        double power = scales[i];
        for (int j = 0; j < kernel; j++, power *= points[i]) g[i][j] = power;
    }
    for (int j = 0; j < kernel; j++) g[side - 1][j] = j == kernel - 1;
}

static int side_of(const ck_winograd_layer *layer) { return layer->kernel + CK_TILE - 1; }

ptrdiff_t ck_winograd_weights(const ck_winograd_layer *layer) {
    return (ptrdiff_t)side_of(layer) * side_of(layer) * layer->input_channels * layer->group_channels * layer->groups;
}

ptrdiff_t ck_winograd_scratch(const ck_winograd_layer *layer) {
    ptrdiff_t planes = (ptrdiff_t)side_of(layer) * side_of(layer), chunk = ck_winograd_chunk(layer);
    return planes * (CK_TILES * (chunk + layer->group_channels) + 32 + chunk);
}

void ck_pack_winograd_f32(const ck_winograd_layer *layer, const float *weights, float *packed) {
    const int side = side_of(layer), kernel = layer->kernel, planes = side * side;
    const ptrdiff_t inputs = layer->input_channels, group = layer->group_channels;
    const ptrdiff_t chunk = ck_winograd_chunk(layer), chunks = inputs / chunk;
    double g[8][5];
    weight_matrix(side, kernel, g);
    for (ptrdiff_t output = 0; output < group * layer->groups; output++)
        for (ptrdiff_t input = 0; input < inputs; input++, weights += kernel * kernel) {
            double half[8][5];
            for (int i = 0; i < side; i++)
                for (int x = 0; x < kernel; x++) {
                    half[i][x] = 0;
                    for (int y = 0; y < kernel; y++) half[i][x] += g[i][y] * weights[y * kernel + x];
                }
            // [group][chunk][plane][panel][input in chunk][output in panel]
            ptrdiff_t block = output / group * chunks + input / chunk;
            float *place = packed + block * planes * chunk * group + output % group / CK_PANEL * chunk * CK_PANEL
                + input % chunk * CK_PANEL + output % CK_PANEL;
            for (int i = 0; i < side; i++)
                for (int j = 0; j < side; j++) {
                    double sum = 0;
                    for (int x = 0; x < kernel; x++) sum += half[i][x] * g[j][x];
                    place[(i * side + j) * chunk * group] = (float)sum;
                }
        }
}

// What minimal filtering needs of a layer, whatever the instruction set.

#include "tables.h"

/// The finite points of the minimal filtering and their scales, for 6 and 8 inputs; see winograd.inc.
#define ROOT_HALF 0.70710678118654752440
#define ROOT_2 1.41421356237309504880
static const double points6[5] = {0, ROOT_HALF, -ROOT_HALF, ROOT_2, -ROOT_2};
static const double scales6[5] = {1, -2.0 / 3, -2.0 / 3, 1.0 / 6, 1.0 / 6};
static const double points8[7] = {0, 1, -1, 2, -2, 0.5, -0.5};
static const double scales8[7] = {1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90, 32.0 / 45, 32.0 / 45};

void ck_winograd_matrix(int kernel, double g[8][5]) {
    const int side = kernel + CK_TILE - 1;
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
    return planes * (CK_TILES * (chunk + layer->group_channels) + 32) + chunk;
}

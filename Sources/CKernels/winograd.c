// The parts of Winograd's algorithm that do not depend on the instruction set.

#include "tables.h"

#define ROOT_HALF 0.70710678118654752440
#define ROOT_2 1.41421356237309504880
/// The finite interpolation points of Winograd's algorithm and their scale factors, for 6 and 8 inputs; see
/// winograd.inc.
static const double points6[5] = {0, ROOT_HALF, -ROOT_HALF, ROOT_2, -ROOT_2};
static const double scales6[5] = {1, -2.0 / 3, -2.0 / 3, 1.0 / 6, 1.0 / 6};
static const double points8[7] = {0, 1, -1, 2, -2, 0.5, -0.5};
static const double scales8[7] = {1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90, 32.0 / 45, 32.0 / 45};

void ck_winograd_matrix(const ck_winograd_layer *layer, double g[8][5]) {
    if (layer->stride != CK_EVERY_PIXEL) {
        // Rows for the outer weights at the points 0, 1, -1 and infinity, then the row for the middle weight.
        static const double strided[5][3] = {{1, 0, 0}, {0.5, 0, 0.5}, {0.5, 0, -0.5}, {0, 0, 1}, {0, 1, 0}};
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 3; j++) g[i][j] = strided[i][j];
        return;
    }
    const int kernel = layer->kernel, side = ck_filter_of(layer).side;
    const double *points = side == 6 ? points6 : points8, *scales = side == 6 ? scales6 : scales8;
    for (int i = 0; i < side - 1; i++) {
        double power = scales[i];
        for (int j = 0; j < kernel; j++, power *= points[i]) g[i][j] = power;
    }
    for (int j = 0; j < kernel; j++) g[side - 1][j] = j == kernel - 1;
}

ptrdiff_t ck_winograd_weights(const ck_winograd_layer *layer) {
    const ptrdiff_t rows = ck_filter_of(layer).weights;
    return rows * rows * layer->input_channels * layer->group_channels * layer->groups;
}

ptrdiff_t ck_winograd_scratch(const ck_winograd_layer *layer) {
    const ptrdiff_t side = ck_filter_of(layer).side, chunk = ck_winograd_chunk(layer);
    // With several groups of output channels, the transforms of all input channels are kept, because every group reads
    // them.
    const ptrdiff_t chunks = layer->groups > 1 ? ck_winograd_chunks(layer) : 1;
    return side * side * (chunks * (CK_TILES * chunk + 16) + CK_TILES * layer->group_channels + 16) + chunk;
}

ptrdiff_t ck_winograd_tiles(const ck_winograd_layer *layer, ck_region region) {
    const int output = ck_filter_of(layer).output;
    return (region.x1 - region.x0 + output - 1) / output * ((region.y1 - region.y0 + output - 1) / output);
}

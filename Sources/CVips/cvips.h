// The header of libvips (Debian's libvips-dev), and wrappers for its variadic functions and macros, which Swift cannot
// call.
//
// Each wrapper makes one call with the options that this project uses. All return what libvips returns: 0 or an object
// on success; -1 or NULL on failure, with the message in libvips' error buffer.
#ifndef SRGAN_CVIPS_H
#define SRGAN_CVIPS_H

#include <gio/gio.h>
#include <vips/vips.h>

// Loaders. All use sequential access: rows arrive once, from the top.

static inline VipsImage *srgan_vips_load_jpeg(VipsSource *source, VipsFailOn fail_on) {
    VipsImage *image = NULL;
    vips_jpegload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, NULL);
    return image;
}

static inline VipsImage *srgan_vips_load_png(VipsSource *source, VipsFailOn fail_on) {
    VipsImage *image = NULL;
    vips_pngload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, NULL);
    return image;
}

static inline VipsImage *srgan_vips_load_webp(VipsSource *source, VipsFailOn fail_on) {
    VipsImage *image = NULL;
    vips_webpload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, NULL);
    return image;
}

static inline VipsImage *srgan_vips_load_tiff(VipsSource *source, VipsFailOn fail_on, int page) {
    VipsImage *image = NULL;
    vips_tiffload_source(
        source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, "page", page, NULL);
    return image;
}

static inline VipsImage *srgan_vips_load_gif(VipsSource *source, VipsFailOn fail_on) {
    VipsImage *image = NULL;
    vips_gifload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, NULL);
    return image;
}

// Savers. No option may require the whole image: no progressive JPEG, no optimised Huffman tables, no interlaced PNG.
// "strip" leaves the metadata out: `FileHead` and `TIFFMetadataWriter` add them.

static inline int srgan_vips_save_jpeg(VipsImage *image, VipsTarget *target, int quality) {
    return vips_jpegsave_target(image, target, "Q", quality, "strip", TRUE, NULL);
}

static inline int srgan_vips_save_png(VipsImage *image, VipsTarget *target, int compression, int filter) {
    return vips_pngsave_target(image, target, "compression", compression, "filter", filter, "strip", TRUE, NULL);
}

static inline int srgan_vips_save_webp(VipsImage *image, VipsTarget *target, int quality, int effort) {
    return vips_webpsave_target(image, target, "Q", quality, "effort", effort, "strip", TRUE, NULL);
}

static inline int srgan_vips_save_tiff(VipsImage *image, VipsTarget *target, gboolean bigtiff) {
    return vips_tiffsave_target(
        image, target, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_LZW, "predictor",
        VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "bigtiff", bigtiff, "strip", TRUE, NULL);
}

/// Returns a target that calls these functions with `state`, which must outlive it; the caller unrefs it. The functions
/// return what write, read and lseek return.
static inline VipsTarget *srgan_vips_target(
    gint64 (*write)(VipsTargetCustom *target, const void *data, gint64 length, void *state),
    gint64 (*read)(VipsTargetCustom *target, void *data, gint64 length, void *state),
    gint64 (*seek)(VipsTargetCustom *target, gint64 offset, int whence, void *state), void *state) {
    VipsTargetCustom *target = vips_target_custom_new();
    if (target == NULL) return NULL;
    g_signal_connect(target, "write", G_CALLBACK(write), state);
    g_signal_connect(target, "read", G_CALLBACK(read), state);
    g_signal_connect(target, "seek", G_CALLBACK(seek), state);
    return VIPS_TARGET(target);
}

/// Encodes to memory that the caller frees with g_free.
static inline int srgan_vips_encode_jpeg(VipsImage *image, int quality, void **bytes, size_t *count) {
    return vips_jpegsave_buffer(image, bytes, count, "Q", quality, NULL);
}

// Colour.

static inline VipsImage *srgan_vips_icc_transform(VipsImage *image, const char *fallback, int depth) {
    VipsImage *result = NULL;
    vips_icc_transform(
        image, &result, "srgb", "embedded", TRUE, "input_profile", fallback, "intent", VIPS_INTENT_RELATIVE,
        "black_point_compensation", TRUE, "depth", depth, NULL);
    return result;
}

static inline VipsImage *srgan_vips_icc_import(VipsImage *image) {
    VipsImage *result = NULL;
    vips_icc_import(
        image, &result, "embedded", TRUE, "pcs", VIPS_PCS_LAB, "intent", VIPS_INTENT_RELATIVE,
        "black_point_compensation", TRUE, NULL);
    return result;
}

/// Loads one of libvips' built-in profiles: "srgb", "p3" or "cmyk".
static inline int srgan_vips_profile_load(const char *name, VipsBlob **profile) {
    return vips_profile_load(name, profile, NULL);
}

static inline VipsImage *srgan_vips_colourspace(VipsImage *image, VipsInterpretation space) {
    VipsImage *result = NULL;
    vips_colourspace(image, &result, space, NULL);
    return result;
}

/// Flattens the image onto a background with the same value in every band; the last band is the alpha channel.
static inline VipsImage *srgan_vips_flatten(VipsImage *image, double background, double max_alpha) {
    VipsImage *result = NULL;
    VipsArrayDouble *array = vips_array_double_newv(1, background);
    vips_flatten(image, &result, "background", array, "max_alpha", max_alpha, NULL);
    vips_area_unref(VIPS_AREA(array));
    return result;
}

static inline VipsImage *srgan_vips_extract_bands(VipsImage *image, int first, int count) {
    VipsImage *result = NULL;
    vips_extract_band(image, &result, first, "n", count, NULL);
    return result;
}

static inline VipsImage *srgan_vips_bandjoin(VipsImage *left, VipsImage *right) {
    VipsImage *result = NULL;
    vips_bandjoin2(left, right, &result, NULL);
    return result;
}

/// Multiplies each sample by a factor and adds an offset.
static inline VipsImage *srgan_vips_linear(VipsImage *image, double factor, double offset) {
    VipsImage *result = NULL;
    vips_linear1(image, &result, factor, offset, NULL);
    return result;
}

static inline VipsImage *srgan_vips_cast(VipsImage *image, VipsBandFormat format) {
    VipsImage *result = NULL;
    vips_cast(image, &result, format, NULL);
    return result;
}

/// Returns the same pixels, tagged with another interpretation of their bands.
static inline VipsImage *srgan_vips_retag(VipsImage *image, VipsInterpretation space) {
    VipsImage *result = NULL;
    vips_copy(image, &result, "interpretation", space, NULL);
    return result;
}

/// Renders text with the system's fonts as one band, 255 for full ink; NULL if libvips was built without Pango.
static inline VipsImage *srgan_vips_text(const char *text, const char *font, int dpi) {
    VipsImage *result = NULL;
    vips_text(&result, text, "font", font, "dpi", dpi, NULL);
    return result;
}

// Orientation.

static inline VipsImage *srgan_vips_flip(VipsImage *image, VipsDirection direction) {
    VipsImage *result = NULL;
    vips_flip(image, &result, direction, NULL);
    return result;
}

static inline VipsImage *srgan_vips_rotate(VipsImage *image, VipsAngle angle) {
    VipsImage *result = NULL;
    vips_rot(image, &result, angle, NULL);
    return result;
}

// Pixels in and out.

/// Computes the mean of all samples; this decodes the whole image.
static inline int srgan_vips_average(VipsImage *image, double *average) {
    return vips_avg(image, average, NULL);
}

/// Declares an image whose rows a callback generates; libvips requests the rows in full-width strips from the top.
static inline int srgan_vips_pipeline_strips(VipsImage *image) {
    return vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, NULL);
}

static inline VipsPel *srgan_vips_region_address(VipsRegion *region, int x, int y) {
    return VIPS_REGION_ADDR(region, x, y);
}

static inline size_t srgan_vips_region_stride(VipsRegion *region) {
    return VIPS_REGION_LSKIP(region);
}

#endif

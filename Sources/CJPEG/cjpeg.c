#include "cjpeg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    block = 65536,
    /// libvips refuses files with more scans.
    most_scans = 100,
};

struct check {
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    int descriptor;
    off_t offset;
    int lacks_pixels;
    JOCTET bytes[block];
};

static void fail(j_common_ptr info) { longjmp(((struct check *)info->client_data)->failed, 1); }

static void note_warning(j_common_ptr info, int level) {
    struct check *check = info->client_data;
    if (level < 0 && info->err->msg_code == JWRN_HIT_MARKER) check->lacks_pixels = 1;
}

static void limit_scans(j_common_ptr info) {
    if (((j_decompress_ptr)info)->input_scan_number > most_scans) fail(info);
}

static void begin(j_decompress_ptr info) { (void)info; }

static boolean fill(j_decompress_ptr info) {
    struct check *check = info->client_data;
    ssize_t count;
    do count = pread(check->descriptor, check->bytes, block, check->offset);
    while (count < 0 && errno == EINTR);
    if (count < 0) fail((j_common_ptr)info);
    if (count == 0) {
        // After the file's end, an end marker follows.
        check->bytes[0] = 0xFF;
        check->bytes[1] = JPEG_EOI;
        count = 2;
    } else {
        check->offset += count;
    }
    check->source.next_input_byte = check->bytes;
    check->source.bytes_in_buffer = (size_t)count;
    return TRUE;
}

static void skip(j_decompress_ptr info, long count) {
    struct check *check = info->client_data;
    if (count <= 0) return;
    size_t held = check->source.bytes_in_buffer;
    if ((size_t)count <= held) {
        check->source.next_input_byte += count;
        check->source.bytes_in_buffer -= (size_t)count;
        return;
    }
    check->offset += count - (long)held;
    check->source.bytes_in_buffer = 0;
}

int cjpeg_lacks_pixels(int descriptor) {
    struct check *check = calloc(1, sizeof *check);
    if (check == NULL) return -1;
    struct jpeg_decompress_struct info = {.client_data = check};
    info.err = jpeg_std_error(&check->errors);
    check->errors.error_exit = fail;
    check->errors.emit_message = note_warning;
    check->descriptor = descriptor;
    if (setjmp(check->failed)) {
        int result = check->lacks_pixels ? 1 : -1;
        jpeg_destroy_decompress(&info);
        free(check);
        return result;
    }
    jpeg_create_decompress(&info);
    info.client_data = check;
    check->source = (struct jpeg_source_mgr){
        .init_source = begin, .fill_input_buffer = fill, .skip_input_data = skip,
        .resync_to_restart = jpeg_resync_to_restart, .term_source = begin};
    info.src = &check->source;
    check->progress.progress_monitor = limit_scans;
    info.progress = &check->progress;
    jpeg_read_header(&info, TRUE);
    // One pixel for each block of 8 x 8 pixels, without conversions: almost only the entropy decoder works.
    info.scale_num = 1;
    info.scale_denom = 8;
    info.out_color_space = info.jpeg_color_space;
    info.dct_method = JDCT_IFAST;
    info.do_fancy_upsampling = FALSE;
    jpeg_start_decompress(&info);
    JSAMPARRAY row = (*info.mem->alloc_sarray)(
        (j_common_ptr)&info, JPOOL_IMAGE, info.output_width * (JDIMENSION)info.output_components, 1);
    while (info.output_scanline < info.output_height && !check->lacks_pixels) jpeg_read_scanlines(&info, row, 1);
    int result = check->lacks_pixels;
    jpeg_destroy_decompress(&info);
    free(check);
    return result;
}

// The metadata parsers of Exiv2 (Debian's libexiv2-dev), which is a C++ library, as C functions.
//
// All functions work on memory only: they open no file. Any number of threads may call them, but one block must be used
// by one thread at a time. Damaged data never ends the process: the functions catch every C++ exception and return -1.
#ifndef SRGAN_CEXIV2_H
#define SRGAN_CEXIV2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The memory for a result.
typedef struct cexiv2_block cexiv2_block;

/// The directory of an EXIF tag.
typedef enum {
    CEXIV2_IMAGE,
    CEXIV2_PHOTO,
    CEXIV2_INTEROPERABILITY,
    CEXIV2_GPS,
} cexiv2_directory;

/// Prepares Exiv2's XMP parser. Exiv2 writes nothing to standard error after this call.
void cexiv2_prepare(void);

/// Returns an empty block, or NULL if memory ran out. The caller frees it with cexiv2_free.
cexiv2_block *cexiv2_new(void);
void cexiv2_free(cexiv2_block *block);

/// Returns the type that the EXIF standard demands for a tag, in TIFF's numbers; 0 if Exiv2 does not know the tag.
int cexiv2_standard_type(cexiv2_directory directory, uint16_t tag);

/// Reads IPTC data sets or an XMP packet, removes every data set or property for which `removes` returns 1, and writes
/// the rest: data sets, or a packet without its wrapper. `removes` gets Exiv2's key, such as "Xmp.dc.title" or
/// "Iptc.Application2.City", and the value as text.
///
/// Returns the number of removed entries, or -1 if the data are damaged. `result` belongs to the block and is valid
/// until the next call for it; `result_count` is 0 if nothing remains.
int cexiv2_filter_iptc(
    cexiv2_block *block, const uint8_t *bytes, size_t count,
    int (*removes)(const char *key, const char *value, void *context), void *context, const uint8_t **result,
    size_t *result_count);
int cexiv2_filter_xmp(
    cexiv2_block *block, const uint8_t *bytes, size_t count,
    int (*removes)(const char *key, const char *value, void *context), void *context, const uint8_t **result,
    size_t *result_count);

#ifdef __cplusplus
}
#endif

#endif

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

/// The IPTC and XMP data that were read.
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

/// Read a kind of data into a block, in place of the data that the block has. Return 0, or -1 if the bytes are damaged.

/// Reads IPTC data sets.
int cexiv2_read_iptc(cexiv2_block *block, const uint8_t *bytes, size_t count);
/// Reads an XMP packet.
int cexiv2_read_xmp(cexiv2_block *block, const uint8_t *bytes, size_t count);

/// Returns the type that the EXIF standard demands for a tag, in TIFF's numbers; 0 if Exiv2 does not know the tag.
int cexiv2_standard_type(cexiv2_directory directory, uint16_t tag);

/// Removes every IPTC data set or XMP property for which `removes` returns 1. `removes` gets Exiv2's key, such as
/// "Xmp.dc.title" or "Iptc.Application2.City", and the value as text. Returns the number of removed entries, or -1.
int cexiv2_remove_iptc(
    cexiv2_block *block, int (*removes)(const char *key, const char *value, void *context), void *context);
int cexiv2_remove_xmp(
    cexiv2_block *block, int (*removes)(const char *key, const char *value, void *context), void *context);

/// Write the remaining data: IPTC data sets, or an XMP packet without its wrapper. The bytes belong to the block and stay
/// valid until the next call for it. `count` is 0 if no data remain. Return 0 or -1.
int cexiv2_write_iptc(cexiv2_block *block, const uint8_t **bytes, size_t *count);
int cexiv2_write_xmp(cexiv2_block *block, const uint8_t **bytes, size_t *count);

#ifdef __cplusplus
}
#endif

#endif

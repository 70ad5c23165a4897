// A check of JPEG files with libjpeg-turbo (Debian's libjpeg62-turbo-dev), which libvips uses too.
#ifndef SRGAN_CJPEG_H
#define SRGAN_CJPEG_H

#include <stddef.h>

/// Decodes the file that `descriptor` refers to, from its first byte, and returns 1 if compressed pixels are missing, 0
/// if none are, and -1 if the file cannot be decoded. A missing end marker does not count. Does not move the
/// descriptor's position.
///
/// libjpeg reports only a decoder's first warning as text, so libvips does not see this one after another.
int cjpeg_lacks_pixels(int descriptor);

#endif

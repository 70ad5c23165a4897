// Debian's libvips-dev.
#include <vips/vips.h>

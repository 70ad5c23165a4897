// Debian's libinotifytools0-dev.
#include <inotifytools/inotify.h>
#include <inotifytools/inotifytools.h>

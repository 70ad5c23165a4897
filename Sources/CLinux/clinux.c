#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to) {
    return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

int clinux_pipe_cloexec(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

int clinux_open_step(int folder, const char *name) {
    return openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static const __rlimit_resource_t resources[] = {
    [CLINUX_CORE_BYTES] = RLIMIT_CORE,       [CLINUX_CPU_SECONDS] = RLIMIT_CPU,   [CLINUX_MEMORY_BYTES] = RLIMIT_DATA,
    [CLINUX_FILE_BYTES] = RLIMIT_FSIZE,      [CLINUX_PROCESSES] = RLIMIT_NPROC,   [CLINUX_DESCRIPTORS] = RLIMIT_NOFILE,
};

int clinux_limit(pid_t process, clinux_resource resource, uint64_t value) {
    struct rlimit both = {.rlim_cur = value, .rlim_max = value};
    return prlimit(process, resources[resource], &both, NULL);
}

uint64_t clinux_own_limit(clinux_resource resource) {
    struct rlimit both;
    return getrlimit(resources[resource], &both) == 0 && both.rlim_cur != RLIM_INFINITY ? both.rlim_cur : UINT64_MAX;
}

void clinux_malloc_arenas(int count) { mallopt(M_ARENA_MAX, count); }

int clinux_nice_group(pid_t group, int nice) { return setpriority(PRIO_PGRP, (id_t)group, nice); }

int clinux_clone(int from, int to) { return ioctl(to, FICLONE, from); }

int clinux_open_unnamed(const char *folder, mode_t mode) {
    return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

int clinux_link_unnamed(int descriptor, const char *path) {
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int clinux_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int clinux_has_writer(int descriptor) {
    // The kernel grants a read lease only while nobody has the file open for writing. A process that opens the file for
    // writing during the lease waits for its end, and the kernel signals this process. The usual signal, SIGIO, would end
    // the process; SIGURG is ignored by default.
    if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) return -1;
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(descriptor, F_SETLEASE, F_UNLCK);
        return 0;
    }
    return errno == EAGAIN ? 1 : -1;
}

int clinux_is_written_file(int folder, const char *name, uint64_t *device, uint64_t *inode) {
    struct statx link, file;
    // The permissions of the link are those of the descriptor.
    if (statx(folder, name, AT_SYMLINK_NOFOLLOW, STATX_MODE, &link) != 0 || !(link.stx_mode & S_IWUSR)) return 0;
    if (statx(folder, name, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &file) != 0) return 0;
    if (!S_ISREG(file.stx_mode)) return 0;
    *device = makedev(file.stx_dev_major, file.stx_dev_minor);
    *inode = file.stx_ino;
    return 1;
}

uint32_t clinux_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (uint32_t)status.f_type : 0;
}

// System calls of Linux that Glibc's Swift module hides, because it is built without _GNU_SOURCE.
#ifndef SRGAN_CLINUX_H
#define SRGAN_CLINUX_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

/// renameat2 with RENAME_NOREPLACE: fails with EEXIST instead of replacing. Each name is relative to its folder's
/// descriptor, which may be AT_FDCWD.
int clinux_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to);

/// pipe2 with O_CLOEXEC.
int clinux_pipe_cloexec(int descriptors[2]);

/// Opens the folder `name` in the folder `folder` with O_PATH, as a step to what lies below it; needs no right to read
/// the folder. Fails with ENOTDIR for a symbolic link.
int clinux_open_step(int folder, const char *name);

/// Adds an action that closes all descriptors from `first` on in the spawned process. It is needed because libraries
/// open some descriptors without O_CLOEXEC.
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// The resources of a process that `clinux_limit` can limit.
typedef enum {
    CLINUX_CORE_BYTES,
    CLINUX_CPU_SECONDS,
    /// Private writable memory (RLIMIT_DATA), whether it is used or not. RLIMIT_AS is no alternative, because it also
    /// counts reserved address space: 64 MiB for every thread that calls malloc, and each library's code.
    CLINUX_MEMORY_BYTES,
    CLINUX_FILE_BYTES,
    /// Processes and threads of the whole user. The superuser has no such limit.
    CLINUX_PROCESSES,
    CLINUX_DESCRIPTORS,
} clinux_resource;

/// Sets the soft and the hard limit of a process (0: the calling process) to one value with prlimit.
int clinux_limit(pid_t process, clinux_resource resource, uint64_t value);

/// This process's soft limit; UINT64_MAX if there is none.
uint64_t clinux_own_limit(clinux_resource resource);

/// Limits malloc to `count` arenas. Without a limit, malloc counts the processors when it needs a ninth arena; it opens
/// a file for this, which the sandbox denies.
void clinux_malloc_arenas(int count);

/// Sets the priority of a whole process group with setpriority.
int clinux_nice_group(pid_t group, int nice);

/// Creates an unnamed file in `folder`, open for reading and writing. It disappears when its last descriptor is closed.
int clinux_open_unnamed(const char *folder, mode_t mode);

/// Gives an unnamed file a name; fails with EEXIST instead of replacing.
int clinux_link_unnamed(int descriptor, const char *path);

/// Returns a descriptor that becomes readable when the process ends.
int clinux_pidfd_open(pid_t process);

/// Makes the file `to` share the blocks of the file `from`, on file systems that support this (FICLONE).
int clinux_clone(int from, int to);

/// Names the calling thread, at most 15 bytes.
void clinux_name_thread(const char *name);

/// Whether a process has a file open for writing: 1 if so, 0 if not; -1 with errno if the kernel does not say, because the
/// file belongs to another user (EACCES) or its file system has no leases (EINVAL). The descriptor must be open for
/// reading only.
int clinux_has_writer(int descriptor);

/// Whether an entry of a folder `/proc/PID/fd` is a regular file that the process has open for writing. Stores the file's
/// device and inode if so. Sends no request to a server of a network file system, which may not answer.
int clinux_is_written_file(int folder, const char *name, uint64_t *device, uint64_t *inode);

/// The type number of the file system that holds `path` (`f_type` of statfs); 0 if it is unknown.
uint32_t clinux_file_system_type(const char *path);

#endif

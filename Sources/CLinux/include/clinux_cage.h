// The worker's sandbox: a worker gives up files, network, programs and privileges before it reads an untrusted file.
//
// The restrictions are permanent. They apply to all threads of the process and to everything they start.
#ifndef SRGAN_CLINUX_CAGE_H
#define SRGAN_CLINUX_CAGE_H

/// Sets PR_SET_NO_NEW_PRIVS for the calling thread. `clinux_landlock` and `clinux_seccomp` require it and extend it to
/// all threads.
int clinux_no_new_privileges(void);

/// Returns the kernel's Landlock version (1 or more), 0 if the kernel has none, or -1 with errno if the version cannot
/// be queried.
int clinux_landlock_version(void);

/// Denies every right over files, TCP ports, abstract sockets and signals to other processes that this kernel's
/// Landlock supports.
///
/// Returns the kernel's Landlock version (1 or more), 0 if it has none, or -1 with errno. EBUSY: a thread blocks
/// signals and cannot be reached; the calling thread is restricted nevertheless.
int clinux_landlock(void);

/// Allows only the system calls that decoding, computing and encoding on open descriptors need. The others fail with
/// EPERM, or with ENOSYS where libraries have a fallback.
///
/// Returns 0, or -1 with errno: ENOSYS or EINVAL if the kernel has no seccomp filters, ENOTSUP if this processor has no
/// filter.
int clinux_seccomp(void);

#endif

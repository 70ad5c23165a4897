// What a worker gives up before it looks at a stranger's file: files, network, programs, privileges.
//
// Everything here is for good, for all threads of the process, and for all that they start.
#ifndef SRGAN_CLINUX_CAGE_H
#define SRGAN_CLINUX_CAGE_H

/// prctl(PR_SET_NO_NEW_PRIVS) for the calling thread; `clinux_landlock` and `clinux_seccomp` need it, and spread it.
int clinux_no_new_privileges(void);

/// The version of the kernel's Landlock, 1 and more; 0 where it has none, -1 with errno where it may not be asked.
int clinux_landlock_version(void);

/// Denies every right over files, TCP ports, abstract sockets and other processes' signals that this kernel's Landlock knows.
///
/// Returns the version of the kernel's Landlock (1 and more), 0 where it has none, or -1 with errno: EBUSY when a
/// thread that blocks signals cannot be reached; the calling thread is restricted all the same.
int clinux_landlock(void);

/// Lets through only the system calls that decoding, computing and encoding on open descriptors need; the others fail
/// with EPERM.
///
/// Returns 0, or -1 with errno: ENOSYS or EINVAL where the kernel has no seccomp filters, ENOTSUP on a processor for
/// which there is no filter.
int clinux_seccomp(void);

#endif

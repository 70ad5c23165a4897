// A worker's sandbox: a worker gives up files, network, programs and privileges before it reads an untrusted file.
//
// The restrictions are permanent. They apply to all threads of the process and to all threads and processes they start.
#ifndef SRGAN_CLINUX_SANDBOX_H
#define SRGAN_CLINUX_SANDBOX_H

/// prctl(PR_SET_NO_NEW_PRIVS) for the calling thread. `clinux_landlock` and `clinux_seccomp` require it, and extend it to
/// all threads.
int clinux_no_new_privileges(void);

/// The version of the kernel's Landlock, 1 or higher; 0 if it has none; -1 with errno if the query is not permitted.
int clinux_landlock_version(void);

/// Denies every right that this kernel's Landlock controls: files, TCP ports, abstract sockets, signals to other processes.
///
/// Returns the version of the kernel's Landlock (1 or higher), 0 if it has none, or -1 with errno: EBUSY if a thread cannot
/// be reached because it blocks signals. The calling thread is restricted even then.
int clinux_landlock(void);

/// Allows only the system calls that decoding, computing and encoding on open descriptors need; all others fail with EPERM.
///
/// Returns 0, or -1 with errno: ENOSYS or EINVAL if the kernel has no seccomp filters, ENOTSUP on a processor without a
/// filter here.
int clinux_seccomp(void);

#endif

// A worker's sandbox: before a worker reads an untrusted file, it gives up the rights to open files, use the network,
// start programs and gain privileges.
//
// The restrictions are permanent. They apply to all threads of the process, and to all threads and processes that these
// threads start.
#ifndef SRGAN_CLINUX_SANDBOX_H
#define SRGAN_CLINUX_SANDBOX_H

/// Sets PR_SET_NO_NEW_PRIVS for the calling thread with prctl. The kernel requires this for Landlock and seccomp;
/// `clinux_landlock` and `clinux_seccomp` set it for all threads.
int clinux_no_new_privileges(void);

/// The version of the kernel's Landlock, 1 or higher; 0 if it has none; -1 with errno if the query is not permitted.
int clinux_landlock_version(void);

/// Denies every right that this kernel's Landlock controls: files, TCP ports, abstract sockets, signals to other processes.
///
/// Returns the version of the kernel's Landlock (1 or higher), 0 if it has none, or -1 with errno: EBUSY if another
/// thread blocks the signal that tells a thread to restrict itself. The calling thread is restricted even in this case.
int clinux_landlock(void);

/// Installs a filter that allows only the system calls that a worker needs to decode, compute and encode with files
/// that are already open. Other calls fail with EPERM; those for which libraries have an older replacement fail with
/// ENOSYS, and calls of another architecture end the process.
///
/// Returns 0, or -1 with errno: ENOSYS or EINVAL if the kernel has no seccomp filters, ENOTSUP if this project has no
/// filter for the processor (only x86-64 and AArch64 have one).
int clinux_seccomp(void);

#endif

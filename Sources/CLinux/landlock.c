#define _GNU_SOURCE
#include "clinux_sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The numbers of Landlock's system calls, because Debian 12's C library has no wrappers for them. Debian 12's kernel
// headers know Landlock only up to version 2, so the ruleset is declared here as well.
enum { create_ruleset = 444, restrict_self = 446 };

static const uint32_t ask_for_version = 1;

struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

/// All rights that a version of Landlock controls. Landlock denies each of these rights unless a rule grants it, and
/// this program adds no rules.
static struct ruleset all_rights(int version) {
    // The file rights that each version added. Version 1: execute, write, read, list, remove (2 rights), make (7
    // rights); version 2: refer; version 3: truncate; version 5: ioctl on devices.
    int rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (struct ruleset){
        .files = (UINT64_C(1) << rights) - 1,
        .network = version >= 4 ? 3 : 0, // bind and connect over TCP
        .scopes = version >= 6 ? 3 : 0,  // abstract sockets, signals
    };
}

int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

// landlock_restrict_self restricts only the calling thread and the threads that it starts afterwards. Libraries have
// already started threads before that call (OpenBLAS does so when it is loaded). An unrestricted thread would defeat
// the sandbox, because all threads share memory. Therefore this program sends each thread a signal, and the handler
// calls landlock_restrict_self in that thread. `answers` counts the threads that ran the handler; `failure` is the
// errno of a failed call, or 0.
static int ruleset_descriptor;
static atomic_int answers;
static atomic_int failure;

static void restrict_thread(int signal) {
    (void)signal;
    int kept = errno;
    if (clinux_no_new_privileges() != 0 || syscall(restrict_self, ruleset_descriptor, 0) != 0)
        atomic_store(&failure, errno);
    atomic_fetch_add(&answers, 1);
    errno = kept;
}

/// Waits until `answers` exceeds `before`, for about a minute at most. The limit is that long because on a busy machine
/// a thread sometimes gets no processor time for seconds.
static int await_answer(int before) {
    struct timespec nap = {.tv_nsec = 100000};
    for (int turn = 0; turn < 600000; turn++) {
        if (atomic_load(&answers) > before) return 0;
        nanosleep(&nap, NULL);
    }
    errno = ETIMEDOUT;
    return -1;
}

static int contains(const pid_t *threads, int count, pid_t thread) {
    for (int index = 0; index < count; index++)
        if (threads[index] == thread) return 1;
    return 0;
}

/// Returns 1 if a thread of this process blocks a signal, otherwise 0. The thread may have inherited its signal mask
/// from the process that started this one.
static int is_blocked(pid_t thread, int signal) {
    char path[64], line[128];
    unsigned long long mask = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    while (fgets(line, sizeof line, file) && sscanf(line, "SigBlk: %llx", &mask) != 1) {}
    fclose(file);
    return (int)(mask >> (signal - 1) & 1);
}

/// Makes one other thread restrict itself; returns 0 also if that thread has ended.
static int reach(pid_t thread, int signal) {
    // A new thread blocks all signals until the C library has set it up, so wait for about a second at most.
    struct timespec nap = {.tv_nsec = 1000000};
    for (int turn = 0; is_blocked(thread, signal); turn++) {
        if (turn == 1000) {
            errno = EBUSY;
            return -1;
        }
        nanosleep(&nap, NULL);
    }
    int before = atomic_load(&answers);
    if (syscall(SYS_tgkill, getpid(), thread, signal) != 0) return errno == ESRCH ? 0 : -1;
    return await_answer(before);
}

/// Restricts every other thread once. Repeats the scan of this process's threads until it finds no new thread, because
/// a thread that is not yet restricted may have started another one.
static int restrict_others(int signal) {
    enum { most = 1024 };
    static pid_t done[most];
    int count = 0, status = 0;
    done[count++] = (pid_t)syscall(SYS_gettid);
    for (int found = 1; found && status == 0;) {
        found = 0;
        DIR *threads = opendir("/proc/self/task");
        if (!threads) return -1;
        for (struct dirent *entry; status == 0 && (entry = readdir(threads));) {
            pid_t thread = atoi(entry->d_name);
            if (thread <= 0 || contains(done, count, thread)) continue;
            if (count == most) {
                errno = EAGAIN;
                status = -1;
            } else {
                status = reach(thread, signal);
                done[count++] = thread;
                found = 1;
            }
        }
        int kept = errno;
        closedir(threads);
        errno = kept;
    }
    return status;
}

int clinux_landlock_version(void) {
    int version = (int)syscall(create_ruleset, NULL, 0, ask_for_version);
    return version < 0 && (errno == ENOSYS || errno == EOPNOTSUPP) ? 0 : version;
}

int clinux_landlock(void) {
    int version = clinux_landlock_version();
    if (version < 1) return version;
    struct ruleset rights = all_rights(version);
    // An older kernel accepts a longer structure if the part that it does not know is zero, which is the case here.
    ruleset_descriptor = (int)syscall(create_ruleset, &rights, sizeof rights, 0);
    if (ruleset_descriptor < 0) return -1;

    int signal = SIGRTMAX;
    struct sigaction handler = {.sa_handler = restrict_thread, .sa_flags = SA_RESTART}, before;
    sigfillset(&handler.sa_mask);
    if (sigaction(signal, &handler, &before) != 0) return -1;
    int others = restrict_others(signal);
    int kept = errno;
    restrict_thread(signal);
    if (others != 0) {
        // The handler stays installed, because a signal may still be pending and would end the process if there were no
        // handler.
        errno = kept;
        return -1;
    }
    sigaction(signal, &before, NULL);
    close(ruleset_descriptor);
    errno = atomic_load(&failure);
    return errno ? -1 : version;
}

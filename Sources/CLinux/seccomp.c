#define _GNU_SOURCE
#include "clinux_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PROCESSOR AUDIT_ARCH_AARCH64
#endif

#ifdef PROCESSOR

/// Calls that are allowed with any arguments: memory, threads, clocks, and reading and writing open descriptors.
static const int allowed[] = {
    SYS_read, SYS_write, SYS_futex, SYS_pread64, SYS_pwrite64, SYS_readv, SYS_writev, SYS_preadv, SYS_pwritev, SYS_lseek,
    SYS_fstat, SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync, SYS_fadvise64, SYS_close, SYS_dup, SYS_ppoll,
    SYS_pselect6, SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_mincore, SYS_rt_sigaction, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_exit, SYS_exit_group, SYS_set_robust_list,
    SYS_get_robust_list, SYS_gettid, SYS_getpid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu, SYS_membarrier, SYS_nanosleep, SYS_clock_nanosleep,
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times, SYS_getrusage, SYS_sysinfo, SYS_uname, SYS_getrandom,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef __x86_64__
    SYS_poll, SYS_select, SYS_dup2, SYS_time, SYS_getrlimit,
#endif
};

/// A call that is allowed if one or two of its arguments have a certain value: `(argument & mask) == value`.
struct condition {
    int call;
    int argument;
    uint32_t mask, value;
    /// A second condition, on another argument; none if its mask is 0.
    int argument2;
    uint32_t mask2, value2;
};

static const uint32_t whole = UINT32_MAX;

enum {
    new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
    // Shared memory without a file is not allowed, because RLIMIT_DATA, which limits a worker's memory, does not count
    // it.
    shared_without_file = MAP_SHARED | MAP_ANONYMOUS,
};

/// If several entries name the same call, it is allowed if the condition of one of them is true.
static const struct condition conditions[] = {
    // New threads are allowed, but no new processes.
    {.call = SYS_clone, .argument = 0, .mask = CLONE_THREAD | CLONE_VM | new_namespaces, .value = CLONE_THREAD | CLONE_VM},
    // Executable memory is not allowed, because no code is loaded after this point. A mapping must be private or belong
    // to a file.
    {.call = SYS_mmap, .argument = 2, .mask = PROT_EXEC, .argument2 = 3, .mask2 = MAP_SHARED, .value2 = 0},
    {.call = SYS_mmap, .argument = 2, .mask = PROT_EXEC, .argument2 = 3, .mask2 = shared_without_file, .value2 = MAP_SHARED},
    {.call = SYS_mprotect, .argument = 2, .mask = PROT_EXEC, .value = 0},
    // The C library's fstat makes this call with an empty path. A filter cannot read the path in memory, so a call with
    // an absolute path is allowed too. Such a call reveals a file's status but does not open the file.
    {.call = SYS_newfstatat, .argument = 3, .mask = whole, .value = AT_EMPTY_PATH},
    // Operations that libraries use on any descriptor. F_SETOWN is not allowed, because it sends signals.
    {.call = SYS_fcntl, .argument = 1, .mask = whole, .value = F_GETFD},
    {.call = SYS_fcntl, .argument = 1, .mask = whole, .value = F_SETFD},
    {.call = SYS_fcntl, .argument = 1, .mask = whole, .value = F_GETFL},
    {.call = SYS_fcntl, .argument = 1, .mask = whole, .value = F_DUPFD},
    {.call = SYS_fcntl, .argument = 1, .mask = whole, .value = F_DUPFD_CLOEXEC},
    {.call = SYS_ioctl, .argument = 1, .mask = whole, .value = TCGETS},
    {.call = SYS_ioctl, .argument = 1, .mask = whole, .value = TIOCGWINSZ},
    // Getting and setting a thread's name.
    {.call = SYS_prctl, .argument = 0, .mask = whole, .value = PR_SET_NAME},
    {.call = SYS_prctl, .argument = 0, .mask = whole, .value = PR_GET_NAME},
    {.call = SYS_prctl, .argument = 0, .mask = whole, .value = 0x53564d41}, // PR_SET_VMA: malloc names its memory
};

enum {
    most = 512,
    // The number of the newest system call in the kernel headers of Debian 12. Newer calls fail with ENOSYS, so
    // libraries fall back to older ones.
    last_known_call = 450,
    x32_calls = 0x40000000,
};

struct program {
    struct sock_filter lines[most];
    int count;
};

static void add(struct program *program, uint16_t code, uint32_t operand, int if_true, int if_false) {
    if (program->count < most)
        program->lines[program->count] =
            (struct sock_filter){.code = code, .jt = (uint8_t)if_true, .jf = (uint8_t)if_false, .k = operand};
    program->count++;
}

static void load(struct program *program, size_t offset) {
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/// Continues if the loaded number equals the value, otherwise skips `lines` lines.
static void unless_equal_skip(struct program *program, uint32_t value, int lines) {
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, lines);
}

static void answer(struct program *program, uint32_t action) { add(program, BPF_RET | BPF_K, action, 0, 0); }

// Both supported processors are little-endian: the lower half of an argument comes first.
static size_t lower(int argument) { return offsetof(struct seccomp_data, args) + 8 * (size_t)argument; }

/// Adds the filter's lines for one condition. These lines expect that the call number is loaded, and they load it again
/// at their end.
static void add_condition(struct program *program, const struct condition *condition) {
    int lines = condition->mask2 ? 8 : 5;
    unless_equal_skip(program, (uint32_t)condition->call, lines);
    load(program, lower(condition->argument));
    add(program, BPF_ALU | BPF_AND | BPF_K, condition->mask, 0, 0);
    unless_equal_skip(program, condition->value, condition->mask2 ? 4 : 1);
    if (condition->mask2) {
        load(program, lower(condition->argument2));
        add(program, BPF_ALU | BPF_AND | BPF_K, condition->mask2, 0, 0);
        unless_equal_skip(program, condition->value2, 1);
    }
    answer(program, SECCOMP_RET_ALLOW);
    load(program, offsetof(struct seccomp_data, nr));
}

static void build(struct program *program) {
    load(program, offsetof(struct seccomp_data, arch));
    // A call of another architecture ends the process: its number has another meaning, and no code of this program
    // makes such calls.
    add(program, BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 1, 0);
    answer(program, SECCOMP_RET_KILL_PROCESS);
    load(program, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    add(program, BPF_JMP | BPF_JGE | BPF_K, x32_calls, 0, 1);
    answer(program, SECCOMP_RET_KILL_PROCESS);
#endif
    for (size_t index = 0; index < sizeof allowed / sizeof *allowed; index++) {
        unless_equal_skip(program, (uint32_t)allowed[index], 1);
        answer(program, SECCOMP_RET_ALLOW);
    }
    for (size_t index = 0; index < sizeof conditions / sizeof *conditions; index++)
        add_condition(program, &conditions[index]);

    // abort() sends a signal to a thread of its own process by tgkill, so tgkill is allowed for this process.
    unless_equal_skip(program, SYS_tgkill, 4);
    load(program, lower(0));
    unless_equal_skip(program, (uint32_t)getpid(), 1);
    answer(program, SECCOMP_RET_ALLOW);
    load(program, offsetof(struct seccomp_data, nr));

    // A process may read its own limits: the process number must be 0, and both halves of the pointer to a new value
    // must be 0.
    unless_equal_skip(program, SYS_prlimit64, 8);
    load(program, lower(0));
    unless_equal_skip(program, 0, 5);
    load(program, lower(2));
    unless_equal_skip(program, 0, 3);
    load(program, lower(2) + 4);
    unless_equal_skip(program, 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
    load(program, offsetof(struct seccomp_data, nr));

    // Libraries try these calls first and fall back to older ones if they fail with ENOSYS. The new calls are not
    // allowed, because their flags or paths are in memory, which a filter cannot read.
    unless_equal_skip(program, 435 /* clone3 */, 1);
    answer(program, SECCOMP_RET_ERRNO | ENOSYS);
    unless_equal_skip(program, SYS_statx, 1);
    answer(program, SECCOMP_RET_ERRNO | ENOSYS);
    add(program, BPF_JMP | BPF_JGT | BPF_K, last_known_call, 0, 1);
    answer(program, SECCOMP_RET_ERRNO | ENOSYS);
    answer(program, SECCOMP_RET_ERRNO | EPERM);
}

int clinux_seccomp(void) {
    static struct program program;
    program.count = 0;
    build(&program);
    if (program.count > most) {
        errno = E2BIG;
        return -1;
    }
    struct sock_fprog filter = {.len = (unsigned short)program.count, .filter = program.lines};
    // TSYNC applies the filter to every thread. If a thread already has another filter, the call fails and returns that
    // thread's number.
    long status = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (status > 0) errno = EBUSY;
    return status == 0 ? 0 : -1;
}

#else

int clinux_seccomp(void) {
    errno = ENOTSUP;
    return -1;
}

#endif

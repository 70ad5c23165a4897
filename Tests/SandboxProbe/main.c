// Attempts everything that a worker must not be able to do, in all or some layers of the sandbox, and prints one line per
// attempt: `NAME ok` or `NAME error NUMBER`. The tests compare the lines with the sandbox's guarantees.
//
// sandbox-probe FOLDER PORT [no-new-privileges] [landlock] [seccomp] [x32|i386]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <clinux_sandbox.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder;
static int port;

static void say(const char *name, long result) {
    char line[80];
    int length = result >= 0 ? snprintf(line, sizeof line, "%s ok\n", name)
                             : snprintf(line, sizeof line, "%s error %d\n", name, errno);
    if (write(1, line, (size_t)length) != length) _exit(3);
}

static const char *in(const char *name) {
    static char path[4][4096];
    static int turn;
    char *result = path[turn = (turn + 1) % 4];
    snprintf(result, sizeof path[0], "%s/%s", folder, name);
    return result;
}

static long closing(long descriptor) {
    if (descriptor >= 0) close((int)descriptor);
    return descriptor;
}

/// Starts a child with `start`; returns 0 if it exited with 0, otherwise -1 with its exit code in errno.
static long child(long (*start)(void), int (*body)(void)) {
    long process = start();
    if (process == 0) _exit(body());
    if (process < 0) return -1;
    int status = 0;
    waitpid((pid_t)process, &status, 0);
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
    return errno ? -1 : 0;
}

static long fork_call(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }

static int nothing(void) { return 0; }
static int run_a_program(void) {
    char *words[] = {"true", NULL};
    execv("/bin/true", words);
    return errno;
}

static void try_files(void) {
    struct open_how how = {.flags = O_RDONLY};
    say("open", closing(syscall(SYS_openat, AT_FDCWD, in("present"), O_RDONLY)));
    say("openat2", closing(syscall(SYS_openat2, AT_FDCWD, in("present"), &how, sizeof how)));
    say("list", closing(syscall(SYS_openat, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY)));
    say("create", closing(syscall(SYS_openat, AT_FDCWD, in("new"), O_WRONLY | O_CREAT, 0600)));
    say("mkdir", syscall(SYS_mkdirat, AT_FDCWD, in("folder"), 0700));
    say("symlink", syscall(SYS_symlinkat, "present", AT_FDCWD, in("symlink")));
    say("link", syscall(SYS_linkat, AT_FDCWD, in("present"), AT_FDCWD, in("link"), 0));
    say("rename", syscall(SYS_renameat2, AT_FDCWD, in("renamed"), AT_FDCWD, in("renamed-2"), 0));
    say("truncate", syscall(SYS_truncate, in("present"), 1L));
    say("unlink", syscall(SYS_unlinkat, AT_FDCWD, in("removed"), 0));
    say("memfd", closing(syscall(SYS_memfd_create, "probe", 0)));
}

static void try_network(void) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in any = {.sin_family = AF_INET};
    there.sin_addr.s_addr = any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    long one = socket(AF_INET, SOCK_STREAM, 0);
    say("socket", one);
    say("connect", connect((int)one, (struct sockaddr *)&there, sizeof there));
    closing(one);
    long two = socket(AF_INET, SOCK_STREAM, 0);
    say("bind", bind((int)two, (struct sockaddr *)&any, sizeof any));
    closing(two);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/s", folder);
    long three = socket(AF_UNIX, SOCK_STREAM, 0);
    say("unix-socket", three);
    say("unix-bind", bind((int)three, (struct sockaddr *)&name, sizeof name));
    closing(three);
}

static void try_processes(void) {
    static char byte;
    struct iovec mine = {.iov_base = &byte, .iov_len = 1}, theirs = mine;
    say("execute", child(fork_call, run_a_program));
    say("fork", child(fork_call, nothing));
    say("signal", kill(getppid(), 0));
    say("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    say("read-memory", process_vm_readv(getpid(), &mine, 1, &theirs, 1, 0));
}

static void try_privileges(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    say("set-limit", setrlimit(RLIMIT_NOFILE, &limit));
    say("unshare", syscall(SYS_unshare, CLONE_FILES));
    say("setuid", syscall(SYS_setuid, getuid()));
    say("mount", mount("none", "/nonexistent", "tmpfs", 0, NULL) == 0 || errno == ENOENT ? 0 : -1);
    say("prctl", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
    say("keys", syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3, 0) >= 0 || errno == ENOKEY ? 0 : -1);
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("code", code == MAP_FAILED ? -1 : 0);
    void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    say("shared-memory", shared == MAP_FAILED ? -1 : 0);
}

static void *add_one(void *number) {
    ++*(int *)number;
    return NULL;
}

/// Attempts everything that a worker needs in the sandbox.
static void try_work(int descriptor) {
    char byte;
    int number = 0;
    pthread_t thread;
    struct stat status;
    struct rlimit limit;
    errno = pthread_create(&thread, NULL, add_one, &number);
    if (!errno) errno = pthread_join(thread, NULL);
    say("thread", errno == 0 && number == 1 ? 0 : -1);
    say("read", pread(descriptor, &byte, 1, 0));
    say("status", fstat(descriptor, &status));
    say("duplicate", closing(dup(descriptor)));
    say("map", mmap(NULL, 1, PROT_READ, MAP_SHARED, descriptor, 0) == MAP_FAILED ? -1 : 0);
    say("get-limit", getrlimit(RLIMIT_STACK, &limit));
    void *memory = malloc(64 << 20);
    say("memory", memory ? 0 : -1);
    free(memory);
}

static sem_t go, done;

/// A thread that was started before the sandbox was entered tries to open a file in it.
static void *early_thread(void *unused) {
    (void)unused;
    while (sem_wait(&go) != 0) {}
    say("early-open", closing(syscall(SYS_openat, AT_FDCWD, in("present"), O_RDONLY)));
    sem_post(&done);
    while (sem_wait(&go) != 0) {}
    return NULL;
}

static int has(int count, char **words, const char *word) {
    for (int index = 0; index < count; index++)
        if (strcmp(words[index], word) == 0) return 1;
    return 0;
}

static int number_of_calls_that_kill(int count, char **words) {
#ifdef __x86_64__
    if (has(count, words, "x32")) say("x32", syscall(0x40000000L | SYS_getpid));
    if (has(count, words, "i386")) {
        long result = 20; // getpid
        __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
        say("i386", result);
    }
    return 1;
#else
    (void)count, (void)words;
    return 0;
#endif
}

int main(int count, char **words) {
    if (count < 3) return 64;
    // The tests' threads block signals, and this process has inherited their mask.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    folder = words[1];
    port = atoi(words[2]);
    int descriptor = open(in("present"), O_RDONLY);
    if (descriptor < 0) return 66;
    pthread_t thread;
    sem_init(&go, 0, 0);
    sem_init(&done, 0, 0);
    pthread_create(&thread, NULL, early_thread, NULL);

    if (has(count, words, "no-new-privileges")) say("enter-no-new-privileges", clinux_no_new_privileges());
    if (has(count, words, "landlock")) {
        int version = clinux_landlock();
        say(version == 0 ? "without-landlock" : "enter-landlock", version);
    }
    if (has(count, words, "seccomp")) say("enter-seccomp", clinux_seccomp());
    if (has(count, words, "x32") || has(count, words, "i386")) return number_of_calls_that_kill(count, words);

    sem_post(&go);
    while (sem_wait(&done) != 0) {}
    try_work(descriptor);
    try_files();
    try_network();
    try_processes();
    try_privileges();
    // Waits until the test has read /proc.
    say("tried", 0);
    char byte;
    return read(0, &byte, 1) < 0;
}

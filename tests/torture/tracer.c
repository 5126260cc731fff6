/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Disturbs the system calls of a program
 *
 *   torture-tracer STATE LOG COMMAND [ARGUMENT]...
 *
 * Calls that change what others can see, or that the world can refuse, are counted as of the
 * program's own start, those of its libraries included and those of the loader left out. At the
 * target the program is killed, or the call is left out and fails as it well might. LOG gets a line
 * for each: number, name, the file or the first line of what is sent, result.
 *
 * The program ends with the tracer. What it forks is not followed.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <elf.h>
#include <linux/ptrace.h>

#include "state.h"

typedef struct Call {
        long number;
        const char *name;
        int error; /* what a test has it fail with */
        bool on_file; /* its first argument is a descriptor */
} Call;

#define CALL(name, error)                                                                          \
        { SYS_##name, #name, (error), false }
#define CALL_FD(name, error)                                                                       \
        { SYS_##name, #name, (error), true }

static const Call calls[] = {
        CALL_FD(write, ENOSPC),
        CALL_FD(writev, ENOSPC),
        CALL_FD(pwrite64, ENOSPC),
        CALL_FD(sendto, ECONNRESET),
        CALL_FD(sendmsg, ECONNRESET),
        CALL_FD(fsync, EIO),
        CALL_FD(fdatasync, EIO),
        CALL_FD(ftruncate, EIO),
        CALL_FD(flock, ENOLCK),
        CALL_FD(fchmod, EROFS),
        CALL_FD(read, EIO),
        CALL_FD(recvfrom, ECONNRESET),
        CALL_FD(recvmsg, ECONNRESET),
        CALL_FD(connect, ECONNREFUSED),
        CALL_FD(close, EIO),
        CALL_FD(getdents64, EIO),
        CALL_FD(accept4, EMFILE),
        CALL_FD(bind, EADDRINUSE),
        CALL_FD(listen, EADDRINUSE),
        CALL_FD(epoll_ctl, ENOSPC),
        CALL(openat, EMFILE),
        CALL(socket, EMFILE),
        CALL(mkdirat, ENOSPC),
        CALL(linkat, EIO),
        CALL(unlinkat, EIO),
        CALL(renameat, ENOSPC),
        CALL(renameat2, ENOSPC),
        CALL(epoll_create1, EMFILE),
        CALL(timerfd_create, EMFILE),
        CALL(signalfd4, EMFILE),
        CALL(inotify_init1, EMFILE),
        CALL(inotify_add_watch, ENOSPC),
        CALL(exit_group, 0), /* can be killed there, and cannot fail */
#ifdef SYS_open
        CALL(open, EMFILE),
        CALL(mkdir, ENOSPC),
        CALL(link, EIO),
        CALL(unlink, EIO),
        CALL(rename, ENOSPC),
#endif
};

static const Call *find(uint64_t number) {
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                if ((uint64_t) calls[i].number == number)
                        return &calls[i];
        return NULL;
}

/* --- what differs from processor to processor --- */

#if defined(__x86_64__)

static void leave_out(pid_t pid) {
        (void) ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), -1L);
}

static void set_result(pid_t pid, long result) {
        (void) ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), result);
}

#elif defined(__aarch64__)

static void leave_out(pid_t pid) {
        int number = -1;
        struct iovec part = { &number, sizeof(number) };

        (void) ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &part);
}

static void set_result(pid_t pid, long result) {
        struct user_regs_struct registers;
        struct iovec part = { &registers, sizeof(registers) };

        (void) ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part);
        registers.regs[0] = (unsigned long long) result;
        (void) ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part);
}

#else
#error "leaving out a system call is written for x86-64 and arm64"
#endif

/* --- what is said about a call --- */

/* The first line of a buffer of the program's, for a request that is sent: its method and path. */
static void read_line(pid_t pid, uint64_t address, char *text, size_t size) {
        struct iovec here = { text, size - 1 }, there = { (void *) (uintptr_t) address, size - 1 };
        ssize_t n;

        n = process_vm_readv(pid, &here, 1, &there, 1, 0);
        text[n > 0 ? n : 0] = '\0';
        text[strcspn(text, "\r\n")] = '\0';
        for (char *p = text; *p; p++)
                if (*p < ' ' || *p > '~')
                        *p = '?';
}

static void read_file_name(pid_t pid, uint64_t fd, char *text, size_t size) {
        char link[64];
        ssize_t n;

        (void) snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, (int) fd);
        n = readlink(link, text, size - 1);
        text[n > 0 ? n : 0] = '\0';
}

static void describe(FILE *log,
                pid_t pid,
                const TortureState *state,
                const Call *call,
                const struct ptrace_syscall_info *info) {
        char file[256] = "-", line[160] = "-";

        if (call->on_file)
                read_file_name(pid, info->entry.args[0], file, sizeof(file));
        if (call->number == SYS_sendto || (call->number == SYS_write && strstr(file, "socket:")))
                read_line(pid, info->entry.args[1], line, sizeof(line));
        (void) fprintf(log, "%llu\t%s\t%s\t%s\t", (unsigned long long) state->count, call->name,
                        *file ? file : "-", *line ? line : "-");
}

/* Whether the instruction is not the loader's: the program has begun. */
static bool is_begun(pid_t pid, uint64_t instruction) {
        char name[64], line[512];
        bool loader = false;
        FILE *maps;

        (void) snprintf(name, sizeof(name), "/proc/%d/maps", pid);
        maps = fopen(name, "r");
        while (maps && fgets(line, sizeof(line), maps)) {
                unsigned long from, to;

                if (sscanf(line, "%lx-%lx", &from, &to) == 2 && instruction >= from
                                && instruction < to)
                        loader = strstr(line, "/ld-linux") || strstr(line, "/ld-2.");
        }
        if (maps)
                (void) fclose(maps);
        return !loader;
}

/* --- the program under test --- */

static volatile pid_t traced;

static void on_signal(int number) {
        (void) kill(traced, number);
}

/* A build with --coverage writes its counts when main() has ended: the program is over. */
static bool is_over(pid_t pid, const struct ptrace_syscall_info *info) {
        static const char suffix[] = ".gcda";
        char path[4096];
        size_t n;

        if (info->entry.nr != SYS_openat)
                return false;
        read_line(pid, info->entry.args[1], path, sizeof(path));
        n = strlen(path);
        return n >= strlen(suffix) && strcmp(path + n - strlen(suffix), suffix) == 0;
}

/* What the kernel does not refuse: to let go of a descriptor, and to say what an event was. */
static bool is_certain(pid_t pid, const struct ptrace_syscall_info *info) {
        char file[64];

        if (info->entry.nr == SYS_epoll_ctl)
                return info->entry.args[1] == EPOLL_CTL_DEL;
        if (info->entry.nr != SYS_read)
                return false;
        read_file_name(pid, info->entry.args[0], file, sizeof(file));
        return strncmp(file, "anon_inode:", strlen("anon_inode:")) == 0;
}

typedef struct Tracer {
        TortureState *state;
        FILE *log;
        pid_t pid;
        bool begun, over;
        const Call *call; /* that the program is in, where it counts */
        bool failing;
} Tracer;

static void on_entry(Tracer *t, const struct ptrace_syscall_info *info) {
        t->failing = false;
        t->call = NULL;
        if (!t->begun)
                t->begun = info->entry.nr != SYS_execve
                                && is_begun(t->pid, info->instruction_pointer);
        if (t->begun && !t->over)
                t->over = is_over(t->pid, info);
        if (t->begun && !t->over && !is_certain(t->pid, info))
                t->call = find(info->entry.nr);
        if (!t->call || (t->call->error == 0 && t->state->mode != TORTURE_KILL))
                return;

        t->failing = torture_next(t->state, info->entry.nr);
        describe(t->log, t->pid, t->state, t->call, info);
        if (t->failing && t->state->mode == TORTURE_KILL)
                (void) kill(t->pid, SIGKILL);
        else if (t->failing && t->call->number != SYS_close) /* which closes whatever it says */
                leave_out(t->pid);
}

static void on_exit_of_call(Tracer *t, const struct ptrace_syscall_info *info) {
        if (!t->call || t->call->error == 0)
                return;
        if (t->failing) {
                set_result(t->pid, -t->call->error);
                (void) fprintf(t->log, "%d\tfailed\n", -t->call->error);
        } else
                (void) fprintf(t->log, "%lld\t-\n", (long long) info->exit.rval);
        (void) fflush(t->log);
}

/* Returns the signal that the program is to get. */
static int on_stop(Tracer *t, int status) {
        struct ptrace_syscall_info info;
        int number = WSTOPSIG(status);

        if (number != (SIGTRAP | 0x80))
                return number == SIGTRAP ? 0 : number;
        if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) <= 0)
                return 0;
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
                on_entry(t, &info);
        else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
                on_exit_of_call(t, &info);
        return 0;
}

static int trace(Tracer *t) {
        int status, number = 0;

        for (;;) {
                if (ptrace(PTRACE_SYSCALL, t->pid, 0, (long) number) < 0 && errno != ESRCH)
                        return 125;
                while (waitpid(t->pid, &status, 0) < 0)
                        if (errno != EINTR)
                                return 125;
                if (WIFEXITED(status))
                        return WEXITSTATUS(status);
                if (WIFSIGNALED(status))
                        return 128 + WTERMSIG(status);
                number = on_stop(t, status);
        }
}

int main(int argc, char *argv[]) {
        Tracer tracer = { 0 };
        int status;

        if (argc < 4)
                return 125;
        tracer.state = torture_state_map(argv[1]);
        tracer.log = fopen(argv[2], "we");
        if (!tracer.state || !tracer.log)
                return 125;

        tracer.pid = fork();
        if (tracer.pid == 0) {
                (void) ptrace(PTRACE_TRACEME, 0, 0, 0);
                (void) raise(SIGSTOP);
                (void) execvp(argv[3], &argv[3]);
                _exit(127);
        }
        if (tracer.pid < 0 || waitpid(tracer.pid, &status, 0) < 0
                        || ptrace(PTRACE_SETOPTIONS, tracer.pid, 0,
                                           PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
                                        < 0)
                return 125;
        tracer.state->pid = (uint64_t) (traced = tracer.pid);
        (void) signal(SIGTERM, on_signal);
        return trace(&tracer);
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A program that is run for its output
 *
 * Two things end: the process, and its output. Either may come first, and the second not at all: a
 * program can close its output and live on, and it can leave a process behind that keeps the output
 * open. The process is reaped last of all; until then its number is its own, and so is its group's.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aws/program.h"
#include "util/buffer.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* Of standard error, its end is kept: what a program says last is why it failed. */
#define COMPLAINT_MAX 500

/* All that it may say there. Whoever debugs a program has it say a lot; this one goes round. */
#define COMPLAINTS_MAX ((size_t) 1024 * 1024)

/* How often is asked after what nobody tells us. */
#define POLL_USEC ((uint64_t) 10 * 1000)

/* At most so much is read before the event loop has its turn again. */
#define READ_MAX ((size_t) 64 * 1024)

/* One of the program's outputs. */
typedef struct Pipe {
        int fd;
        sd_event_source *source;
        bool ended;
} Pipe;

struct Program {
        ProgramOptions options;
        pid_t pid; /* 0: reaped, or handed over to be */
        int pid_fd;
        sd_event_source *exit, *timer;
        bool exited;
        Pipe out, err;
        Buffer output;
        char complaint[COMPLAINT_MAX + 1];
        size_t complaint_length, complained; /* what is kept, and all that was read */
        bool complaint_cut; /* its beginning is not there */
};

/*
 * The end.
 */

/* By number, which is the child's until it is reaped, and nobody else reaps it. */
static int wait_for(pid_t pid, siginfo_t *ret, int options) {
        *ret = (siginfo_t){ 0 };
        if (waitid(P_PID, (id_t) pid, ret, WEXITED | WNOHANG | options) < 0)
                return -errno;
        return ret->si_pid == 0 ? -EAGAIN : 0;
}

static void again(sd_event_source *timer) {
        (void) sd_event_source_set_time_relative(timer, POLL_USEC);
        (void) sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static int on_reapable(sd_event_source *source, uint64_t usec _unused_, void *userdata) {
        siginfo_t info;

        if (wait_for((pid_t) (intptr_t) userdata, &info, 0) == -EAGAIN)
                again(source);
        else
                (void) sd_event_source_disable_unref(source);
        return 0;
}

/* A process that was killed takes a moment to be dead. The loop looks after it from here on;
 * without memory for that it stays a zombie until we end. */
static void reap_later(sd_event *event, pid_t pid) {
        sd_event_source *source = NULL;
        siginfo_t info;

        if (wait_for(pid, &info, 0) != -EAGAIN)
                return;
        if (sd_event_add_time_relative(event, &source, CLOCK_MONOTONIC, POLL_USEC, 0, on_reapable,
                            (void *) (intptr_t) pid)
                        < 0)
                return;
        (void) sd_event_source_set_floating(source, true);
        (void) sd_event_source_unref(source);
}

static void close_pipe(Pipe *pipe) {
        pipe->source = sd_event_source_disable_unref(pipe->source);
        closep(&pipe->fd);
        pipe->fd = -EBADF;
}

static void stop(Program *program, bool do_kill) {
        if (program->pid > 0) {
                if (do_kill)
                        (void) kill(program->options.is_apart ? -program->pid : program->pid,
                                        SIGKILL);
                reap_later(program->options.event, program->pid);
                program->pid = 0;
        }
        program->exit = sd_event_source_disable_unref(program->exit);
        program->timer = sd_event_source_disable_unref(program->timer);
        close_pipe(&program->out);
        close_pipe(&program->err);
}

/* Where the first whole line begins, if there is one, else the first whole character. */
static char *complaint_begin(Program *program) {
        char *text = program->complaint, *end = text + program->complaint_length, *line;

        *end = '\0';
        if (!program->complaint_cut)
                return text;
        line = memchr(text, '\n', program->complaint_length);
        if (line && line[1 + strspn(line + 1, " \t\r\n")])
                return line + 1;
        while (text < end && ((unsigned char) *text & 0xc0) == 0x80)
                text++;
        return text;
}

static const char *complaint_text(Program *program) {
        char *text = complaint_begin(program);
        size_t length = (size_t) (program->complaint + program->complaint_length - text);

        text_flatten(text, length);
        while (length > 0 && text[length - 1] == ' ')
                length--;
        text[length] = '\0';
        return text + strspn(text, " ");
}

/* The program may be gone when this returns. */
static void finish(Program *program, int r, const char *how) {
        ProgramOptions options = program->options;
        const char *complaint = complaint_text(program);
        char why[COMPLAINT_MAX + 128];

        (void) snprintf(why, sizeof(why), "%s%s%s", how, *complaint ? ": " : "", complaint);
        options.callback(r, r < 0 ? NULL : buffer_text(&program->output),
                        r < 0 ? 0 : program->output.length, r < 0 ? why : NULL, options.userdata);
}

static void abandon(Program *program, int r, const char *how) {
        stop(program, true);
        finish(program, r, how);
}

static void conclude(Program *program) {
        siginfo_t info;
        char how[128] = "";
        int r;

        r = wait_for(program->pid, &info, WNOWAIT);
        if (r < 0)
                (void) snprintf(how, sizeof(how), "nobody knows how it ended: %s", strerror(-r));
        else if (info.si_code != CLD_EXITED)
                (void) snprintf(how, sizeof(how), "was ended by signal %d (%s)", info.si_status,
                                strsignal(info.si_status));
        else if (info.si_status != 0)
                (void) snprintf(how, sizeof(how), "exited with status %d", info.si_status);
        stop(program, false);
        finish(program, *how ? -EIO : 0, how);
}

/*
 * Output.
 */

static int take_output(Program *program, const char *data, size_t n) {
        return buffer_append(&program->output, data, n);
}

static int take_complaint(Program *program, const char *data, size_t n) {
        bool cut = n > COMPLAINT_MAX;
        size_t keep;

        program->complained += n;
        if (cut) {
                data += n - COMPLAINT_MAX;
                n = COMPLAINT_MAX;
        }
        keep = MIN(program->complaint_length, COMPLAINT_MAX - n);
        program->complaint_cut = program->complaint_cut || cut || keep < program->complaint_length;
        memmove(program->complaint, program->complaint + program->complaint_length - keep, keep);
        memcpy(program->complaint + keep, data, n);
        program->complaint_length = keep + n;
        return program->complained > COMPLAINTS_MAX ? -EFBIG : 0;
}

/* 0 with `ended` set at the end, or a negative errno. */
static int read_pipe(Program *program,
                Pipe *pipe,
                int (*take)(Program *program, const char *data, size_t n)) {
        char chunk[4096];
        ssize_t n = 1;
        int r = 0;

        for (size_t all = 0; r >= 0 && !pipe->ended && all < READ_MAX; all += (size_t) n) {
                n = read(pipe->fd, chunk, sizeof(chunk));
                if (n < 0 && errno == EINTR)
                        n = 0;
                else if (n < 0) {
                        r = errno == EAGAIN ? 0 : -errno;
                        break;
                } else if (n == 0)
                        pipe->ended = true;
                else
                        r = take(program, chunk, (size_t) n);
        }
        erase(chunk, sizeof(chunk));
        if (pipe->ended)
                close_pipe(pipe);
        return r;
}

static void abandon_talker(Program *program) {
        char why[64];

        if (program->complained > COMPLAINTS_MAX) {
                abandon(program, -EIO, "wrote more than 1 MiB to standard error");
                return;
        }
        (void) snprintf(why, sizeof(why), "wrote more than %zu KiB; want its answer alone",
                        program->options.output_max / 1024);
        abandon(program, -EIO, why);
}

/* Reads what is there, and ends if that was all. The program may be gone when this returns. */
static void look(Program *program) {
        int r;

        r = read_pipe(program, &program->err, take_complaint);
        if (r >= 0)
                r = read_pipe(program, &program->out, take_output);
        if (r == -EFBIG)
                abandon_talker(program);
        else if (r < 0)
                abandon(program, r == -ENOMEM ? r : -EIO, strerror(-r));
        else if (program->exited && program->out.ended)
                conclude(program);
}

static int on_pipe(sd_event_source *source _unused_,
                int fd _unused_,
                uint32_t revents _unused_,
                void *userdata) {
        look(userdata);
        return 0;
}

/*
 * Time and exit.
 */

static int on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Program *program = userdata;
        char how[TIME_TEXT_MAX + 32], span[TIME_TEXT_MAX];

        if (program->exited) {
                conclude(program);
                return 0;
        }
        (void) snprintf(how, sizeof(how), "did not end within %s",
                        timespan_format(program->options.timeout_usec, span));
        abandon(program, -EIO, how);
        return 0;
}

/* The program may be gone when this returns. */
static void exited(Program *program) {
        program->exited = true;
        program->exit = sd_event_source_disable_unref(program->exit);
        (void) sd_event_source_set_time_relative(program->timer, (uint64_t) PROGRAM_GRACE_USEC);
        look(program);
}

static int on_exit_ready(sd_event_source *source _unused_,
                int fd _unused_,
                uint32_t revents _unused_,
                void *userdata) {
        exited(userdata);
        return 0;
}

static int on_exit_poll(sd_event_source *source, uint64_t usec _unused_, void *userdata) {
        Program *program = userdata;
        siginfo_t info;

        if (wait_for(program->pid, &info, WNOWAIT) == -EAGAIN)
                again(source);
        else
                exited(program);
        return 0;
}

/*
 * The beginning.
 */

typedef struct SpawnSettings {
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
} SpawnSettings;

/* Returns positive errnos, as all of posix_spawn(3) does. */
static int set_files(posix_spawn_file_actions_t *files, int out_fd, int err_fd) {
        int e;

        e = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (e == 0)
                e = posix_spawn_file_actions_adddup2(files, out_fd, STDOUT_FILENO);
        if (e == 0)
                e = posix_spawn_file_actions_adddup2(files, err_fd, STDERR_FILENO);
        /* libraries open files of their own, not all of them O_CLOEXEC */
        if (e == 0)
                e = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
        return e;
}

static int set_attributes(posix_spawnattr_t *attributes, bool is_apart) {
        const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF,
                    group = is_apart ? POSIX_SPAWN_SETPGROUP : 0;
        sigset_t all, none;
        int e;

        (void) sigfillset(&all);
        (void) sigemptyset(&none);
        e = posix_spawnattr_setflags(attributes, (short) (flags | group));
        if (e == 0)
                e = posix_spawnattr_setpgroup(attributes, 0);
        if (e == 0)
                e = posix_spawnattr_setsigmask(attributes, &none);
        if (e == 0)
                e = posix_spawnattr_setsigdefault(attributes, &all);
        return e;
}

static int spawn(Program *program, int out_fd, int err_fd) {
        char *const *words = program->options.words;
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
        int e;

        e = posix_spawn_file_actions_init(&files);
        if (e != 0)
                return -e;
        e = posix_spawnattr_init(&attributes);
        if (e == 0) {
                e = set_files(&files, out_fd, err_fd);
                if (e == 0)
                        e = set_attributes(&attributes, program->options.is_apart);
                if (e == 0)
                        e = posix_spawnp(&program->pid, words[0], &files, &attributes, words,
                                        environ);
                (void) posix_spawnattr_destroy(&attributes);
        }
        (void) posix_spawn_file_actions_destroy(&files);
        if (e != 0)
                program->pid = 0;
        return -e;
}

/* Ours does not block; the program's does, as any program expects. */
static int make_pipe(Pipe *pipe, int *ret_theirs) {
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        pipe->fd = fds[0];
        *ret_theirs = fds[1];
        return fcntl(pipe->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int run(Program *program) {
        _cleanup_close_ int out_fd = -EBADF, err_fd = -EBADF;
        int r;

        r = make_pipe(&program->out, &out_fd);
        if (r >= 0)
                r = make_pipe(&program->err, &err_fd);
        return r < 0 ? r : spawn(program, out_fd, err_fd);
}

/* Old containers forbid pidfd_open(2), and old valgrinds do not know it: then we ask, now and then.
 */
static int watch_exit(Program *program) {
        sd_event *event = program->options.event;

        program->pid_fd = (int) syscall(SYS_pidfd_open, program->pid, 0);
        if (program->pid_fd < 0)
                return sd_event_add_time_relative(event, &program->exit, CLOCK_MONOTONIC, POLL_USEC,
                                0, on_exit_poll, program);
        return sd_event_add_io(
                        event, &program->exit, program->pid_fd, EPOLLIN, on_exit_ready, program);
}

static int watch(Program *program) {
        sd_event *event = program->options.event;
        int r;

        r = sd_event_add_io(
                        event, &program->out.source, program->out.fd, EPOLLIN, on_pipe, program);
        if (r >= 0)
                r = sd_event_add_io(event, &program->err.source, program->err.fd, EPOLLIN, on_pipe,
                                program);
        if (r >= 0)
                r = watch_exit(program);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &program->timer, CLOCK_MONOTONIC,
                                (uint64_t) program->options.timeout_usec, 0, on_timer, program);
        return r;
}

int program_new(const ProgramOptions *options, Program **ret) {
        _cleanup_(program_freep) Program *program = NULL;
        int r;

        assert(options && options->event && options->words && options->words[0] && options->callback
                        && ret);

        program = malloc(sizeof(*program));
        if (!program)
                return -ENOMEM;
        *program = (Program){
                .options = *options,
                .pid_fd = -EBADF,
                .out.fd = -EBADF,
                .err.fd = -EBADF,
                .output.limit = options->output_max,
        };
        r = run(program);
        if (r >= 0)
                r = watch(program);
        if (r < 0)
                return r;
        program->options.words = NULL;

        *ret = TAKE_PTR(program);
        return 0;
}

Program *program_free(Program *program) {
        if (!program)
                return NULL;

        stop(program, true);
        closep(&program->pid_fd);
        buffer_wipe(&program->output);
        free(program);
        return NULL;
}

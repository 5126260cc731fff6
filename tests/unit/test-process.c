/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials that a program prints, and the running of programs underneath
 *
 * Real programs: scripts that the test writes. What a program finds around itself is asked of the
 * program; what is left of it afterwards, of /proc.
 */

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/credentials-source.h"
#include "aws/program.h"
#include "test.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* In each secret of this test, and in no message. */
#define MARK "HUSHHUSH"

#define OF "credential_process of profile p: "

/* A descriptor that somebody forgot to close on exec. */
#define LEAKED_FD 20

static char folder[] = "/tmp/auditshared-process-XXXXXX";
static char *script, *pid_file;
static sd_event *event;

typedef struct Seen {
        unsigned n;
        int r;
        Credentials credentials;
        char why[1024];
        char output[256];
        CredentialsProvider *doomed_provider; /* freed in the callback */
        Program **doomed;
} Seen;

static void write_script(const char *text, mode_t mode) {
        FILE *file = fopen(script, "we");

        if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(script, mode) < 0)
                abort();
}

static bool has_children(void) {
        siginfo_t info;

        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A killed process takes a moment to be gone, and the loop to notice. */
static void check_no_children(void) {
        int64_t end = monotonic_usec() + 10 * USEC_PER_SEC;

        while (has_children() && monotonic_usec() < end)
                (void) sd_event_run(event, 10 * USEC_PER_MSEC);
        ASSERT_FALSE(has_children());
}

static void run_until(const unsigned *n) {
        int64_t end = monotonic_usec() + 30 * USEC_PER_SEC;

        while (*n == 0 && monotonic_usec() < end)
                (void) sd_event_run(event, 100 * USEC_PER_MSEC);
}

static void on_credentials(int r, Credentials *credentials, const char *why, void *userdata) {
        Seen *seen = userdata;

        seen->n++;
        seen->r = r;
        (void) snprintf(seen->why, sizeof(seen->why), "%s", why ? why : "");
        if (r == 0) {
                seen->credentials = *credentials;
                *credentials = (Credentials){ 0 };
        }
        if (seen->doomed_provider)
                seen->doomed_provider->free(seen->doomed_provider);
}

static CredentialsContext context(void) {
        return (CredentialsContext){ .event = event, .is_service = true };
}

static void fetch(CredentialsProvider *provider, Seen *seen) {
        *seen = (Seen){ 0 };
        ASSERT_OK(credentials_fetch(provider, on_credentials, seen));
        run_until(&seen->n);
        ASSERT_EQ(1, seen->n);
        ASSERT_FALSE(strstr(seen->why, MARK));
        ASSERT_FALSE(strchr(seen->why, '\n'));
}

/*
 * What is printed, and how it ends.
 */

#define MEMBERS "\"AccessKeyId\":\"AKPROC\",\"SecretAccessKey\":\"" MARK "\""
#define GOOD    "{\"Version\":1," MEMBERS "}"
#define ECHO(x) "echo '" x "'\n"

static const struct {
        const char *name, *text; /* after the first line of the script */
        int r;
        const char *why; /* the whole of it */
} rows[] = {
        { "plain", ECHO(GOOD), 0, "" },
        { "in pieces", "printf '{\"Version\":1,'; sleep 0.05; printf '%s}' '" MEMBERS "'", 0, "" },
        { "complaints beside", "echo a warning >&2\n" ECHO(GOOD), 0, "" },
        { "null and unknown members",
                        ECHO("{\"Version\":1," MEMBERS ",\"SessionToken\":null,\"Other\":[1]}"), 0,
                        "" },
        { "1.0 is 1", ECHO("{\"Version\":1.0," MEMBERS "}"), 0, "" },
        { "no version", ECHO("{" MEMBERS "}"), -EINVAL, OF "Version is missing" },
        { "version 2", ECHO("{\"Version\":2," MEMBERS "}"), -EINVAL,
                        OF "Version is not 1, the only one that is known" },
        { "version as text", ECHO("{\"Version\":\"1\"," MEMBERS "}"), -EINVAL,
                        OF "Version is not 1, the only one that is known" },
        { "no JSON", ECHO(MARK), -EINVAL, OF "it printed no JSON object" },
        { "two objects", ECHO(GOOD) ECHO(GOOD), -EINVAL, OF "it printed no JSON object" },
        { "array", ECHO("[" GOOD "]"), -EINVAL, OF "it printed no JSON object" },
        { "nothing", "", -EINVAL, OF "it printed no JSON object" },
        { "no secret", ECHO("{\"Version\":1,\"AccessKeyId\":\"AK\"}"), -EINVAL,
                        OF "SecretAccessKey is missing, although AccessKeyId is there" },
        { "secret of another type",
                        ECHO("{\"Version\":1,\"AccessKeyId\":\"AK\",\"SecretAccessKey\":1}"),
                        -EINVAL, OF "SecretAccessKey is no text" },
        { "an end that is no time", ECHO("{\"Version\":1," MEMBERS ",\"Expiration\":\"" MARK "\"}"),
                        -EINVAL, OF "Expiration is no time such as 2026-01-02T15:04:05Z" },
        { "as much as may be", "printf '%65536s' '" GOOD "'", 0, "" },
        { "too much", "printf '%65537s' '" GOOD "'", -EINVAL,
                        OF "wrote more than 64 KiB; want its answer alone" },
        { "no end of it", "exec yes " MARK, -EINVAL,
                        OF "wrote more than 64 KiB; want its answer alone" },

        { "as many complaints as may be",
                        "dd if=/dev/zero bs=1024 count=1024 status=none >&2\n" ECHO(GOOD), 0, "" },
        { "too many complaints",
                        "dd if=/dev/zero bs=1024 count=1024 status=none >&2\n"
                        "printf '\\nno end\\n' >&2\n" ECHO(GOOD) "sleep 60\n",
                        -EINVAL, OF "wrote more than 1 MiB to standard error: no end" },
        { "no end of complaints", "exec yes '' >&2", -EINVAL,
                        OF "wrote more than 1 MiB to standard error" },

        { "status", ECHO(GOOD) "exit 3", -EINVAL, OF "exited with status 3" },
        { "status, with a word", ECHO(MARK) "echo no such profile >&2; exit 1", -EINVAL,
                        OF "exited with status 1: no such profile" },
        { "lines and controls", "printf '\\none\\ttwo\\033[1m\\n\\302\\233three\\n\\n' >&2; exit 1",
                        -EINVAL, OF "exited with status 1: one two [1m   three" },
        { "UTF-8", "printf 'caf\\303\\251' >&2; exit 1", -EINVAL,
                        OF "exited with status 1: caf\303\251" },
        { "no UTF-8", "printf 'caf\\351' >&2; exit 1", -EINVAL, OF "exited with status 1: caf?" },
        { "many lines",
                        "i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); done >&2\n"
                        "printf '%495s\\n' x >&2; echo last >&2; exit 1",
                        -EINVAL, OF "exited with status 1: last" },
        { "signal", "kill -KILL $$", -EINVAL, OF "was ended by signal 9 (Killed)" },

        /* What the program finds around itself. */
        { "standard input is at its end", "read -r line && exit 1\n" ECHO(GOOD), 0, "" },
        { "no signal is blocked",
                        "grep -q '^SigBlk:[[:space:]]*0*$' /proc/self/status || exit 1\n" ECHO(
                                        GOOD),
                        0, "" },
        /* But for 32 and 33, which are glibc's own. */
        { "no signal is ignored",
                        "grep -q '^SigIgn:[[:space:]]*0*[01][08]0000000$' /proc/self/status "
                        "|| exit 1\n" ECHO(GOOD),
                        0, "" },
        { "no descriptor is inherited", "[ ! -e /proc/$$/fd/20 ] || exit 1\n" ECHO(GOOD), 0, "" },
        { "a process group of its own",
                        "read -r pid name state parent group rest </proc/$$/stat\n"
                        "[ \"$group\" = $$ ] || exit 1\n" ECHO(GOOD),
                        0, "" },
        { "output blocks", "dd if=/dev/zero bs=1024 count=200 status=none >&2\n" ECHO(GOOD), 0,
                        "" },
        { "the environment is ours", "[ \"$AUDITSHARED_TEST\" = 'a b' ] || exit 1\n" ECHO(GOOD), 0,
                        "" },
};

static void test_rows(void) {
        CredentialsContext shared = context();

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
                _cleanup_free_ char *text = NULL;
                Seen seen;

                test_row(rows[i].name);
                if (asprintf(&text, "#!/bin/sh\n%s", rows[i].text) < 0)
                        abort();
                write_script(text, 0700);
                ASSERT_OK(credentials_process_new(&shared, script, "profile p", &provider));
                fetch(provider, &seen);
                ASSERT_EQ(rows[i].r, seen.r);
                ASSERT_STREQ(rows[i].why, seen.why);
                ASSERT_STREQ(rows[i].r < 0 ? NULL : "AKPROC", seen.credentials.access_key_id);
                credentials_done(&seen.credentials);
                check_no_children();
        }
}

static void test_members(void) {
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        CredentialsContext shared = context();
        Seen seen;

        test_row("members");
        /* Each run is another one. */
        write_script("#!/bin/sh\necho x >>\"$1\"\n"
                     "cat <<END\n{\"Version\":1,\"AccessKeyId\":\"AK$2$(wc -l <\"$1\")\","
                     "\"SecretAccessKey\":\"" MARK "\",\"SessionToken\":\"" MARK "token\","
                     "\"Expiration\":\"2026-01-02T15:04:05Z\",\"AccountId\":\"111122223333\"}\n"
                     "END\n",
                        0700);
        for (unsigned i = 1; i < 3; i++) {
                _cleanup_free_ char *command = NULL, *key = NULL;

                if (asprintf(&command, "%s '%s' \"o\"ne", script, pid_file) < 0
                                || asprintf(&key, "AKone%u", i) < 0)
                        abort();
                if (!provider)
                        ASSERT_OK(credentials_process_new(
                                        &shared, command, "profile p", &provider));
                fetch(provider, &seen);
                ASSERT_OK(seen.r);
                ASSERT_STREQ(key, seen.credentials.access_key_id);
                ASSERT_STREQ(MARK, secret_reveal(seen.credentials.secret_access_key));
                ASSERT_STREQ(MARK "token", secret_reveal(seen.credentials.session_token));
                ASSERT_EQ(INT64_C(1767366245) * USEC_PER_SEC, seen.credentials.expires_usec);
                ASSERT_STREQ("111122223333", seen.credentials.account_id);
                ASSERT_STREQ("credential_process of profile p", seen.credentials.origin);
                credentials_done(&seen.credentials);
        }
        (void) unlink(pid_file);
}

/*
 * What cannot be run.
 */

/* There a process that cannot begin ends instead. */
static bool is_on_valgrind(void) {
        const char *preload = getenv("LD_PRELOAD");

        return preload && strstr(preload, "vgpreload");
}

static void check_refused(const char *name, const char *command, const char *end) {
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        CredentialsContext shared = context();
        const char *tail;
        Seen seen;

        test_row(name);
        ASSERT_OK(credentials_process_new(&shared, command, "profile p", &provider));
        fetch(provider, &seen);
        ASSERT_EQ(-EINVAL, seen.r);
        if (is_on_valgrind() && strstr(end, "cannot be run"))
                end = "exited with status 127";
        tail = strlen(seen.why) >= strlen(end) ? seen.why + strlen(seen.why) - strlen(end) : "";
        ASSERT_STREQ(end, tail);
        ASSERT_TRUE(starts_with(seen.why, OF));
        check_no_children();
}

static void test_refused(void) {
        check_refused("empty", " ", "the command line makes no sense: it is empty");
        check_refused("open quote", "a 'b " MARK,
                        "the command line makes no sense: a quotation mark is not closed");
        check_refused("no such program", "/nonexistent/x --secret " MARK,
                        "/nonexistent/x cannot be run: No such file or directory");
        check_refused("not in $PATH", "auditshared-no-such-program",
                        "cannot be run: No such file or directory");
        check_refused("no shell", "echo;true",
                        "echo;true cannot be run: No such file or directory");
        write_script("#!/bin/sh\n", 0600);
        check_refused("not executable", script, "cannot be run: Permission denied");
        write_script("true\n", 0700);
        check_refused("no program", script, "cannot be run: Exec format error");
}

static void test_path(void) {
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        CredentialsContext shared = context();
        Seen seen;

        test_row("found in $PATH");
        ASSERT_OK(credentials_process_new(&shared,
                        "sh -c 'echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"AKPATH\\\","
                        "\\\"SecretAccessKey\\\":\\\"" MARK "\\\"}\"'",
                        "profile p", &provider));
        fetch(provider, &seen);
        ASSERT_STREQ("", seen.why);
        ASSERT_STREQ("AKPATH", seen.credentials.access_key_id);
        credentials_done(&seen.credentials);
}

/*
 * What does not end.
 */

static void on_ended(int r, const char *output, size_t length, const char *why, void *userdata) {
        Seen *seen = userdata;

        seen->n++;
        seen->r = r;
        (void) snprintf(seen->why, sizeof(seen->why), "%s", why ? why : "");
        (void) snprintf(seen->output, sizeof(seen->output), "%.*s", (int) length,
                        output ? output : "");
        if (seen->doomed)
                *seen->doomed = program_free(*seen->doomed);
}

static Program *run(const char *text, int64_t timeout_usec, Seen *seen) {
        _cleanup_free_ char *all = NULL;
        char *words[] = { script, pid_file, NULL };
        ProgramOptions options = {
                .event = event,
                .words = words,
                .output_max = 1000,
                .is_apart = true,
                .timeout_usec = timeout_usec,
                .callback = on_ended,
                .userdata = seen,
        };
        Program *program = NULL;

        if (asprintf(&all, "#!/bin/sh\n%s", text) < 0)
                abort();
        write_script(all, 0700);
        (void) unlink(pid_file);
        *seen = (Seen){ 0 };
        ASSERT_OK(program_new(&options, &program));
        return program;
}

/* The process that the script left in the file; 0: not yet. */
static pid_t left_behind(void) {
        _cleanup_buffer_ Buffer text = { 0 };

        if (file_read(pid_file, 100, &text, NULL) < 0)
                return 0;
        return strchr(buffer_text(&text), '\n') ? (pid_t) atoi(buffer_text(&text)) : 0;
}

static pid_t wait_for_left_behind(void) {
        int64_t end = monotonic_usec() + 10 * USEC_PER_SEC;
        pid_t pid;

        while ((pid = left_behind()) == 0 && monotonic_usec() < end)
                (void) sd_event_run(event, 5 * USEC_PER_MSEC);
        ASSERT_TRUE(pid > 0);
        return pid;
}

/* A zombie that its new parent has not reaped is dead all the same. */
static bool is_alive(pid_t pid) {
        _cleanup_buffer_ Buffer stat = { 0 };
        char path[64];
        const char *state;

        (void) snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
        if (pid <= 0 || file_read(path, 0, &stat, NULL) < 0)
                return false;
        state = strrchr(buffer_text(&stat), ')');
        return state && state[2] != 'Z' && state[2] != 'X';
}

static void check_dead(pid_t pid) {
        int64_t end = monotonic_usec() + 10 * USEC_PER_SEC;

        while (is_alive(pid) && monotonic_usec() < end)
                (void) sd_event_run(event, 5 * USEC_PER_MSEC);
        ASSERT_FALSE(is_alive(pid));
}

#define LEAVE_BEHIND "sleep 60 & echo $! >\"$1\"\n"

static void test_timeout(void) {
        static const struct {
                const char *name, *text, *why;
        } never[] = {
                { "does not end", LEAVE_BEHIND "echo working >&2; wait",
                                "did not end within 300ms: working" },
                { "closes its output and does not end", LEAVE_BEHIND "exec >&- 2>&-; wait",
                                "did not end within 300ms" },
                { "takes no notice of SIGTERM", "trap '' TERM\n" LEAVE_BEHIND "wait",
                                "did not end within 300ms" },
        };

        for (size_t i = 0; i < ELEMENTSOF(never); i++) {
                _cleanup_(program_freep) Program *program = NULL;
                Seen seen;

                test_row(never[i].name);
                program = run(never[i].text, 300 * USEC_PER_MSEC, &seen);
                run_until(&seen.n);
                ASSERT_EQ(-EIO, seen.r);
                ASSERT_STREQ(never[i].why, seen.why);
                check_dead(left_behind());
                program = program_free(program);
                check_no_children();
        }
}

/* A program may leave a helper behind, an agent that remembers a password for instance. It is let
 * live, but not waited for. */
static void test_daemon(void) {
        static const char *const texts[] = { "echo done\n" LEAVE_BEHIND,
                "echo done\nsleep 60 >&- 2>&- & echo $! >\"$1\"\n" };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                int64_t begin = monotonic_usec();
                Program *program;
                Seen seen;
                pid_t pid;

                test_row(i == 0 ? "leaves a process with its output"
                                : "leaves a process without its output");
                program = run(texts[i], USEC_PER_MINUTE, &seen);
                run_until(&seen.n);
                ASSERT_OK(seen.r);
                ASSERT_STREQ("done\n", seen.output);
                ASSERT_TRUE(monotonic_usec() - begin < 20 * USEC_PER_SEC);
                if (i == 0)
                        ASSERT_TRUE(monotonic_usec() - begin >= PROGRAM_GRACE_USEC);
                pid = left_behind();
                (void) program_free(program);
                check_no_children();
                ASSERT_TRUE(is_alive(pid));
                if (pid > 0)
                        (void) kill(pid, SIGKILL);
                check_dead(pid);
        }
}

/* Output that comes from other hands within the grace is output. */
static void test_late_output(void) {
        _cleanup_(program_freep) Program *program = NULL;
        Seen seen;

        test_row("late output");
        program = run("(sleep 0.05; echo late) &\n", USEC_PER_MINUTE, &seen);
        run_until(&seen.n);
        ASSERT_OK(seen.r);
        ASSERT_STREQ("late\n", seen.output);
}

/*
 * Freed.
 */

static void test_freed(void) {
        Program *program;
        Seen seen;
        pid_t pid;

        test_row("freed: runs");
        program = run(LEAVE_BEHIND "wait", USEC_PER_MINUTE, &seen);
        pid = wait_for_left_behind();
        ASSERT_TRUE(is_alive(pid));
        (void) program_free(program);
        check_dead(pid);
        check_no_children();
        ASSERT_EQ(0, seen.n);

        test_row("freed: at once");
        (void) program_free(run("sleep 60", USEC_PER_MINUTE, &seen));
        check_no_children();
        ASSERT_EQ(0, seen.n);

        test_row("freed: has ended, and nobody has looked");
        program = run("exit 0", USEC_PER_MINUTE, &seen);
        {
                siginfo_t info;

                ASSERT_OK(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
        }
        (void) program_free(program);
        ASSERT_FALSE(has_children());

        test_row("freed: in the callback");
        program = run("echo x", USEC_PER_MINUTE, &seen);
        seen.doomed = &program;
        run_until(&seen.n);
        ASSERT_STREQ("x\n", seen.output);
        ASSERT_TRUE(!program);
        check_no_children();
}

static void test_provider_freed(void) {
        for (int in_callback = 0; in_callback < 2; in_callback++) {
                CredentialsContext shared = context();
                CredentialsProvider *provider = NULL;
                Seen seen = { 0 };

                test_row(in_callback ? "provider freed: in the callback" : "provider freed: runs");
                write_script(in_callback ? "#!/bin/sh\n" ECHO(GOOD) : "#!/bin/sh\nsleep 60\n",
                                0700);
                ASSERT_OK(credentials_process_new(&shared, script, "profile p", &provider));
                ASSERT_OK(credentials_fetch(provider, on_credentials, &seen));
                if (in_callback) {
                        seen.doomed_provider = provider;
                        run_until(&seen.n);
                        ASSERT_STREQ("AKPROC", seen.credentials.access_key_id);
                        credentials_done(&seen.credentials);
                } else
                        (void) credentials_provider_free(provider);
                check_no_children();
                ASSERT_EQ(in_callback, seen.n);
        }
}

/* As in the service: signals blocked for the event loop, SIGPIPE ignored, files left open. */
/* From here on, for good: as an old container has it. */
static void forbid_pidfd_open(void) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = { ELEMENTSOF(filter), filter };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
                        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                abort();
        ASSERT_EQ(-1, syscall(SYS_pidfd_open, getpid(), 0));
}

static void set_up(void) {
        sigset_t blocked;
        int fd;

        if (!mkdtemp(folder) || sd_event_new(&event) < 0)
                abort();
        script = path_join(folder, "script");
        pid_file = path_join(folder, "pid");
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (!script || !pid_file || fd < 0 || dup2(fd, LEAKED_FD) < 0)
                abort();
        (void) close(fd);
        (void) setenv("AUDITSHARED_TEST", "a b", 1);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) sigemptyset(&blocked);
        (void) sigaddset(&blocked, SIGTERM);
        (void) sigaddset(&blocked, SIGHUP);
        (void) sigprocmask(SIG_BLOCK, &blocked, NULL);
}

int main(void) {
        set_up();
        test_rows();
        test_members();
        test_refused();
        test_path();
        test_timeout();
        test_daemon();
        test_late_output();
        test_freed();
        test_provider_freed();

        forbid_pidfd_open();
        test_rows();
        test_timeout();
        test_late_output();
        test_freed();

        (void) unlink(script);
        (void) unlink(pid_file);
        (void) rmdir(folder);
        free(script);
        free(pid_file);
        (void) close(LEAKED_FD);
        (void) sd_event_unref(event);
        return test_end();
}

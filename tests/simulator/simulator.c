/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A simulator of AWS Audit Manager's framework sharing
 *
 * The sharing operations of Audit Manager and as much of STS as signing in takes, on one port of
 * the loopback interface, with a second port to control the world. It is for trying the service out
 * without an account, and for making everything go wrong that can go wrong with one. README.md
 * describes the seed and the control port.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "seed.h"
#include "server.h"

typedef struct Arguments {
        unsigned port, control_port;
        const char *seed;
} Arguments;

static int usage(FILE *to) {
        fputs("simulator [OPTIONS]\n\n"
              "Simulate the sharing of AWS Audit Manager frameworks on the loopback interface.\n\n"
              "  --port N               port of the AWS API, 0 = any (default)\n"
              "  --control-port N       port of the control API, 0 = any (default)\n"
              "  --seed FILE            what exists from the start\n"
              "  --exit-on-eof          end when standard input does\n"
              "  --help                 show this\n",
                        to);
        settings_print_help(to);
        return to == stdout ? 0 : -EINVAL;
}

static int parse_port(const char *text, unsigned *ret) {
        char *end;
        unsigned long port = strtoul(text, &end, 10);

        if (end == text || *end || port > 65535) {
                fprintf(stderr, "simulator: not a port: %s\n", text);
                return -EINVAL;
        }
        *ret = (unsigned) port;
        return 0;
}

/* Whatever this does not know is a setting, and always has a value. */
static int parse_option(Simulator *s, Arguments *a, const char *name, const char *value) {
        int r;

        if (strcmp(name, "exit-on-eof") == 0) {
                s->exit_on_eof = true;
                return 0;
        }
        if (!value) {
                fprintf(stderr, "simulator: --%s needs a value\n", name);
                return -EINVAL;
        }
        if (strcmp(name, "port") == 0)
                return parse_port(value, &a->port);
        if (strcmp(name, "control-port") == 0)
                return parse_port(value, &a->control_port);
        if (strcmp(name, "seed") == 0) {
                a->seed = value;
                return 0;
        }

        r = settings_set(&s->world.settings, name, value);
        if (r < 0)
                fprintf(stderr, "simulator: --%s %s: %s\n", name, value, strerror(-r));
        return r;
}

/* "--name value" and "--name=value". Returns 1 if there is nothing left to do. */
static int parse_arguments(Simulator *s, Arguments *a, int argc, char **argv) {
        int r;

        for (int i = 1; i < argc; i++) {
                _cleanup_(free_string) char *name = NULL;
                const char *equals = strchr(argv[i], '='), *value = equals ? equals + 1 : NULL;

                if (strcmp(argv[i], "--help") == 0)
                        return usage(stdout) < 0 ? -EINVAL : 1;
                if (strncmp(argv[i], "--", 2) != 0)
                        return usage(stderr);

                name = equals ? xstrndup(argv[i] + 2, (size_t) (equals - argv[i]) - 2)
                              : xstrdup(argv[i] + 2);
                if (!value && strcmp(name, "exit-on-eof") != 0 && i + 1 < argc)
                        value = argv[++i];
                r = parse_option(s, a, name, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Signals arrive through a descriptor that the loop polls, so that none comes at a bad moment. */
static int open_signals(void) {
        sigset_t signals;

        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGTERM);
        (void) sigaddset(&signals, SIGINT);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        (void) signal(SIGPIPE, SIG_IGN);
        return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void raise_file_limit(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

static int run(Simulator *s, const Arguments *a) {
        _cleanup_(free_string) char *message = NULL;

        s->stop_fd = open_signals();
        if (s->stop_fd < 0)
                return -errno;
        raise_file_limit();

        if (a->seed && seed_load(&s->world, a->seed, &message) < 0) {
                fprintf(stderr, "simulator: %s\n", message);
                return -EINVAL;
        }
        if (server_start(s, a->port, a->control_port) < 0) {
                fputs("simulator: cannot listen\n", stderr);
                return -EADDRINUSE;
        }

        printf("ready port=%u control=%u\n", server_port(s->api), server_port(s->control));
        (void) fflush(stdout);
        return server_run(s);
}

static void simulator_done(Simulator *s) {
        server_stop(s);
        faults_clear(&s->faults);
        journal_done(&s->journal);
        world_done(&s->world);
        if (s->stop_fd >= 0)
                (void) close(s->stop_fd);
}

int main(int argc, char **argv) {
        _cleanup_(simulator_done) Simulator s = { .stop_fd = -EBADF };
        Arguments a = { 0 };
        int r;

        world_init(&s.world);
        r = parse_arguments(&s, &a, argc, argv);
        if (r == 0)
                r = run(&s, &a);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* auditshared: the service. Only the arguments are read here; manager.h has the rest. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "manager.h"
#include "model/version.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/secret.h"
#include "util/string-util.h"

/* A wrong option, as with most tools. */
#define EXIT_USAGE 2

static int help(void) {
        (void) printf("auditshared [OPTIONS...]\n\n"
                      "Keeps AWS Audit Manager framework shares as the shares files declare "
                      "them.\n\n"
                      "  --settings FILE      Settings (default " CONFIGURATION_SETTINGS ")\n"
                      "  --shares PATH        Shares file or folder; may be given again (default\n"
                      "                       " CONFIGURATION_SHARES
                      ", then " CONFIGURATION_SHARES_DIR ")\n"
                      "  --once               Make one pass and exit: 0 whole, 1 not, 78 bad "
                      "configuration\n"
                      "  --log-format FORMAT  Messages on standard error as text or json\n"
                      "  --debug              Say more\n"
                      "  -h --help            Show this help\n"
                      "     --version         Show the version\n\n"
                      "Signals: SIGHUP reloads, SIGUSR1 makes a pass now, SIGTERM ends.\n"
                      "See auditsharectl for checking, planning and looking at shares.\n");
        return EXIT_SUCCESS;
}

enum {
        ARG_SETTINGS = 256,
        ARG_SHARES,
        ARG_ONCE,
        ARG_LOG_FORMAT,
        ARG_DEBUG,
        ARG_VERSION,
};

static const struct option long_options[] = {
        { "settings", required_argument, NULL, ARG_SETTINGS },
        { "shares", required_argument, NULL, ARG_SHARES },
        { "once", no_argument, NULL, ARG_ONCE },
        { "log-format", required_argument, NULL, ARG_LOG_FORMAT },
        { "debug", no_argument, NULL, ARG_DEBUG },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, ARG_VERSION },
        { NULL, 0, NULL, 0 },
};

static int usage_error(const char *text, const char *detail) {
        (void) fprintf(stderr, "auditshared: %s%s; see 'auditshared --help'\n", text, detail);
        return EXIT_USAGE;
}

static int set_log_format(const char *name) {
        if (!streq(name, "json") && !streq(name, "text"))
                return usage_error("--log-format wants text or json, not ", name);
        log_set_format(streq(name, "json") ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
        return 0;
}

/* 0 to go on, 1 to exit with *ret_status. */
static int parse_arguments(int argc, char *argv[], ManagerOptions *options, int *ret_status) {
        ConfigurationPaths *paths = &options->paths;
        int c;

        *ret_status = EXIT_SUCCESS;
        while ((c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0)
                switch (c) {
                case ARG_SETTINGS:
                        paths->settings = optarg;
                        break;
                case ARG_SHARES:
                        if (paths->n_shares == CONFIGURATION_SHARES_PATHS_MAX) {
                                *ret_status = usage_error("too many --shares", "");
                                return 1;
                        }
                        paths->shares[paths->n_shares++] = optarg;
                        break;
                case ARG_ONCE:
                        options->once = true;
                        break;
                case ARG_LOG_FORMAT:
                        *ret_status = set_log_format(optarg);
                        if (*ret_status != 0)
                                return 1;
                        break;
                case ARG_DEBUG:
                        log_set_level(LOG_LEVEL_DEBUG);
                        break;
                case 'h':
                        *ret_status = help();
                        return 1;
                case ARG_VERSION:
                        (void) printf("auditshared " AUDITSHARED_VERSION "\n");
                        return 1;
                default:
                        *ret_status = EXIT_USAGE; /* getopt_long() has said what is wrong */
                        return 1;
                }
        if (optind < argc) {
                *ret_status = usage_error("unexpected argument ", argv[optind]);
                return 1;
        }
        return 0;
}

int main(int argc, char *argv[]) {
        _cleanup_(manager_freep) Manager *manager = NULL;
        ManagerOptions options = { 0 };
        int r, status;

        secrets_protect();
        mem_init();
        /* Inherited as ignored, it would have the kernel reap programs of ours before
         * we can. */
        (void) signal(SIGCHLD, SIG_DFL);
        if (parse_arguments(argc, argv, &options, &status) != 0)
                return status;

        r = manager_new(&options, &manager);
        if (r < 0)
                return r == -EINVAL ? EX_CONFIG : EXIT_FAILURE;
        r = manager_run(manager);
        if (r < 0) {
                (void) log_error_errno(r, "The event loop failed");
                return EXIT_FAILURE;
        }
        return r;
}

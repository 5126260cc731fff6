/* SPDX-License-Identifier: Apache-2.0 */

/* auditsharectl: the companion of the service. Only the arguments are read here; each verb has a
 * file of its own. */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "model/version.h"
#include "util/log.h"
#include "util/secret.h"
#include "util/string-util.h"

static const Verb verbs[] = {
        {
                        .name = "check",
                        .arguments = "",
                        .options = OPTION_JSON,
                        .help = "Load both files and list every error; contact nobody",
                        .details = "Exits with 0 where both files are good, and with 1 where they "
                                   "are not.",
                        .example = "auditsharectl check --settings ./auditshared.yaml --shares "
                                   "./shares.yaml",
                        .run = verb_check,
        },
        {
                        .name = "plan",
                        .arguments = "",
                        .options = OPTION_JSON | OPTION_ALL | OPTION_DETAILED_EXITCODE,
                        .help = "Observe, and show what a pass would do",
                        .details = "Nothing is written. Exits with 0, or with 1 where a source "
                                   "could not be looked at; with\n"
                                   "--detailed-exitcode with 2 where there are changes.\n\n"
                                   "  + start   ~ resend   - revoke or delete   ! held, stalled or "
                                   "orphaned",
                        .example = "auditsharectl plan --detailed-exitcode",
                        .run = verb_plan,
        },
        {
                        .name = "apply",
                        .arguments = "",
                        .options = OPTION_JSON | OPTION_ALL | OPTION_YES | OPTION_ALLOW_WRITES
                                        | OPTION_ALLOW_REVOKES,
                        .help = "Make one pass, as the service does; at a terminal, ask first",
                        .details = "Exits with 0 where all was applied, and with 1 where something "
                                   "failed. Is refused while the\n"
                                   "service runs.",
                        .example = "auditsharectl apply --yes --allow-writes 2000",
                        .run = verb_apply,
        },
        {
                        .name = "status",
                        .arguments = "[FILTER]",
                        .n_arguments_max = 1,
                        .options = OPTION_JSON | OPTION_WATCH,
                        .help = "Show what the service saw last",
                        .details = "FILTER is [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]; a framework "
                                   "goes by its name or its id. Exits\n"
                                   "with 0; with 3 where no service has reported; with 4 where a "
                                   "share is stalled.",
                        .example = "auditsharectl status 'Group baseline 2026/444455556666'",
                        .run = verb_status,
        },
        {
                        .name = "list",
                        .arguments = "",
                        .options = OPTION_JSON,
                        .help = "List the share requests as the API has them",
                        .details = "Exits with 0, or with 1 where a source could not be listed; "
                                   "the others still are.",
                        .example = "auditsharectl list --json | jq '.[] | select(.status == "
                                   "\"FAILED\")'",
                        .run = verb_list,
        },
        {
                        .name = "doctor",
                        .arguments = "",
                        .options = OPTION_JSON,
                        .help = "Check what a first run trips over, and say what to do",
                        .details = "Files and their modes, the way to AWS (names, proxy, TLS), the "
                                   "clock, credentials, identity,\n"
                                   "account status, and permission to list. Nothing is written. "
                                   "Exits with 0 where nothing failed,\n"
                                   "else with 1; a warning is no failure.",
                        .example = "auditsharectl doctor --json | jq '.checks[] | select(.level == "
                                   "\"failure\")'",
                        .run = verb_doctor,
        },
};

enum {
        ARG_SETTINGS = 256,
        ARG_SHARES,
        ARG_NO_PAGER,
        ARG_HELP,
        ARG_VERSION,
        ARG_JSON,
        ARG_ALL,
        ARG_DETAILED_EXITCODE,
        ARG_YES,
        ARG_ALLOW_WRITES,
        ARG_ALLOW_REVOKES,
        ARG_WATCH,
};

static const struct {
        const char *name, *argument; /* NULL: takes none */
        int value;
        unsigned option; /* 0: every verb has it */
        const char *help;
} arguments[] = {
        { "settings", "FILE", ARG_SETTINGS, 0, "Settings (default " CONFIGURATION_SETTINGS ")" },
        { "shares", "PATH", ARG_SHARES, 0, "Shares file or folder; may be given again" },
        { "json", NULL, ARG_JSON, OPTION_JSON, "Print JSON" },
        { "all", NULL, ARG_ALL, OPTION_ALL, "Show shares that nothing is done about, too" },
        { "detailed-exitcode", NULL, ARG_DETAILED_EXITCODE, OPTION_DETAILED_EXITCODE,
                        "Exit with 2 where there are changes" },
        { "yes", NULL, ARG_YES, OPTION_YES, "Do not ask" },
        { "allow-writes", "N", ARG_ALLOW_WRITES, OPTION_ALLOW_WRITES,
                        "Instead of limits.writes_per_pass, this once" },
        { "allow-revokes", "N", ARG_ALLOW_REVOKES, OPTION_ALLOW_REVOKES,
                        "Instead of limits.revokes_per_pass, this once" },
        { "watch", NULL, ARG_WATCH, OPTION_WATCH,
                        "Show it again whenever it changes, until Ctrl-C" },
        { "no-pager", NULL, ARG_NO_PAGER, 0, "Accepted; nothing is ever piped into a pager" },
        { "help", NULL, ARG_HELP, 0, "Show this help" },
        { "version", NULL, ARG_VERSION, 0, "Show the version" },
};

/* --- help --- */

/* The options of one verb, or of all. */
static void print_options(unsigned wanted) {
        (void) printf("\nOptions:\n");
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++) {
                char name[64];

                if (arguments[i].option != 0 && (arguments[i].option & wanted) == 0)
                        continue;
                (void) snprintf(name, sizeof(name), "--%s%s%s", arguments[i].name,
                                arguments[i].argument ? " " : "",
                                arguments[i].argument ? arguments[i].argument : "");
                (void) printf("  %s %-21s %s\n", streq(arguments[i].name, "help") ? "-h" : "  ",
                                name, arguments[i].help);
        }
}

static int help(void) {
        (void) printf("auditsharectl [OPTIONS...] VERB\n\n"
                      "Checks, plans, applies and shows which AWS Audit Manager frameworks are "
                      "shared with whom.\n\n"
                      "Verbs:\n");
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                (void) printf("  %-6s %-10s %s\n", verbs[i].name, verbs[i].arguments,
                                verbs[i].help);
        print_options(~0U);
        (void) printf("\nData goes to standard output, messages to standard error. NO_COLOR is "
                      "honoured.\n"
                      "'auditsharectl VERB --help' has more on a verb.\n");
        return output_end(0, EXIT_SUCCESS);
}

static int help_verb(const Verb *verb) {
        (void) printf("auditsharectl %s [OPTIONS...]%s%s\n\n%s.\n%s\n", verb->name,
                        *verb->arguments ? " " : "", verb->arguments, verb->help, verb->details);
        print_options(verb->options);
        (void) printf("\nExample:\n  %s\n", verb->example);
        return output_end(0, EXIT_SUCCESS);
}

/* --- arguments --- */

static int usage_error(const char *text, const char *detail, const char *nearest) {
        if (nearest)
                log_error("auditsharectl: %s'%s'; did you mean '%s'?", text, detail, nearest);
        else
                log_error("auditsharectl: %s'%s'; see 'auditsharectl --help'", text, detail);
        return EXIT_USAGE;
}

static const char *argument_name(int value) {
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++)
                if (arguments[i].value == value)
                        return arguments[i].name;
        return "?";
}

/* An option that is none, or one that was given a value it does not take. */
static int unknown_option(const char *given) {
        const char *names[ELEMENTSOF(arguments)], *nearest;
        char word[64], hint[64];

        if (optopt >= ARG_SETTINGS) {
                log_error("auditsharectl: option --%s takes no value", argument_name(optopt));
                return EXIT_USAGE;
        }
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++)
                names[i] = arguments[i].name;
        (void) snprintf(word, sizeof(word), "%s", given + strspn(given, "-"));
        word[strcspn(word, "=")] = '\0';
        nearest = nearest_word(word, names, ELEMENTSOF(names));
        if (nearest)
                (void) snprintf(hint, sizeof(hint), "--%s", nearest);
        return usage_error("there is no option ", given, nearest ? hint : NULL);
}

static int read_count(int value, uint32_t *ret) {
        uint64_t count;

        if (parse_uint(optarg, UINT32_MAX, &count) < 0 || count == 0) {
                log_error("auditsharectl: --%s wants a number from 1 on, not '%s'",
                                argument_name(value), optarg);
                return EXIT_USAGE;
        }
        *ret = (uint32_t) count;
        return 0;
}

static int add_shares(ConfigurationPaths *paths) {
        if (paths->n_shares == CONFIGURATION_SHARES_PATHS_MAX) {
                log_error("auditsharectl: more than %d times --shares",
                                CONFIGURATION_SHARES_PATHS_MAX);
                return EXIT_USAGE;
        }
        paths->shares[paths->n_shares++] = optarg;
        return 0;
}

/* What --help and --version want is only known when all was read. */
typedef struct Wish {
        bool help, version;
} Wish;

/* 0, or the exit status. */
static int take_option(int value, const char *given, Ctl *ctl, Wish *wish) {
        switch (value) {
        case ARG_SETTINGS:
                ctl->paths.settings = optarg;
                return 0;
        case ARG_SHARES:
                return add_shares(&ctl->paths);
        case ARG_ALLOW_WRITES:
                return read_count(value, &ctl->allow_writes);
        case ARG_ALLOW_REVOKES:
                return read_count(value, &ctl->allow_revokes);
        case ARG_HELP:
        case 'h':
                wish->help = true;
                return 0;
        case ARG_VERSION:
                wish->version = true;
                return 0;
        case ':':
                log_error("auditsharectl: option --%s wants a value", argument_name(optopt));
                return EXIT_USAGE;
        case '?':
                return unknown_option(given);
        default: /* has no value: its bit says all */
                return 0;
        }
}

static int parse_options(int argc, char *argv[], Ctl *ctl, Wish *wish) {
        struct option long_options[ELEMENTSOF(arguments) + 1] = { 0 };
        int c, r;

        for (size_t i = 0; i < ELEMENTSOF(arguments); i++)
                long_options[i] = (struct option){
                        .name = arguments[i].name,
                        .has_arg = arguments[i].argument ? required_argument : no_argument,
                        .val = arguments[i].value,
                };
        opterr = 0;
        while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) >= 0) {
                r = take_option(c, argv[optind - 1], ctl, wish);
                if (r != 0)
                        return r;
                for (size_t i = 0; i < ELEMENTSOF(arguments); i++)
                        if (arguments[i].value == c)
                                ctl->options |= arguments[i].option;
        }
        ctl->arguments = argv + optind;
        ctl->n_arguments = (size_t) (argc - optind);
        return 0;
}

static const Verb *find_verb(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (streq(verbs[i].name, name))
                        return &verbs[i];
        return NULL;
}

static int unknown_verb(const char *name) {
        const char *names[ELEMENTSOF(verbs)];

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                names[i] = verbs[i].name;
        return usage_error("there is no verb ", name, nearest_word(name, names, ELEMENTSOF(names)));
}

/* 0, or the exit status. */
static int check_usage(const Verb *verb, const Ctl *ctl) {
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++)
                if ((arguments[i].option & ctl->options & ~verb->options) != 0) {
                        log_error("auditsharectl: %s has no option --%s; see 'auditsharectl %s "
                                  "--help'",
                                        verb->name, arguments[i].name, verb->name);
                        return EXIT_USAGE;
                }
        if (ctl->n_arguments <= verb->n_arguments_max)
                return 0;
        log_error("auditsharectl: %s takes no argument '%s'; see 'auditsharectl %s --help'",
                        verb->name, ctl->arguments[verb->n_arguments_max], verb->name);
        return EXIT_USAGE;
}

int main(int argc, char *argv[]) {
        Ctl ctl = { 0 };
        Wish wish = { 0 };
        const Verb *verb;
        int r;

        secrets_protect();
        (void) signal(SIGCHLD, SIG_DFL);
        output_init();
        (void) signal(SIGPIPE, SIG_IGN);

        r = parse_options(argc, argv, &ctl, &wish);
        if (r != 0)
                return r;
        if (wish.version) {
                (void) printf("auditsharectl " AUDITSHARED_VERSION "\n");
                return output_end(0, EXIT_SUCCESS);
        }
        if (ctl.n_arguments == 0 && wish.help)
                return help();
        if (ctl.n_arguments == 0) {
                log_error("auditsharectl: a verb is missing; see 'auditsharectl --help'");
                return EXIT_USAGE;
        }

        verb = find_verb(ctl.arguments[0]);
        if (!verb)
                return unknown_verb(ctl.arguments[0]);
        if (wish.help)
                return help_verb(verb);
        ctl.arguments++;
        ctl.n_arguments--;
        r = check_usage(verb, &ctl);
        return r != 0 ? r : verb->run(&ctl);
}

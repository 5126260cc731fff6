/* SPDX-License-Identifier: Apache-2.0 */

/* auditsharectl: the companion of the service. Only the arguments are read here; each verb has a
 * file of its own. */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/command.h"
#include "ctl/complete.h"
#include "ctl/output.h"
#include "model/version.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/secret.h"
#include "util/string-util.h"

/* --- arguments --- */

static int usage_error(const char *text, const char *detail, const char *nearest) {
        if (nearest)
                log_error("auditsharectl: %s'%s'; did you mean '%s'?", text, detail, nearest);
        else
                log_error("auditsharectl: %s'%s'; see 'auditsharectl --help'", text, detail);
        return EXIT_USAGE;
}

/* As many words as a table may have for a hint. */
#define WORDS_MAX 64

static const char *argument_name(int value) {
        const CommandOption *option = command_find_option(value);

        return option ? option->name : "?";
}

/* An option that is none, or one that was given a value it does not take. */
static int unknown_option(const char *given) {
        const char *names[WORDS_MAX], *nearest;
        char word[64], hint[64];
        size_t n = 0;

        if (optopt >= ARG_SETTINGS) {
                log_error("auditsharectl: option --%s takes no value", argument_name(optopt));
                return EXIT_USAGE;
        }
        while (n < WORDS_MAX && command_options[n].name) {
                names[n] = command_options[n].name;
                n++;
        }
        (void) snprintf(word, sizeof(word), "%s", given + strspn(given, "-"));
        word[strcspn(word, "=")] = '\0';
        nearest = nearest_word(word, names, n);
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
        case ARG_OUTPUT:
                ctl->output = optarg;
                return 0;
        case ARG_SINCE:
                ctl->since = optarg;
                return 0;
        case ARG_OUT:
                ctl->out = optarg;
                return 0;
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
        struct option long_options[WORDS_MAX + 1] = { 0 };
        int c, r;

        for (size_t i = 0; i < WORDS_MAX && command_options[i].name; i++)
                long_options[i] = (struct option){
                        .name = command_options[i].name,
                        .has_arg = command_options[i].argument ? required_argument : no_argument,
                        .val = command_options[i].value,
                };
        opterr = 0;
        while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) >= 0) {
                r = take_option(c, argv[optind - 1], ctl, wish);
                if (r != 0)
                        return r;
                if (command_find_option(c))
                        ctl->options |= command_find_option(c)->option;
        }
        ctl->arguments = argv + optind;
        ctl->n_arguments = (size_t) (argc - optind);
        return 0;
}

static int unknown_verb(const char *name) {
        const char *names[WORDS_MAX];
        size_t n = 0;

        while (n < WORDS_MAX && command_verbs[n].name) {
                names[n] = command_verbs[n].name;
                n++;
        }
        return usage_error("there is no verb ", name, nearest_word(name, names, n));
}

/* 0, or the exit status. */
static int check_usage(const Verb *verb, const Ctl *ctl) {
        for (const CommandOption *o = command_options; o->name; o++)
                if ((o->option & ctl->options & ~verb->options) != 0) {
                        log_error("auditsharectl: %s has no option --%s; see 'auditsharectl %s "
                                  "--help'",
                                        verb->name, o->name, verb->name);
                        return EXIT_USAGE;
                }
        if (ctl->n_arguments < verb->n_arguments_min) {
                log_error("auditsharectl: %s wants %s; see 'auditsharectl %s --help'", verb->name,
                                verb->arguments, verb->name);
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
        mem_init();
        (void) signal(SIGCHLD, SIG_DFL);
        output_init();
        (void) signal(SIGPIPE, SIG_IGN);

        if (argc > 1 && streq(argv[1], COMPLETE_WORD))
                return complete(argv + 2, (size_t) argc - 2);
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

        verb = command_find_verb(ctl.arguments[0]);
        if (!verb)
                return unknown_verb(ctl.arguments[0]);
        if (wish.help)
                return help_verb(verb);
        ctl.arguments++;
        ctl.n_arguments--;
        r = check_usage(verb, &ctl);
        return r != 0 ? r : verb->run(&ctl);
}

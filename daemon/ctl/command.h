#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verbs and options of auditsharectl
 *
 * Tables that end with an entry without a name. What reads a command line, what helps and what
 * completes all go by them.
 */

#include <stdbool.h>

#include "ctl/ctl.h"

typedef struct Verb {
        const char *name;
        const char *arguments; /* for the help; "" where there are none */
        size_t n_arguments_min, n_arguments_max;
        unsigned options; /* those it takes */
        const char *help; /* one line */
        const char *details;
        const char *example;
        int (*run)(const Ctl *ctl); /* returns the exit status */
} Verb;

/* What getopt_long() returns for an option. */
enum CommandArgument {
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
        ARG_WAIT,
        ARG_OUTPUT,
        ARG_SINCE,
        ARG_OUT,
};

typedef struct CommandOption {
        const char *name, *argument; /* argument: what the help calls it; NULL: takes none */
        int value; /* CommandArgument */
        unsigned option; /* 0: every verb has it */
        const char *help;
} CommandOption;

extern const Verb command_verbs[];
extern const CommandOption command_options[];

/* By its whole name; NULL: there is none. */
const Verb *command_find_verb(const char *name);

/* By what getopt_long() returns; NULL: there is none. */
const CommandOption *command_find_option(int value);

static inline bool command_option_suits(const CommandOption *option, const Verb *verb) {
        return option->option == 0 || (option->option & verb->options) != 0;
}

/* --- help.c --- */

/* --help, and VERB --help; both return the exit status. */
int help(void);
int help_verb(const Verb *verb);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * auditsharectl: what its verbs share
 *
 * A verb is a function from what was asked to an exit status. Data goes to standard output,
 * messages to standard error.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "configuration.h"

/* Where systemd looks for what LoadCredential= names (systemd.exec(5)). */
#define CREDSTORE "/etc/credstore"

/* A wrong option or argument, as with most tools. */
#define EXIT_USAGE 2

/* Options that only some verbs have; as bits of what was given and of what a verb takes. */
typedef enum Option {
        OPTION_JSON = 1 << 0,
        OPTION_ALL = 1 << 1,
        OPTION_DETAILED_EXITCODE = 1 << 2,
        OPTION_YES = 1 << 3,
        OPTION_ALLOW_WRITES = 1 << 4,
        OPTION_ALLOW_REVOKES = 1 << 5,
        OPTION_WATCH = 1 << 6,
        OPTION_WAIT = 1 << 7,
        OPTION_OUTPUT = 1 << 8,
        OPTION_SINCE = 1 << 9,
        OPTION_OUT = 1 << 10,
} Option;

/* What was asked. Strings are those of the command line. */
typedef struct Ctl {
        ConfigurationPaths paths;
        unsigned options; /* those given */
        uint32_t allow_writes, allow_revokes; /* 0: as in the settings */
        const char *output; /* a file; NULL: standard output */
        const char *since; /* a time as it was given; NULL: ever */
        const char *out; /* where a plan is saved; NULL: nowhere */
        char *const *arguments; /* behind the verb */
        size_t n_arguments;
} Ctl;

int verb_check(const Ctl *ctl);
int verb_plan(const Ctl *ctl);
int verb_apply(const Ctl *ctl);
int verb_list(const Ctl *ctl);
int verb_import(const Ctl *ctl);
int verb_status(const Ctl *ctl);
int verb_history(const Ctl *ctl);
int verb_report(const Ctl *ctl);
int verb_doctor(const Ctl *ctl);
int verb_reset(const Ctl *ctl);
int verb_reconcile(const Ctl *ctl);
int verb_reload(const Ctl *ctl);

static inline bool ctl_has(const Ctl *ctl, Option option) {
        return (ctl->options & (unsigned) option) != 0;
}

/* "share", "shares" */
static inline const char *plural(uint64_t n) {
        return n == 1 ? "" : "s";
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A configuration that was loaded, with the clients it wants
 *
 * Loading says in the journal what came of it.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "configuration.h"
#include "session.h"
#include "util/macro.h"

typedef struct Loaded {
        Configuration *configuration;
        Session *session;
        ConfigurationHash hash;
} Loaded;

/* What loading needs; all borrowed. */
typedef struct LoadContext {
        sd_event *event;
        HttpClient *http;
        const ConfigurationPaths *paths;
        const ConfigurationHash *in_force; /* not loaded once more; NULL: whatever is there is */
        ClientNoticeCallback notice;
        void *userdata; /* for notice */
} LoadContext;

/* Why nothing could be loaded. */
typedef struct LoadFailure {
        Faults *faults; /* may be NULL */
        char *why; /* where it is not the files' contents; may be NULL */
        ConfigurationHash hash; /* of what was refused; 0: not known */
} LoadFailure;

/*
 * 0; -EALREADY where the files are those in force; -EINVAL where the files have faults or an
 * endpoint makes no sense; another negative errno. `known` (may be NULL) is the hash of what was
 * refused before and is not said again; `running` tells that there is a good configuration to keep.
 * failure is filled in for any negative result, and freed with load_failure_done().
 */
int loaded_new(const LoadContext *context,
                bool running,
                const ConfigurationHash *known,
                Loaded **ret,
                LoadFailure *failure);
Loaded *loaded_free(Loaded *loaded);

/* The event that a configuration was loaded. */
void loaded_report(const Loaded *loaded);

/* The same in words, as a new string; NULL when out of memory. */
char *loaded_summary(const Loaded *loaded);

/* What went wrong, a line each, for who asked: a list of *ret_n new strings that the caller frees
 * with the list. 0 or -ENOMEM. */
int load_failure_lines(const LoadFailure *failure, char ***ret, size_t *ret_n);

void load_failure_done(LoadFailure *failure);

DEFINE_CLEANUP(Loaded, loaded_free)
#define _cleanup_load_failure_ _cleanup_(load_failure_done)

/* SPDX-License-Identifier: Apache-2.0 */

/* Loading a configuration, and saying so. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaded.h"
#include "record/journal.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"

static void log_faults(Faults *faults) {
        size_t n, kept = 0;
        const Fault *items = faults_get(faults, &n);

        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *line = fault_format(faults, &items[i]);

                kept += !items[i].is_note;
                if (line && items[i].is_note)
                        log_debug("%s", line);
                else if (line)
                        log_error("%s", line);
        }
        if (faults_count(faults) > kept)
                log_error("… and %zu more", faults_count(faults) - kept);
}

static void report_refused(const char *why, bool running) {
        JournalEntry event;

        journal_begin(&event, EVENT_CONFIGURATION_REFUSED, LOG_LEVEL_ERROR,
                        "Configuration refused: %s%s", why,
                        running ? "; the last good one stays in force" : "");
        journal_send(&event);
}

static void report_faults(Faults *faults, bool running) {
        size_t n = faults_count(faults);
        char text[64];

        log_faults(faults);
        (void) snprintf(text, sizeof(text), "%zu error%s", n, n == 1 ? "" : "s");
        report_refused(text, running);
}

char *loaded_summary(const Loaded *loaded) {
        const DesiredState *desired = loaded->configuration->desired;
        const Settings *settings = loaded->configuration->settings;
        char *text;

        if (asprintf(&text, "Configuration loaded: %zu source%s, %zu framework%s, %zu share%s",
                            settings->n_sources, settings->n_sources == 1 ? "" : "s",
                            desired->n_frameworks, desired->n_frameworks == 1 ? "" : "s",
                            desired->n_shares, desired->n_shares == 1 ? "" : "s")
                        < 0)
                return NULL;
        return text;
}

void loaded_report(const Loaded *loaded) {
        _cleanup_free_ char *text = loaded_summary(loaded);
        JournalEntry event;

        journal_begin(&event, EVENT_CONFIGURATION_LOADED, LOG_LEVEL_INFO, "%s",
                        text ? text : "Configuration loaded");
        journal_send(&event);
}

static int make_session(const LoadContext *context, bool running, Loaded *loaded, char **ret_why) {
        int r;

        r = session_new(context->event, context->http, loaded->configuration->settings, true,
                        context->notice, context->userdata, &loaded->session, ret_why);
        if (r < 0)
                report_refused(*ret_why ? *ret_why : strerror(-r), running);
        return r;
}

int loaded_new(const LoadContext *context,
                bool running,
                const ConfigurationHash *known,
                Loaded **ret,
                LoadFailure *failure) {
        _cleanup_(loaded_freep) Loaded *loaded = calloc(1, sizeof(Loaded));
        Faults *faults = NULL;
        int r;

        *failure = (LoadFailure){ 0 };
        if (!loaded)
                return log_oom();
        r = configuration_load_changed(context->paths, context->in_force, &loaded->configuration,
                        &faults, &loaded->hash);
        failure->faults = faults;
        failure->hash = loaded->hash;
        if (r == -EINVAL && (!known || loaded->hash != *known))
                report_faults(faults, running);
        else if (r < 0 && r != -EINVAL && r != -EALREADY)
                (void) log_error_errno(r, "Cannot load the configuration");
        if (r >= 0)
                r = make_session(context, running, loaded, &failure->why);
        if (r < 0)
                return r;
        log_faults(faults); /* none but notes */
        load_failure_done(failure);
        *ret = TAKE_PTR(loaded);
        return 0;
}

Loaded *loaded_free(Loaded *loaded) {
        if (!loaded)
                return NULL;

        (void) session_free(loaded->session);
        (void) configuration_free(loaded->configuration);
        free(loaded);
        return NULL;
}

int load_failure_lines(const LoadFailure *failure, char ***ret, size_t *ret_n) {
        size_t n_items = 0, n = 0;
        const Fault *items = failure->faults ? faults_get(failure->faults, &n_items) : NULL;
        char **lines = calloc(n_items + 1, sizeof(char *));

        if (!lines)
                return -ENOMEM;
        for (size_t i = 0; i < n_items; i++) {
                if (items[i].is_note)
                        continue;
                lines[n] = fault_format(failure->faults, &items[i]);
                n += lines[n] != NULL;
        }
        if (failure->why && text_copy(failure->why, &lines[n]) >= 0)
                n++;
        *ret = lines;
        *ret_n = n;
        return 0;
}

void load_failure_done(LoadFailure *failure) {
        (void) faults_free(failure->faults);
        free(failure->why);
        *failure = (LoadFailure){ 0 };
}

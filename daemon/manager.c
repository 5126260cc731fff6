/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The manager
 *
 * Each timer is armed in one place. Passes that run keep the configuration they began with; a new
 * configuration waits for the end of the last of them, and has them end early.
 */

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "manager.h"
#include "notice.h"
#include "passes.h"
#include "record/journal.h"
#include "session.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"
#include "watch.h"

/* How long SIGTERM waits for answers that are under way. */
#define STOP_GRACE_USEC (5 * USEC_PER_SEC)

/* Longer than any single call with its retries' delays can stay silent. */
#define PROGRESS_PATIENCE_USEC (2 * USEC_PER_MINUTE)

struct Manager {
        ManagerOptions options;
        sd_event *event;
        sd_event_source *stop_timer, *watchdog_timer, *signals[4];
        HttpClient *http;
        Watch *watch;
        Memory *memory;

        Configuration *configuration;
        Session *session;
        ConfigurationHash hash;

        Configuration *next_configuration; /* taken over when no pass runs any more */
        Session *next_session;

        Passes *passes;
        uint64_t watchdog_usec;
        bool stopping;
        int exit_status;
};

/* --- timers --- */

/* Feeds the watchdog while there is nothing to do, or what there is to do moves. */
static int on_watchdog(sd_event_source *s, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        int64_t moved = MAX(passes_begun_usec(m->passes), session_progress_usec(m->session));

        (void) usec;
        if (!passes_are_running(m->passes) || monotonic_usec() - moved < PROGRESS_PATIENCE_USEC)
                (void) sd_notify(0, "WATCHDOG=1");
        (void) sd_event_source_set_time(s, (uint64_t) monotonic_usec() + m->watchdog_usec / 2);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int on_stop_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Manager *m = userdata;

        (void) s;
        (void) usec;
        log_warning("Answers that were still under way are not waited for");
        passes_abort(m->passes);
        return sd_event_exit(m->event, m->exit_status);
}

/* --- configuration --- */

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

static void report_loaded(const Configuration *configuration) {
        const DesiredState *desired = configuration->desired;
        const Settings *settings = configuration->settings;
        JournalEntry event;

        journal_begin(&event, EVENT_CONFIGURATION_LOADED, LOG_LEVEL_INFO,
                        "Configuration loaded: %zu source%s, %zu framework%s, %zu share%s",
                        settings->n_sources, settings->n_sources == 1 ? "" : "s",
                        desired->n_frameworks, desired->n_frameworks == 1 ? "" : "s",
                        desired->n_shares, desired->n_shares == 1 ? "" : "s");
        journal_send(&event);
}

static void on_notice(AwsClient *client, ClientNotice notice, const char *detail, void *userdata);

/* Loads files and makes clients of them; what is wrong is logged. `running`: there is a good
 * configuration to keep. */
static int load(Manager *m,
                bool running,
                ConfigurationHash *ret_hash,
                Configuration **ret,
                Session **ret_session) {
        _cleanup_(configuration_freep) Configuration *configuration = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        _cleanup_free_ char *why = NULL;
        char text[64];
        int r;

        r = configuration_load(&m->options.paths, &configuration, &faults, ret_hash);
        if (r == -EINVAL) {
                if (running && *ret_hash == m->hash)
                        return r; /* refused already */
                log_faults(faults);
                (void) snprintf(text, sizeof(text), "%zu error%s", faults_count(faults),
                                faults_count(faults) == 1 ? "" : "s");
                report_refused(text, running);
                return r;
        }
        if (r < 0)
                return log_error_errno(r, "Cannot load the configuration");

        r = session_new(m->event, m->http, configuration->settings, true, on_notice, m, ret_session,
                        &why);
        if (r < 0) {
                report_refused(why ? why : strerror(-r), running);
                return r;
        }
        log_faults(faults);
        *ret = TAKE_PTR(configuration);
        return 0;
}

static void watch_folders(Manager *m) {
        char **folders = configuration_folders(&m->options.paths);
        int r = folders ? watch_add(m->watch, folders) : -ENOMEM;

        for (char **folder = folders; folder && *folder; folder++)
                free(*folder);
        free(folders);
        if (r < 0)
                (void) log_warning_errno(r, "Cannot watch the configuration for changes, ignoring");
}

/* No pass runs: the configuration that has come becomes the one in force. */
static void take_over_configuration(Manager *m) {
        (void) session_free(m->session);
        (void) configuration_free(m->configuration);
        m->session = TAKE_PTR(m->next_session);
        m->configuration = TAKE_PTR(m->next_configuration);
        passes_begin(m->passes, m->configuration, m->session, m->memory);
}

static void on_passes_over(bool clean, void *userdata) {
        Manager *m = userdata;

        if (m->options.once)
                m->exit_status = clean ? EXIT_SUCCESS : EXIT_FAILURE;
        if (m->options.once || m->stopping)
                (void) sd_event_exit(m->event, m->exit_status);
        else
                take_over_configuration(m);
}

/* `asked`: by a person, who wants to hear that it was loaded even where nothing changed. */
static void reload(Manager *m, bool asked) {
        Configuration *configuration = NULL;
        ConfigurationHash hash = 0;
        Session *session = NULL;
        int r;

        watch_folders(m);
        r = load(m, true, &hash, &configuration, &session);
        if (r < 0) {
                m->hash = hash;
                return;
        }
        if (hash == m->hash && !asked) {
                (void) session_free(session);
                (void) configuration_free(configuration);
                return;
        }
        assert(configuration && session);
        m->hash = hash;
        report_loaded(configuration);

        (void) session_free(m->next_session);
        (void) configuration_free(m->next_configuration);
        m->next_configuration = configuration;
        m->next_session = session;
        if (!m->stopping && !passes_stop(m->passes, "a new configuration was loaded"))
                take_over_configuration(m);
}

static void on_files_changed(void *userdata) {
        reload(userdata, false);
}

/* --- signals --- */

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        (void) s;
        (void) si;
        (void) sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long) monotonic_usec());
        reload(userdata, true);
        (void) sd_notify(0, "READY=1");
        return 0;
}

static int on_pass_now(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        (void) s;
        (void) si;
        passes_ask(((Manager *) userdata)->passes);
        return 0;
}

static int on_terminate(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        Manager *m = userdata;

        (void) s;
        (void) si;
        if (m->stopping)
                return 0;
        m->stopping = true;
        /* Not a failure for systemd; for who runs one pass by hand it is no success. */
        m->exit_status = m->options.once ? EXIT_FAILURE : EXIT_SUCCESS;
        (void) sd_notify(0, "STOPPING=1\nSTATUS=Ending");

        (void) sd_event_source_set_time(
                        m->stop_timer, (uint64_t) (monotonic_usec() + STOP_GRACE_USEC));
        (void) sd_event_source_set_enabled(m->stop_timer, SD_EVENT_ONESHOT);
        if (!passes_stop(m->passes, "the service ends"))
                return sd_event_exit(m->event, m->exit_status);
        return 0;
}

static void on_notice(AwsClient *client, ClientNotice notice, const char *detail, void *userdata) {
        Manager *m = userdata;

        for (size_t i = 0; i < m->session->n_sources; i++)
                if (m->session->clients[i] == client)
                        notice_report(m->memory, &m->configuration->settings->sources[i], notice,
                                        detail);
}

/* --- life --- */

static int add_timer(Manager *m,
                sd_event_source **ret,
                sd_event_time_handler_t handler,
                uint64_t accuracy_usec) {
        int r;

        r = sd_event_add_time(m->event, ret, CLOCK_MONOTONIC, 0, accuracy_usec, handler, m);
        return r < 0 ? r : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

static int set_up_loop(Manager *m) {
        static const struct {
                int number;
                sd_event_signal_handler_t handler;
        } signals[ELEMENTSOF(m->signals)] = {
                { SIGTERM, on_terminate },
                { SIGINT, on_terminate },
                { SIGHUP, on_hangup },
                { SIGUSR1, on_pass_now },
        };
        sigset_t mask;
        int r;

        (void) sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void) sigaddset(&mask, signals[i].number);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        (void) signal(SIGPIPE, SIG_IGN);

        r = sd_event_default(&m->event);
        for (size_t i = 0; i < ELEMENTSOF(signals) && r >= 0; i++)
                r = sd_event_add_signal(
                                m->event, &m->signals[i], signals[i].number, signals[i].handler, m);
        if (r >= 0)
                r = add_timer(m, &m->stop_timer, on_stop_timer, USEC_PER_SEC / 10);
        if (r >= 0)
                r = watch_new(m->event, on_files_changed, m, &m->watch);
        if (r >= 0)
                r = http_client_new(m->event, &m->http);
        if (r >= 0)
                r = passes_new(&(PassesOptions){ .event = m->event,
                                               .once = m->options.once,
                                               .over = on_passes_over,
                                               .userdata = m },
                                &m->passes);
        return r;
}

static int set_up_watchdog(Manager *m) {
        int r;

        r = sd_watchdog_enabled(0, &m->watchdog_usec);
        if (r <= 0)
                return r;
        r = add_timer(m, &m->watchdog_timer, on_watchdog, USEC_PER_SEC);
        if (r < 0)
                return r;
        return on_watchdog(m->watchdog_timer, 0, m);
}

static void report_memory_refused(const char *why) {
        JournalEntry event;

        journal_begin(&event, EVENT_PASS_REFUSED, LOG_LEVEL_ERROR, "No pass can be made: %s", why);
        journal_send(&event);
}

static int open_memory(Manager *m) {
        _cleanup_free_ char *why = NULL;
        JournalEntry event;
        int r;

        r = memory_open(memory_default_directory(), MEMORY_WRITE, "auditshared", &m->memory, &why);
        if (r < 0) {
                report_memory_refused(why ? why : strerror(-r));
                return r == -EINVAL ? -EIO : r; /* -EINVAL is for the configuration */
        }
        if (!memory_set_aside(m->memory))
                return 0;

        journal_begin(&event, EVENT_MEMORY_REBUILT, LOG_LEVEL_WARNING,
                        "Memory was damaged and set aside as '%s'; it is rebuilt from the listing",
                        memory_set_aside(m->memory));
        journal_send(&event);
        return 0;
}

int manager_new(const ManagerOptions *options, Manager **ret) {
        _cleanup_(manager_freep) Manager *m = calloc(1, sizeof(Manager));
        int r;

        if (!m)
                return log_oom();
        *m = (Manager){ .options = *options };

        r = set_up_loop(m);
        if (r < 0)
                return log_error_errno(r, "Cannot set up the event loop") == -EINVAL ? -EIO : r;
        r = load(m, false, &m->hash, &m->configuration, &m->session);
        if (r < 0)
                return r;
        report_loaded(m->configuration);
        r = open_memory(m);
        if (r < 0)
                return r;
        r = set_up_watchdog(m);
        if (r < 0)
                return log_error_errno(r, "Cannot feed the watchdog");
        if (!options->once)
                watch_folders(m);

        *ret = TAKE_PTR(m);
        return 0;
}

int manager_run(Manager *m) {
        (void) sd_notify(0, "READY=1\nSTATUS=Ready");
        passes_begin(m->passes, m->configuration, m->session, m->memory);
        return sd_event_loop(m->event);
}

Manager *manager_free(Manager *m) {
        if (!m)
                return NULL;

        (void) passes_free(m->passes);
        (void) session_free(m->next_session);
        (void) session_free(m->session);
        (void) configuration_free(m->next_configuration);
        (void) configuration_free(m->configuration);
        (void) memory_free(m->memory);
        (void) watch_free(m->watch);
        (void) http_client_free(m->http);
        for (size_t i = 0; i < ELEMENTSOF(m->signals); i++)
                (void) sd_event_source_disable_unref(m->signals[i]);
        (void) sd_event_source_disable_unref(m->watchdog_timer);
        (void) sd_event_source_disable_unref(m->stop_timer);
        (void) sd_event_unref(m->event);
        free(m);
        return NULL;
}

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

#include "control.h"
#include "loaded.h"
#include "manager.h"
#include "notice.h"
#include "passes.h"
#include "publish.h"
#include "reconcile/reset.h"
#include "record/journal.h"
#include "record/status.h"
#include "shares-folder.h"
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

        Loaded *current, *next; /* next: taken over when no pass runs any more */
        ConfigurationHash hash; /* of what was loaded or refused last */

        Passes *passes;
        Control *control;
        uint64_t watchdog_usec;
        bool stopping;
        int exit_status;
};

/* --- timers --- */

/* Feeds the watchdog while there is nothing to do, or what there is to do moves. */
static int on_watchdog(sd_event_source *s, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        int64_t moved = MAX(
                        passes_begun_usec(m->passes), session_progress_usec(m->current->session));

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

static void on_notice(AwsClient *client, ClientNotice notice, const char *detail, void *userdata);

/* `running`: there is a good configuration to keep, and what was refused before is not said again.
 */
static int load(Manager *m,
                bool running,
                const ConfigurationHash *in_force,
                Loaded **ret,
                LoadFailure *failure) {
        LoadContext context = {
                .event = m->event,
                .http = m->http,
                .paths = &m->options.paths,
                .in_force = in_force,
                .notice = on_notice,
                .userdata = m,
        };

        return loaded_new(&context, running, running ? &m->hash : NULL, ret, failure);
}

static void watch_folders(Manager *m) {
        _cleanup_names_ char **folders = configuration_folders(&m->options.paths);
        int r = folders ? watch_set(m->watch, folders) : -ENOMEM;

        if (r < 0)
                (void) log_warning_errno(r, "Cannot watch the configuration for changes, ignoring");
}

/* No pass runs: the configuration that has come becomes the one in force. */
static void take_over_configuration(Manager *m) {
        (void) loaded_free(m->current);
        m->current = TAKE_PTR(m->next);
        passes_begin(m->passes, m->current->configuration, m->current->session, m->memory);
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

/* `asked`: by a person, who wants to hear that it was loaded even where nothing changed. 0, or a
 * negative errno with the failure, which the caller frees. */
static int reload(Manager *m, bool asked, LoadFailure *failure) {
        const Loaded *latest = m->next ? m->next : m->current;
        /* Of these very files, what failed may have been something else, such as memory. */
        bool in_force = m->hash == latest->hash;
        Loaded *loaded;
        int r;

        watch_folders(m);
        r = load(m, true, in_force && !asked ? &m->hash : NULL, &loaded, failure);
        if (r == -EALREADY)
                return 0;
        if (r < 0) {
                m->hash = failure->hash;
                return r;
        }
        m->hash = loaded->hash;
        loaded_report(loaded);

        (void) loaded_free(m->next);
        m->next = loaded;
        if (!m->stopping && !passes_stop(m->passes, "a new configuration was loaded"))
                take_over_configuration(m);
        return 0;
}

/* systemd 252 knows no Type=notify-reload, but hears these messages all the same (sd_notify(3)). */
static int reload_when_asked(Manager *m, LoadFailure *failure) {
        int r;

        (void) sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long) monotonic_usec());
        r = reload(m, true, failure);
        (void) sd_notify(0, "READY=1");
        return r;
}

static void on_files_changed(void *userdata) {
        _cleanup_load_failure_ LoadFailure failure = { 0 };

        (void) reload(userdata, false, &failure);
}

/* --- what auditsharectl asks --- */

static void answer_reload(Manager *m, ControlCall *call) {
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        _cleanup_load_failure_ LoadFailure failure = { 0 };
        int r;

        r = reload_when_asked(m, &failure);
        answer.ok = r >= 0;
        if (r >= 0)
                answer.message = loaded_summary(m->next ? m->next : m->current);
        else {
                (void) load_failure_lines(&failure, &answer.errors, &answer.n_errors);
                (void) text_copy("The configuration was refused; the last good one stays in force",
                                &answer.message);
        }
        control_answer(call, &answer);
}

static void answer_reconcile(Manager *m, ControlCall *call, bool wait) {
        bool running = passes_are_running(m->passes);
        uint64_t ticket = passes_ask(m->passes);

        if (wait)
                control_hold(call, ticket);
        else
                control_answer_text(call, true,
                                running ? "A pass begins when the one that runs has ended"
                                        : "A pass begins now");
}

static void on_pass_ended(const Pass *pass, uint64_t ticket, bool clean, void *userdata) {
        _cleanup_control_answer_ ControlAnswer answer = { .ok = clean };
        Manager *m = userdata;
        size_t n = m->current->configuration->settings->n_sources;

        if (!m->control || !control_is_held(m->control, ticket))
                return;
        answer.message = publish_summary(pass, now_usec());
        answer.errors = calloc(n, sizeof(char *));
        for (size_t i = 0; i < n && answer.errors; i++) {
                const char *error = passes_source_error(m->passes, i);

                if (error
                                && asprintf(&answer.errors[answer.n_errors], "source %s: %s",
                                                   m->current->configuration->settings->sources[i]
                                                                   .name,
                                                   error)
                                                >= 0)
                        answer.n_errors++;
        }
        control_answer_held(m->control, ticket, &answer);
}

static void answer_reset(Manager *m, ControlCall *call, const char *share) {
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        _cleanup_filter_ Filter filter = { 0 };
        size_t n = 0;
        int r;

        r = filter_parse(share, &filter);
        if (r >= 0)
                r = reset_shares(m->memory, m->current->configuration->settings, &filter, &n);
        answer.message = r < 0 ? reset_failure(share, r) : reset_summary(share, n);
        answer.ok = r >= 0 && n > 0;
        if (answer.message)
                log_notice("%s", answer.message);
        if (answer.ok)
                (void) passes_ask(m->passes);
        control_answer(call, &answer);
}

static void on_request(ControlCall *call, const ControlRequest *request, void *userdata) {
        Manager *m = userdata;

        if (m->stopping) {
                control_answer_text(call, false, "the service is ending");
                return;
        }
        switch (request->verb) {
        case CONTROL_RELOAD:
                answer_reload(m, call);
                break;
        case CONTROL_RECONCILE:
                answer_reconcile(m, call, request->wait);
                break;
        case CONTROL_RESET:
                answer_reset(m, call, request->share);
                break;
        case CONTROL_VERB_MAX:
                break;
        }
}

/* Without it the service still does all it is there for. */
static void listen_to_people(Manager *m) {
        int r = control_new(m->event, status_default_directory(), on_request, m, &m->control);

        if (r < 0)
                (void) log_warning_errno(r, "Cannot listen for auditsharectl in '%s', ignoring",
                                status_default_directory());
}

/* --- signals --- */

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        _cleanup_load_failure_ LoadFailure failure = { 0 };

        (void) s;
        (void) si;
        (void) reload_when_asked(userdata, &failure);
        return 0;
}

static int on_pass_now(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        (void) s;
        (void) si;
        (void) passes_ask(((Manager *) userdata)->passes);
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

        const Session *session = m->current->session;

        for (size_t i = 0; i < session->n_sources; i++)
                if (session->clients[i] == client)
                        notice_report(m->memory, &m->current->configuration->settings->sources[i],
                                        notice, detail);
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
                                               .ended = on_pass_ended,
                                               .userdata = m },
                                &m->passes);
        return r;
}

static int set_up_watchdog(Manager *m) {
        int r;

        r = sd_watchdog_enabled(0, &m->watchdog_usec);
        if (r <= 0)
                return r;
        r = add_timer(m, &m->watchdog_timer, on_watchdog,
                        MIN((uint64_t) USEC_PER_SEC, m->watchdog_usec / 10));
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
        _cleanup_load_failure_ LoadFailure failure = { 0 };
        int r;

        if (!m)
                return log_oom();
        *m = (Manager){ .options = *options };

        r = set_up_loop(m);
        if (r < 0)
                return log_error_errno(r, "Cannot set up the event loop") == -EINVAL ? -EIO : r;
        r = load(m, false, NULL, &m->current, &failure);
        if (r < 0)
                return r;
        m->hash = m->current->hash;
        loaded_report(m->current);
        r = open_memory(m);
        if (r < 0)
                return r;
        r = set_up_watchdog(m);
        if (r < 0)
                return log_error_errno(r, "Cannot feed the watchdog");
        if (!options->once) {
                watch_folders(m);
                listen_to_people(m);
        }

        *ret = TAKE_PTR(m);
        return 0;
}

int manager_run(Manager *m) {
        (void) sd_notify(0, "READY=1\nSTATUS=Ready");
        passes_begin(m->passes, m->current->configuration, m->current->session, m->memory);
        return sd_event_loop(m->event);
}

Manager *manager_free(Manager *m) {
        if (!m)
                return NULL;

        (void) control_free(m->control);
        (void) passes_free(m->passes);
        (void) loaded_free(m->next);
        (void) loaded_free(m->current);
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

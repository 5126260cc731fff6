/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The passes of the service
 *
 * A pass is kept while it runs, and beyond that for as long as another runs, because what it found
 * is then still the last word on its sources. So there is always a pass to ask about each source,
 * and none is left when nothing runs.
 *
 * What takes long with very many shares is done a bit at a time, each in a turn of the event loop
 * of its own, so that nobody else has to wait for it. A pass is over once it has been published:
 * until then it is kept, and none begins.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "notice.h"
#include "pass-schedule.h"
#include "passes.h"
#include "publish.h"
#include "reconcile/pass.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/time.h"

/* A pass that was asked for and could not begin, for want of memory say, is tried again. */
#define RETRY_USEC (5 * USEC_PER_SEC)

/* How long a turn works at what can be done a bit at a time. */
#define TURN_USEC (20 * USEC_PER_MSEC)

/* A pass that has ended, and what was to be said of that at the time. */
typedef struct EndedPass {
        Pass *pass;
        int64_t ended_usec;
        uint64_t ticket; /* for PassesOptions.ended, as what follows */
        bool asked_clean;
        bool clean;
        bool published;
} EndedPass;

struct Passes {
        PassesOptions options;
        const Configuration *configuration;
        const Session *session;
        Memory *memory;
        sd_event_source *pass_timer, *status_timer, *work_timer;

        size_t n_sources;
        SourceTurn turns[SETTINGS_SOURCES_MAX];
        Pass *holders[SETTINGS_SOURCES_MAX]; /* the last pass that each source took
                                                part in */
        bool owed[SETTINGS_SOURCES_MAX]; /* a pass that was asked for went on without
                                            it */
        int64_t asked_usec, quiet_usec, begun_usec; /* CLOCK_MONOTONIC */
        uint64_t asked_ticket; /* of the last one who asked; 0: nobody has */
        uint64_t tickets[SETTINGS_SOURCES_MAX]; /* asked_ticket when the source's pass began */
        uint64_t served[SETTINGS_SOURCES_MAX]; /* and that of the last pass that it got to the end
                                                  of */
        bool well[SETTINGS_SOURCES_MAX]; /* that pass was whole, and nothing in it failed */
        const char *stop_reason;

        int64_t last_success_usec;
        EndedPass ended[SETTINGS_SOURCES_MAX]; /* that are to be published, in that order: each
                                                  of them is the last of some source */
        size_t n_ended;
        Publication *publication; /* under way: of the first that has ended, else of one that
                                     runs; or NULL */
        int64_t status_mono_usec,
                        status_cost_usec; /* the last publication: when, and how long it took */
};

bool passes_are_running(const Passes *p) {
        for (size_t i = 0; i < p->n_sources; i++)
                if (p->turns[i].busy)
                        return true;
        return p->n_ended > 0;
}

int64_t passes_begun_usec(const Passes *p) {
        return p->begun_usec;
}

/* Nothing begins by itself any more. */
static bool is_closed(const Passes *p) {
        return p->stop_reason || (p->options.once && p->begun_usec != 0);
}

static PassDecision decide_next(const Passes *p, bool include[static SETTINGS_SOURCES_MAX]) {
        PassSchedule schedule = {
                .turns = p->turns,
                .n_turns = p->n_sources,
                .asked_usec = p->asked_usec,
                .quiet_usec = p->quiet_usec,
                .patience_usec = pass_patience(p->configuration->settings->interval_usec),
        };

        if (is_closed(p))
                return (PassDecision){ .begin_usec = TIME_INFINITY };
        return pass_schedule(&schedule, include);
}

/* --- timers --- */

static void arm(sd_event_source *timer, int64_t at_usec) {
        if (at_usec == TIME_INFINITY) {
                (void) sd_event_source_set_enabled(timer, SD_EVENT_OFF);
                return;
        }
        /* What is due is due at once: that it may come later by the accuracy is for the others. */
        if (at_usec <= monotonic_usec())
                at_usec = 0;
        (void) sd_event_source_set_time(timer, (uint64_t) at_usec);
        (void) sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/* Whenever anything has changed that the schedule knows of. */
static void arm_pass(Passes *p) {
        bool include[SETTINGS_SOURCES_MAX];

        arm(p->pass_timer, p->n_ended > 0 ? TIME_INFINITY : decide_next(p, include).begin_usec);
}

/* While a pass goes on: at most once a second, and for very many shares at most a tenth of the
 * time. */
static void arm_status(Passes *p) {
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(p->status_timer, &enabled);
        if (enabled == SD_EVENT_OFF && !p->stop_reason)
                arm(p->status_timer,
                                p->status_mono_usec + MAX(USEC_PER_SEC, 10 * p->status_cost_usec));
}

/* --- publishing --- */

static PublishSource *publish_sources(const Passes *p) {
        PublishSource *sources = calloc(p->n_sources + 1, sizeof(PublishSource));

        for (size_t i = 0; sources && i < p->n_sources; i++)
                sources[i] = (PublishSource){
                        .pass = p->holders[i],
                        .left_behind = p->turns[i].left_behind && !p->stop_reason,
                };
        return sources;
}

/* Not known as long as it depends on when some source ends. */
static int64_t next_pass_usec(const Passes *p, int64_t now) {
        bool include[SETTINGS_SOURCES_MAX];
        PassDecision next = decide_next(p, include);

        if (next.begin_usec == TIME_INFINITY || next.waits)
                return TIME_UNKNOWN;
        return time_add(now, MAX(next.begin_usec - monotonic_usec(), INT64_C(0)));
}

/* The running pass that began last, or NULL. */
static Pass *latest_running(const Passes *p) {
        Pass *latest = NULL;

        for (size_t i = 0; i < p->n_sources; i++)
                if (p->turns[i].busy
                                && (!latest
                                                || pass_started_usec(p->holders[i])
                                                                > pass_started_usec(latest)))
                        latest = p->holders[i];
        return latest;
}

static void drop_publication(Passes *p) {
        p->publication = publication_free(p->publication);
}

/* ended_usec: TIME_UNKNOWN while it runs. */
static void begin_publication(Passes *p, const Pass *pass, int64_t ended_usec) {
        _cleanup_free_ PublishSource *sources = publish_sources(p);
        int64_t now = now_usec(), before = monotonic_usec();
        PublishInput input = {
                .pass = pass,
                .sources = sources,
                .settings = p->configuration->settings,
                .session = p->session,
                .now_usec = now,
                .ended_usec = ended_usec,
                .next_pass_usec = next_pass_usec(p, now),
                .last_success_usec = p->last_success_usec,
        };
        int r;

        arm(p->status_timer, TIME_INFINITY);
        r = sources ? publication_new(&input, &p->publication) : -ENOMEM;
        if (r < 0)
                log_warning("Cannot publish what is known, ignoring: out of memory");
        p->status_mono_usec = monotonic_usec();
        p->status_cost_usec = p->status_mono_usec - before;
}

/* 1: there is more to do; -ESTALE: from the beginning; otherwise it is over, one way or the other.
 */
static int go_on_publishing(Passes *p, int64_t span_usec) {
        int64_t before = monotonic_usec();
        int r;

        r = publication_step(p->publication, time_add(before, span_usec));
        if (r == 0)
                publication_finish(p->publication);
        else if (r < 0 && r != -ESTALE)
                (void) log_warning_errno(r, "Cannot publish what is known, ignoring");
        if (r <= 0)
                drop_publication(p);
        p->status_mono_usec = monotonic_usec();
        p->status_cost_usec += p->status_mono_usec - before;
        return r;
}

static int on_status_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Passes *p = userdata;
        Pass *pass = latest_running(p);

        (void) s;
        (void) usec;
        if (p->publication)
                arm(p->status_timer, monotonic_usec() + USEC_PER_SEC);
        else if (pass && p->n_ended == 0) {
                begin_publication(p, pass, TIME_UNKNOWN);
                arm(p->work_timer, 0);
        }
        return 0;
}

/* --- the end --- */

/* A source goes to its next pass, and its last one is kept only for the sake of others. */
static void let_go(Passes *p, size_t source) {
        Pass *pass = TAKE_PTR(p->holders[source]);

        if (!pass)
                return;
        for (size_t i = 0; i < p->n_sources; i++)
                if (p->holders[i] == pass) {
                        pass_release(pass, source);
                        return;
                }
        (void) pass_free(pass);
}

static void let_all_go(Passes *p) {
        for (size_t i = 0; i < p->n_sources; i++)
                let_go(p, i);
}

/* What the metrics call a success covers every source: one that is left behind must not pass for
 * one that is well. */
static bool all_is_well(const Passes *p) {
        for (size_t i = 0; i < p->n_sources; i++)
                if (p->turns[i].busy || !p->holders[i] || !pass_source_is_whole(p->holders[i], i))
                        return false;
        return true;
}

/* Who asked before somebody stopped the pass still waits for one that is not. */
static void serve(Passes *p, const Pass *pass, size_t source) {
        bool whole = pass_source_is_whole(pass, source);

        if (p->stop_reason && !whole)
                return;
        p->served[source] = p->tickets[source];
        p->well[source] = whole && pass_counts(pass).failed == 0;
}

static void on_pass_progress(Pass *pass, void *userdata) {
        (void) pass;
        arm_status(userdata);
}

static void on_source_ended(Pass *pass, size_t source, void *userdata) {
        Passes *p = userdata;
        const Settings *settings = p->configuration->settings;
        int64_t wanted = pass_source_next_usec(pass, source);

        if (wanted != TIME_INFINITY)
                wanted -= now_usec();
        p->turns[source] = (SourceTurn){
                .due_usec = pass_due(monotonic_usec(), settings->interval_usec, wanted),
        };
        /* Who could be listed could be signed in for: also where it was another process that had
         * said it cannot. */
        if (pass_scope(pass, source))
                notice_report(p->memory, &settings->sources[source], CLIENT_NOTICE_CREDENTIALS_BACK,
                                NULL);
        if (p->owed[source])
                p->turns[source].due_usec = monotonic_usec();
        serve(p, pass, source);
        arm_pass(p);
        arm_status(p);
}

/* Whoever asked has asked for all sources, also for one that is left behind. */
static EndedPass note_ended(const Passes *p, Pass *pass, bool clean) {
        EndedPass ended = {
                .pass = pass,
                .ended_usec = now_usec(),
                .ticket = UINT64_MAX,
                .asked_clean = clean,
                .clean = clean,
        };

        for (size_t i = 0; i < p->n_sources; i++) {
                ended.ticket = MIN(ended.ticket, p->served[i]);
                ended.asked_clean = ended.asked_clean && p->well[i];
        }
        return ended;
}

static void on_pass_ended(Pass *pass, void *userdata) {
        Passes *p = userdata;
        bool whole = pass_is_whole(pass), clean = whole && pass_counts(pass).failed == 0;

        assert(p->n_ended < SETTINGS_SOURCES_MAX);

        p->quiet_usec = time_add(monotonic_usec(), PASS_GAP_USEC);
        if (!whole && p->stop_reason)
                publish_cut_short(pass, p->stop_reason);
        if (all_is_well(p))
                p->last_success_usec = now_usec();
        if (whole)
                publish_completed(pass, now_usec());
        if (p->n_ended == 0)
                drop_publication(p);
        p->ended[p->n_ended++] = note_ended(p, pass, clean);
        arm_pass(p);
        arm(p->work_timer, 0);
}

/* The first that has ended has been published, as far as that was possible. */
static void end_first(Passes *p) {
        EndedPass first = p->ended[0];

        memmove(p->ended, p->ended + 1, --p->n_ended * sizeof(EndedPass));
        if (p->options.ended)
                p->options.ended(first.pass, first.ticket, first.asked_clean, p->options.userdata);

        arm_pass(p);
        if (passes_are_running(p))
                return;
        let_all_go(p);
        memory_rest(p->memory);
        if (is_closed(p))
                p->options.over(first.clean, p->options.userdata);
}

/* True where there is more to publish. */
static bool publish_some(Passes *p, int64_t span_usec) {
        EndedPass *first = p->n_ended > 0 ? &p->ended[0] : NULL;
        int r;

        if (first && first->published)
                return false;
        if (!p->publication && first)
                begin_publication(p, first->pass, first->ended_usec);
        if (p->publication) {
                r = go_on_publishing(p, span_usec);
                if (r > 0 || (r == -ESTALE && first))
                        return true;
        }
        if (first)
                first->published = true;
        return false;
}

/* For about so long each. False where nothing is left to do. */
static bool finish_some(Passes *p, int64_t span_usec) {
        if (publish_some(p, span_usec))
                return true;
        if (p->n_ended == 0)
                return false;
        if (!p->stop_reason && memory_compact(p->memory, time_add(monotonic_usec(), span_usec)) > 0)
                return true;
        end_first(p);
        return p->n_ended > 0;
}

static bool work_on_passes(Passes *p) {
        for (size_t i = 0; i < p->n_sources; i++)
                if (p->turns[i].busy && pass_work(p->holders[i], TURN_USEC))
                        return true;
        return false;
}

static void on_pass_work(Pass *pass, void *userdata) {
        Passes *p = userdata;

        (void) pass;
        arm(p->work_timer, 0);
}

static int on_work_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Passes *p = userdata;

        (void) s;
        (void) usec;
        if (work_on_passes(p) || finish_some(p, TURN_USEC))
                arm(p->work_timer, 0);
        return 0;
}

/* --- the beginning --- */

/* Those who take part have been let go of by the passes before. */
static int make_pass(Passes *p, const bool *include) {
        PassOptions options = {
                .settings = p->configuration->settings,
                .desired = p->configuration->desired,
                .services = p->session->services,
                .include = include,
                .memory = p->memory,
                .work = on_pass_work,
                .progress = on_pass_progress,
                .source_ended = on_source_ended,
                .ended = on_pass_ended,
                .userdata = p,
        };
        Pass *pass;
        int r;

        r = pass_new(&options, &pass);
        for (size_t i = 0; i < p->n_sources && r >= 0; i++)
                if (include[i]) {
                        p->holders[i] = pass;
                        p->tickets[i] = p->asked_ticket;
                        p->turns[i] = (SourceTurn){ .busy = true };
                } else
                        p->turns[i].left_behind = true;
        return r;
}

static void begin_pass(Passes *p, const bool *include) {
        int64_t interval = p->configuration->settings->interval_usec;
        bool asked = p->asked_usec != TIME_INFINITY;
        int r;

        p->begun_usec = monotonic_usec();
        /* It may be of a pass that goes now. */
        drop_publication(p);
        for (size_t i = 0; i < p->n_sources; i++) {
                p->owed[i] = !include[i] && (p->owed[i] || p->asked_usec != TIME_INFINITY);
                if (include[i])
                        let_go(p, i);
        }
        p->asked_usec = TIME_INFINITY;

        r = make_pass(p, include);
        if (r >= 0) {
                (void) sd_notify(0, "STATUS=Pass under way");
                return;
        }
        (void) log_error_errno(r, "Cannot begin a pass");
        for (size_t i = 0; i < p->n_sources; i++)
                if (include[i])
                        p->turns[i].due_usec = time_add(p->begun_usec, interval);
        /* Somebody may be waiting for it. */
        if (asked)
                p->asked_usec = time_add(p->begun_usec, RETRY_USEC);
        if (p->options.once)
                p->options.over(false, p->options.userdata);
}

/* Begins what is due, and sets the timer for what is not. */
static void go_on(Passes *p) {
        bool include[SETTINGS_SOURCES_MAX];

        if (p->n_ended == 0 && decide_next(p, include).begin_usec <= monotonic_usec())
                begin_pass(p, include);
        arm_pass(p);
}

static int on_pass_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        (void) s;
        (void) usec;
        go_on(userdata);
        return 0;
}

void passes_begin(Passes *p,
                const Configuration *configuration,
                const Session *session,
                Memory *memory) {
        int64_t now = monotonic_usec();

        assert(!passes_are_running(p));
        assert(configuration->settings->n_sources <= SETTINGS_SOURCES_MAX);

        p->n_sources = configuration->settings->n_sources;
        p->configuration = configuration;
        p->session = session;
        p->memory = memory;
        p->stop_reason = NULL;
        p->asked_usec = TIME_INFINITY;
        p->quiet_usec = now;
        for (size_t i = 0; i < p->n_sources; i++)
                p->turns[i] = (SourceTurn){ .due_usec = now };
        memset(p->owed, 0, sizeof(p->owed));
        memset(p->served, 0, sizeof(p->served));
        arm_pass(p);
}

const char *passes_source_error(const Passes *p, size_t source) {
        return p->holders[source] ? pass_source_error(p->holders[source], source) : NULL;
}

uint64_t passes_ask(Passes *p) {
        uint64_t ticket = ++p->asked_ticket;

        if (!is_closed(p)) {
                p->asked_usec = MIN(p->asked_usec, monotonic_usec());
                go_on(p);
        }
        return ticket;
}

/* To stop or abort a pass twice, once for each of its sources, does no harm. */
bool passes_stop(Passes *p, const char *why) {
        bool any = passes_are_running(p);

        p->stop_reason = why;
        arm_pass(p);
        for (size_t i = 0; i < p->n_sources; i++)
                if (p->turns[i].busy)
                        pass_stop(p->holders[i]);
        return any;
}

void passes_abort(Passes *p) {
        const Pass *latest = latest_running(p);

        assert(p->stop_reason);
        for (size_t i = 0; i < p->n_sources; i++)
                if (p->turns[i].busy)
                        pass_abort(p->holders[i]);
        while (p->n_ended > 0)
                (void) finish_some(p, TIME_INFINITY);
        drop_publication(p);
        if (latest)
                begin_publication(p, latest, now_usec());
        if (p->publication)
                (void) go_on_publishing(p, TIME_INFINITY);
}

/* --- life --- */

static int add_timer(Passes *p, sd_event_source **ret, sd_event_time_handler_t handler) {
        int r;

        r = sd_event_add_time(
                        p->options.event, ret, CLOCK_MONOTONIC, 0, USEC_PER_SEC / 10, handler, p);
        return r < 0 ? r : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

int passes_new(const PassesOptions *options, Passes **ret) {
        _cleanup_(passes_freep) Passes *p = calloc(1, sizeof(Passes));
        int r;

        if (!p)
                return -ENOMEM;
        p->options = *options;
        p->last_success_usec = TIME_UNKNOWN;
        r = add_timer(p, &p->pass_timer, on_pass_timer);
        if (r >= 0)
                r = add_timer(p, &p->status_timer, on_status_timer);
        if (r >= 0)
                r = add_timer(p, &p->work_timer, on_work_timer);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

Passes *passes_free(Passes *p) {
        if (!p)
                return NULL;

        drop_publication(p);
        for (size_t i = 0; i < p->n_sources; i++) {
                Pass *pass = TAKE_PTR(p->holders[i]);

                for (size_t j = i + 1; j < p->n_sources; j++)
                        if (p->holders[j] == pass)
                                p->holders[j] = NULL;
                (void) pass_free(pass);
        }
        (void) sd_event_source_disable_unref(p->pass_timer);
        (void) sd_event_source_disable_unref(p->status_timer);
        (void) sd_event_source_disable_unref(p->work_timer);
        free(p);
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A pass over all sources. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/auditmanager-json.h"
#include "reconcile/observe.h"
#include "reconcile/pass.h"
#include "reconcile/report.h"
#include "reconcile/visit.h"
#include "util/mem.h"
#include "util/random.h"
#include "util/string-util.h"
#include "util/time.h"

#define ERROR_MAX (OUTCOME_MESSAGE_MAX + 256)

typedef enum SourceState {
        SOURCE_OBSERVING,
        SOURCE_LISTED, /* waits to be planned */
        SOURCE_REPORTING, /* planned, but not all of it is said yet */
        SOURCE_PLANNED, /* waits for pass_apply() */
        SOURCE_APPLYING,
        SOURCE_ENDED,
} SourceState;

/* One source on its way through the pass. */
typedef struct SourcePass {
        Pass *pass;
        uint32_t index;
        SourceState state;
        bool absent; /* takes no part */
        ShareService *service;
        char memory_key[SOURCE_KEY_TEXT_MAX];
        MemoryTable *table;
        Observer *observer;
        Observation *observation;
        Plan *plan;
        Scope scope;
        PlanReport report;
        Applier *applier;
        bool listed; /* completely */
        PassCounts released; /* what it counted, once plan and applier are gone */
        char error[ERROR_MAX];
} SourcePass;

struct Pass {
        PassOptions options;
        char id[33];
        int64_t started_usec;
        SourcePass *sources;
        size_t n_sources;
        bool stopping, ended;
        bool held; /* a loop over the sources is under way: the end, in which the pass may be freed,
                      waits for it */
};

static const Source *source_of(const SourcePass *sp) {
        return &sp->pass->options.settings->sources[sp->index];
}

const char *pass_id(const Pass *pass) {
        return pass->id;
}

int64_t pass_started_usec(const Pass *pass) {
        return pass->started_usec;
}

const char *pass_source_error(const Pass *pass, size_t source) {
        return *pass->sources[source].error ? pass->sources[source].error : NULL;
}

const Scope *pass_scope(const Pass *pass, size_t source) {
        return pass->sources[source].plan ? &pass->sources[source].scope : NULL;
}

static void check_end(Pass *pass);

bool pass_source_is_busy(const Pass *pass, size_t source) {
        return pass->sources[source].state != SOURCE_ENDED;
}

static void end_source(SourcePass *sp) {
        const PassOptions *options = &sp->pass->options;

        sp->state = SOURCE_ENDED;
        /* Where nothing is wrong any more, something may go wrong again, and is then said again. */
        if (!options->dry && *sp->error == '\0')
                (void) memory_set_note(options->memory, sp->memory_key, NULL);
        if (options->source_ended)
                options->source_ended(sp->pass, sp->index, options->userdata);
        check_end(sp->pass);
}

/*
 * Something is wrong with the source as a whole. It is said once: memory keeps `signature`, in
 * which nothing changes from one pass to the next.
 */
static void refuse_source(SourcePass *sp,
                const char *signature,
                const char *text,
                const ApiOutcome *outcome) {
        const PassOptions *options = &sp->pass->options;

        (void) snprintf(sp->error, sizeof(sp->error), "%s", text);
        if (options->dry || streq_null(memory_note(options->memory, sp->memory_key), signature))
                return;
        if (memory_set_note(options->memory, sp->memory_key, signature) >= 0)
                (void) memory_write(options->memory);
        report_source_refused(sp->pass->id, source_of(sp), text, outcome);
}

static void refuse_for_memory(SourcePass *sp, int error) {
        char text[ERROR_MAX];

        (void) snprintf(text, sizeof(text), "memory cannot be written (%s); nothing is sent",
                        strerror(-error));
        refuse_source(sp, "memory", text, NULL);
}

static void on_applied(const char *stop_reason, const ApiOutcome *outcome, void *userdata) {
        SourcePass *sp = userdata;
        char signature[128];

        if (stop_reason && sp->pass->stopping)
                (void) snprintf(sp->error, sizeof(sp->error), "%s", stop_reason);
        else if (stop_reason) {
                (void) snprintf(signature, sizeof(signature), "apply %s",
                                outcome ? outcome_kind_name(outcome->kind) : "stopped");
                refuse_source(sp, signature, stop_reason, outcome);
        }
        end_source(sp);
}

static void on_progress(void *userdata) {
        SourcePass *sp = userdata;

        if (sp->pass->options.progress)
                sp->pass->options.progress(sp->pass, sp->pass->options.userdata);
}

/* More than this in one plan is more likely a mistake than a wish. */
static bool is_guarded(SourcePass *sp) {
        Pass *pass = sp->pass;
        const Limits *limits = &pass->options.settings->limits;
        uint32_t writes_max = pass->options.writes_max ? pass->options.writes_max
                                                       : limits->writes_per_pass;
        uint32_t revokes_max = pass->options.revokes_max ? pass->options.revokes_max
                                                         : limits->revokes_per_pass;
        uint32_t withdrawals = plan_withdrawals(sp->plan),
                 writes = plan_sends(sp->plan) + withdrawals;
        char text[ERROR_MAX];

        if (writes > writes_max) {
                (void) snprintf(text, sizeof(text),
                                "%u writes are planned, and limits.writes_per_pass allows %u; "
                                "nothing is written",
                                writes, writes_max);
                refuse_source(sp, "guard writes", text, NULL);
                return true;
        }
        if (withdrawals > revokes_max) {
                (void) snprintf(text, sizeof(text),
                                "%u revocations and deletions are planned, and "
                                "limits.revokes_per_pass allows %u; nothing is written",
                                withdrawals, revokes_max);
                refuse_source(sp, "guard revokes", text, NULL);
                return true;
        }
        return false;
}

static void apply_source(SourcePass *sp) {
        ApplyCallbacks callbacks = { .ended = on_applied, .progress = on_progress, .userdata = sp };
        Pass *pass = sp->pass;
        int r;

        sp->state = SOURCE_APPLYING;
        if (pass->options.settings->mode == MODE_OBSERVE || pass->options.dry
                        || plan_sends(sp->plan) + plan_withdrawals(sp->plan) == 0
                        || is_guarded(sp)) {
                end_source(sp);
                return;
        }
        /* While it was still being reported. */
        if (pass->stopping) {
                (void) snprintf(sp->error, sizeof(sp->error),
                                "interrupted before anything was sent");
                end_source(sp);
                return;
        }

        r = applier_new(&sp->scope, sp->plan, sp->service, &callbacks, &sp->applier);
        if (r < 0) {
                refuse_source(sp, "memory", "out of memory", NULL);
                end_source(sp);
        }
}

static int plan_source(SourcePass *sp) {
        const PassOptions *options = &sp->pass->options;
        int64_t skew = share_service_skew_usec(sp->service),
                lost = time_add(memory_lost_usec(options->memory), skew);
        PlanInput input = {
                .settings = options->settings,
                .source = sp->index,
                .desired = options->desired,
                .observation = sp->observation,
                .memory = sp->table,
                .now_usec = time_add(now_usec(), skew),
                .mono_usec = monotonic_usec(),
                .quiet_usec = lost == TIME_UNKNOWN ? TIME_UNKNOWN
                                                   : time_add(lost, options->settings->settle_usec),
        };
        int r;

        mem_give_back(); /* of the pages that were read */
        r = plan_new(&input, &sp->plan);
        if (r < 0)
                return r;
        sp->scope = (Scope){
                .pass_id = sp->pass->id,
                .settings = options->settings,
                .source = sp->index,
                .desired = options->desired,
                .observation = sp->observation,
                .plan = sp->plan,
                .table = sp->table,
                .memory = options->memory,
                .memory_key = sp->memory_key,
                .skew_usec = skew,
        };
        sp->state = SOURCE_REPORTING;
        return 1;
}

/* 1: there is more to do before anything is sent; else 0 or a negative errno. */
static int prepare_source(SourcePass *sp, int64_t until_usec) {
        if (sp->state == SOURCE_LISTED)
                return plan_source(sp);
        return sp->pass->options.dry ? 0 : report_plan(&sp->scope, &sp->report, until_usec);
}

/* True where there is more to do; else the pass may have ended. */
static bool work_on_source(SourcePass *sp, int64_t until_usec) {
        int r;

        r = prepare_source(sp, until_usec);
        if (r > 0)
                return true;
        if (r < 0) {
                refuse_for_memory(sp, r);
                end_source(sp);
                return false;
        }
        sp->state = SOURCE_PLANNED;
        if (sp->pass->options.confirm)
                check_end(sp->pass);
        else
                apply_source(sp);
        return false;
}

bool pass_work(Pass *pass, int64_t span_usec) {
        int64_t until_usec = time_add(monotonic_usec(), span_usec);

        for (size_t i = 0; i < pass->n_sources && !pass->ended; i++) {
                SourcePass *sp = &pass->sources[i];

                if (sp->state == SOURCE_LISTED || sp->state == SOURCE_REPORTING) {
                        (void) work_on_source(sp, until_usec);
                        return true;
                }
        }
        return false;
}

/* "ListAssessmentFrameworks: AccessDeniedException: User … is not authorized": what people need, in
 * one line. */
static void refuse_listing(SourcePass *sp, ApiOperation operation, const ApiOutcome *outcome) {
        const char *hint = outcome->kind == OUTCOME_NOT_SET_UP ? " (NotSetUp)" : "";
        char text[ERROR_MAX], signature[160];

        (void) snprintf(text, sizeof(text), "cannot be listed%s: %s: %s%s%s", hint,
                        api_operation_name(operation), outcome->code, *outcome->code ? ": " : "",
                        outcome->message);
        (void) snprintf(signature, sizeof(signature), "listing %s %s",
                        outcome_kind_name(outcome->kind), outcome->code);
        refuse_source(sp, signature, text, outcome);
}

static void on_observed(Observation *observation,
                ApiOperation operation,
                const ApiOutcome *outcome,
                void *userdata) {
        SourcePass *sp = userdata;

        sp->observer = observer_free(sp->observer);
        sp->observation = observation;
        if (!observation) {
                refuse_listing(sp, operation, outcome);
                end_source(sp);
                return;
        }
        sp->listed = true;
        sp->state = SOURCE_LISTED;
        if (sp->pass->options.work)
                sp->pass->options.work(sp->pass, sp->pass->options.userdata);
        else
                while (work_on_source(sp, TIME_INFINITY))
                        ;
}

static void check_end(Pass *pass) {
        bool planned = true, ended = true;

        if (pass->held)
                return;
        for (size_t i = 0; i < pass->n_sources; i++) {
                planned &= pass->sources[i].state == SOURCE_PLANNED
                                || pass->sources[i].state == SOURCE_ENDED;
                ended &= pass->sources[i].state == SOURCE_ENDED;
        }
        if (pass->ended || (!ended && !planned))
                return;
        if (!ended) {
                if (pass->options.confirm)
                        pass->options.planned(pass, pass->options.userdata);
                return;
        }

        pass->ended = true;
        if (!pass->options.dry)
                (void) memory_sync(pass->options.memory);
        /* Who has others to listen to does that a bit at a time. */
        if (!pass->options.dry && !pass->options.work)
                (void) memory_compact(pass->options.memory, TIME_INFINITY);
        pass->options.ended(pass, pass->options.userdata);
}

void pass_apply(Pass *pass) {
        pass->options.confirm = false;
        pass->held = true;
        for (size_t i = 0; i < pass->n_sources; i++)
                if (pass->sources[i].state == SOURCE_PLANNED)
                        apply_source(&pass->sources[i]);
        pass->held = false;
        check_end(pass);
}

static int source_pass_init(SourcePass *sp) {
        int r;

        r = memory_table(sp->pass->options.memory, source_key(source_of(sp), sp->memory_key),
                        &sp->table);
        if (r < 0 || sp->absent)
                return r;
        memory_table_compact(sp->table);
        return observer_new(sp->service,
                        &(ObserverCallbacks){ .observed = on_observed, .userdata = sp },
                        &sp->observer);
}

int pass_new(const PassOptions *options, Pass **ret) {
        _cleanup_(pass_freep) Pass *pass = calloc(1, sizeof(Pass));
        uint8_t id[16];
        int r;

        if (!pass)
                return -ENOMEM;
        pass->options = *options;
        pass->started_usec = now_usec();
        random_bytes(id, sizeof(id));
        hex_encode(id, sizeof(id), pass->id);
        pass->sources = calloc(options->settings->n_sources, sizeof(SourcePass));
        if (!pass->sources)
                return -ENOMEM;

        for (uint32_t i = 0; i < options->settings->n_sources; i++) {
                bool absent = options->include && !options->include[i];

                pass->sources[i] = (SourcePass){
                        .pass = pass,
                        .index = i,
                        .state = absent ? SOURCE_ENDED : SOURCE_OBSERVING,
                        .absent = absent,
                        .service = options->services[i],
                };
                pass->n_sources++;
                r = source_pass_init(&pass->sources[i]);
                if (r < 0)
                        return r;
        }
        pass->options.include = NULL;
        *ret = TAKE_PTR(pass);
        return 0;
}

void pass_stop(Pass *pass) {
        pass->stopping = true;
        pass->held = true;
        for (size_t i = 0; i < pass->n_sources; i++) {
                SourcePass *sp = &pass->sources[i];

                if (sp->state == SOURCE_APPLYING && sp->applier)
                        applier_stop(sp->applier);
                else if (sp->state == SOURCE_OBSERVING || sp->state == SOURCE_LISTED
                                || sp->state == SOURCE_PLANNED) {
                        sp->observer = observer_free(sp->observer);
                        (void) snprintf(sp->error, sizeof(sp->error),
                                        "interrupted before anything was decided");
                        end_source(sp);
                }
        }
        pass->held = false;
        check_end(pass);
}

void pass_abort(Pass *pass) {
        if (pass->ended)
                return;
        pass->ended = true;
        for (size_t i = 0; i < pass->n_sources; i++)
                if (pass->sources[i].applier)
                        applier_abort(pass->sources[i].applier);
        if (!pass->options.dry)
                (void) memory_sync(pass->options.memory);
}

/* The applier first: it writes what it has learnt into entries of the plan. */
static void drop_work(SourcePass *sp) {
        sp->applier = applier_free(sp->applier);
        sp->observer = observer_free(sp->observer);
        sp->plan = plan_free(sp->plan);
        sp->observation = observation_free(sp->observation);
}

Pass *pass_free(Pass *pass) {
        if (!pass)
                return NULL;

        for (size_t i = 0; i < pass->n_sources; i++)
                drop_work(&pass->sources[i]);
        free(pass->sources);
        free(pass);
        return NULL;
}

static PassCounts source_counts(const SourcePass *sp) {
        const ApplyCounts *applied = sp->applier ? applier_counts(sp->applier) : NULL;
        PassCounts counts = sp->released;

        if (sp->plan) {
                counts.desired = sp->plan->counts.declared;
                counts.observed = (uint32_t) sp->observation->n_requests;
                counts.held = sp->plan->counts.conditions[CONDITION_HELD]
                                + sp->plan->counts.conditions[CONDITION_STALLED];
        }
        if (applied) {
                counts.started = applied->started;
                counts.resent = applied->resent;
                counts.revoked = applied->revoked;
                counts.failed = applied->failed;
                counts.planned = applied->planned;
                counts.done = applied->done;
        }
        return counts;
}

PassCounts pass_counts(const Pass *pass) {
        PassCounts counts = { 0 };

        for (size_t i = 0; i < pass->n_sources; i++) {
                PassCounts more = source_counts(&pass->sources[i]);

                counts.desired += more.desired;
                counts.observed += more.observed;
                counts.started += more.started;
                counts.resent += more.resent;
                counts.revoked += more.revoked;
                counts.failed += more.failed;
                counts.held += more.held;
                counts.planned += more.planned;
                counts.done += more.done;
        }
        return counts;
}

/* Its next pass sorts the memory anew, to which entries of this plan point. */
void pass_release(Pass *pass, size_t source) {
        SourcePass *sp = &pass->sources[source];

        assert(!pass_source_is_busy(pass, source));
        sp->released = source_counts(sp);
        drop_work(sp);
}

bool pass_source_is_whole(const Pass *pass, size_t source) {
        const SourcePass *sp = &pass->sources[source];

        return sp->listed && *sp->error == '\0';
}

bool pass_is_whole(const Pass *pass) {
        for (size_t i = 0; i < pass->n_sources; i++)
                if (!pass->sources[i].absent && !pass_source_is_whole(pass, i))
                        return false;
        return true;
}

int64_t pass_source_next_usec(const Pass *pass, size_t source) {
        const Plan *plan = pass->sources[source].plan;
        int64_t next = TIME_INFINITY;

        for (size_t i = 0; plan && i < plan->n_entries; i++)
                next = MIN(next, plan->entries[i].next_usec);
        return time_add(next, -pass->sources[source].scope.skew_usec);
}

int64_t pass_next_usec(const Pass *pass) {
        int64_t next = TIME_INFINITY;

        for (size_t i = 0; i < pass->n_sources; i++)
                next = MIN(next, pass_source_next_usec(pass, i));
        return next;
}

Scope pass_remembered(const Pass *pass, size_t source) {
        return (Scope){
                .settings = pass->options.settings,
                .source = (uint32_t) source,
                .table = pass->sources[source].table,
        };
}

int pass_visit(const Pass *pass,
                int (*visit)(const ShareView *view, void *userdata),
                void *userdata) {
        int r = 0;

        for (size_t i = 0; i < pass->n_sources && r >= 0; i++) {
                _cleanup_share_visit_ ShareVisit shares = { 0 };
                ShareView view;

                r = share_visit_begin(pass, i, &shares);
                while (r >= 0 && share_visit_next(&shares, &view) > 0)
                        r = visit(&view, userdata);
        }
        return r;
}

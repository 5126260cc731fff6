/* SPDX-License-Identifier: Apache-2.0 */

/* Applying the plan of one source. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/absorb.h"
#include "reconcile/apply.h"
#include "reconcile/intent.h"
#include "reconcile/report.h"
#include "util/mem.h"
#include "util/time.h"

/* One write: declared in memory, then sent, then ended. */
typedef struct Write {
        Applier *applier;
        PlanEntry *entry;
        Intent intent;
        ShareCall *call; /* NULL before it is sent and after it has ended */
} Write;

struct Applier {
        Scope scope;
        Plan *plan;
        ShareService *service;
        ApplyCallbacks callbacks;
        ApplyCounts counts;
        uint32_t *order;
        Write *writes; /* in that order */
        size_t n_writes;
        size_t n_declared; /* those before this are durable intents */
        size_t n_sent;
        size_t n_flying;
        size_t batch; /* intents for one sync */
        bool stopped;
        bool ended;
        char stop_reason[OUTCOME_MESSAGE_MAX + 96];
        ApiOutcome stop_outcome;
        bool has_stop_outcome;
};

const ApplyCounts *applier_counts(const Applier *applier) {
        return &applier->counts;
}

/* By the service's clock, as memory has it: this host's may be set while calls are out. */
static int64_t service_now(const Applier *applier) {
        return time_add(now_usec(), share_service_skew_usec(applier->service));
}

static ShareMemory *memory_of(const Write *write) {
        return &write->applier->scope.table->items[write->entry->memory];
}

static uint32_t declaration_of(const Write *write) {
        const DesiredState *desired = write->applier->scope.desired;
        const PlanEntry *entry = write->entry;

        if (entry->share == PLAN_NO_INDEX)
                return 0;
        return desired_share_declaration(desired, &desired->frameworks[entry->framework],
                        &desired->shares[entry->share]);
}

static int64_t framework_updated_of(const Write *write) {
        uint32_t framework = write->entry->framework;

        return framework == PLAN_NO_INDEX
                        ? TIME_UNKNOWN
                        : write->applier->plan->frameworks[framework].updated_usec;
}

static int put(const Write *write) {
        const Scope *scope = &write->applier->scope;

        return memory_put(scope->memory, scope->memory_key, scope->table, memory_of(write));
}

/* The first reason counts. */
static void stop(Applier *applier, const char *reason) {
        applier->stopped = true;
        if (*applier->stop_reason == '\0')
                (void) snprintf(applier->stop_reason, sizeof(applier->stop_reason), "%s", reason);
}

static void stop_for_outcome(Applier *applier, const ApiOutcome *outcome) {
        if (*applier->stop_reason == '\0') {
                applier->stop_outcome = *outcome;
                applier->has_stop_outcome = true;
        }
        stop(applier, *outcome->message ? outcome->message : outcome_kind_name(outcome->kind));
}

static void stop_for_memory(Applier *applier, int error) {
        char reason[128];

        (void) snprintf(reason, sizeof(reason),
                        "memory cannot be written (%s); nothing more is sent", strerror(-error));
        stop(applier, reason);
}

/* Intents that were never sent are taken back, so that nobody waits for them. */
static void take_back_unsent(Applier *applier) {
        for (size_t i = applier->n_sent; i < applier->n_declared; i++) {
                intent_take_back(&applier->writes[i].intent, memory_of(&applier->writes[i]));
                (void) put(&applier->writes[i]);
        }
        applier->n_declared = applier->n_sent;
}

static int declare_next(Applier *applier, int64_t now_usec, int64_t mono_usec) {
        Write *write = &applier->writes[applier->n_declared];
        int r;

        r = intent_declare(memory_of(write), write->entry, declaration_of(write),
                        framework_updated_of(write), now_usec, mono_usec, &write->intent);
        if (r < 0)
                return r;
        applier->n_declared++;
        return put(write);
}

/* The next batch of intents, durable before the first of them is sent. */
static int declare_batch(Applier *applier) {
        size_t end = MIN(applier->n_declared + applier->batch, applier->n_writes);
        int64_t now = service_now(applier), mono = monotonic_usec();
        int r = 0;

        while (applier->n_declared < end && r >= 0)
                r = declare_next(applier, now, mono);
        if (r >= 0)
                r = memory_sync(applier->scope.memory);
        if (r < 0)
                take_back_unsent(applier);
        return r;
}

/*
 * Takes down that the call goes out now. Its intent may be as old as its batch; should the service
 * be killed more than once, settle counts from what the file says, which is written anew where that
 * is out by more than a batch is meant to take.
 */
static int note_send(Write *write) {
        ShareMemory *memory = memory_of(write);
        int64_t declared = memory->sent_usec, now = service_now(write->applier);
        int r;

        intent_send(&write->intent, memory, now, monotonic_usec());
        if (!action_is_send(write->intent.action) || llabs(now - declared) <= USEC_PER_SEC)
                return 0;
        r = put(write);
        return r < 0 ? r : memory_write(write->applier->scope.memory);
}

static void on_result(const ApiResult *result, void *userdata);

static int send_write(Write *write) {
        const Scope *scope = &write->applier->scope;
        ShareMemory *memory = memory_of(write);
        ApiRequest request = {
                .framework_id = memory->key.framework_id,
                .recipient = memory->key.recipient,
                .comment = scope_comment(scope, write->entry),
                .request_id = memory->request_id,
        };

        switch (write->intent.action) {
        case ACTION_START:
        case ACTION_RESEND:
                assert(!write->entry->unresolved);
                request.operation = API_START_SHARE;
                break;
        case ACTION_REVOKE:
                request.operation = API_UPDATE_SHARE;
                break;
        case ACTION_DELETE:
                request.operation = API_DELETE_SHARE;
                break;
        case ACTION_NONE:
        case ACTION_WAIT:
        case ACTION_MAX:
                return -EINVAL; /* only writes are ordered */
        }
        return share_service_call(
                        write->applier->service, &request, on_result, write, &write->call);
}

static void finish(Applier *applier) {
        take_back_unsent(applier);
        (void) memory_write(applier->scope.memory);
        applier->ended = true;
        applier->callbacks.ended(*applier->stop_reason ? applier->stop_reason : NULL,
                        applier->has_stop_outcome ? &applier->stop_outcome : NULL,
                        applier->callbacks.userdata);
}

/* Keeps as many calls in flight as the limits allow; ends when there is nothing left to send or to
 * wait for. */
static void pump(Applier *applier) {
        size_t most = applier->scope.settings->limits.concurrency;
        int r;

        while (!applier->stopped && applier->n_flying < most
                        && applier->n_sent < applier->n_writes) {
                if (applier->n_sent == applier->n_declared) {
                        r = declare_batch(applier);
                        if (r < 0) {
                                stop_for_memory(applier, r);
                                break;
                        }
                }
                r = note_send(&applier->writes[applier->n_sent]);
                if (r < 0) {
                        stop_for_memory(applier, r);
                        break;
                }
                r = send_write(&applier->writes[applier->n_sent]);
                if (r < 0) {
                        stop(applier, "out of memory; nothing more is sent");
                        break;
                }
                applier->n_sent++;
                applier->n_flying++;
        }
        if (applier->n_flying == 0 && !applier->ended
                        && (applier->stopped || applier->n_sent == applier->n_writes))
                finish(applier);
}

static void count_done(Applier *applier, ActionKind action) {
        applier->counts.started += action == ACTION_START;
        applier->counts.resent += action == ACTION_RESEND;
        applier->counts.revoked += action == ACTION_REVOKE || action == ACTION_DELETE;
}

static void on_worked(Write *write, const ApiResult *result) {
        const Scope *scope = &write->applier->scope;
        ShareMemory *memory = memory_of(write);
        int64_t now = service_now(write->applier);
        Absorbed absorbed = { 0 };
        int r = 0;

        memory->send_state = SEND_ANSWERED;
        memory->refused = REASON_NONE;
        memory->unsettled->refusals = 0;
        memory->unsettled->retry_usec = TIME_UNKNOWN;
        memory->dirty = true;
        if (write->intent.action == ACTION_DELETE) {
                memory->send_state = SEND_NONE;
                /* It may be listed for a while yet, and is not to be deleted twice. */
                memory->refused = REASON_UNDESIRED;
                memory->unsettled->retry_usec = time_add(now, scope->settings->settle_usec);
        } else if (result->has_request && result->request.readable)
                r = absorb_answer(&result->request, action_is_send(write->intent.action), now,
                                memory, &absorbed);

        if (action_is_send(write->intent.action))
                write->entry->next_usec = time_add(now, scope->settings->settle_usec);
        count_done(write->applier, write->intent.action);
        if (r >= 0)
                r = report_applied(scope, write->entry, write->intent.action, &result->outcome);
        if (absorbed.changed)
                (void) report_status(scope, write->entry, absorbed.old_status);
        (void) report_condition(scope, write->entry);
        if (r < 0)
                stop_for_memory(write->applier, r);
}

/* The fault is not this share's: every other call of the source would meet it too. */
static bool stops_source(OutcomeKind kind) {
        return kind == OUTCOME_NOT_SET_UP || kind == OUTCOME_CREDENTIALS
                        || kind == OUTCOME_WRONG_IDENTITY || kind == OUTCOME_UNREACHABLE;
}

static void on_refused(Write *write, const ApiOutcome *outcome) {
        const Scope *scope = &write->applier->scope;
        ShareMemory *memory = memory_of(write);
        Reason reason = intent_refusal(write->intent.action, outcome->kind);

        if (reason != REASON_NONE)
                intent_refuse(&write->intent, memory, write->entry, reason, declaration_of(write),
                                framework_updated_of(write), service_now(write->applier));
        else
                intent_take_back(&write->intent, memory);

        write->applier->counts.failed++;
        /* What stops the source is said once, for the source. */
        if (outcome->kind != OUTCOME_CANCELLED && !stops_source(outcome->kind))
                (void) report_failed(scope, write->entry, write->intent.action, outcome);
        if (reason != REASON_NONE)
                (void) report_condition(scope, write->entry);
        (void) put(write);
        if (stops_source(outcome->kind))
                stop_for_outcome(write->applier, outcome);
}

static void on_unknown(Write *write, const ApiOutcome *outcome) {
        int64_t now = service_now(write->applier);

        intent_leave_unknown(&write->intent, memory_of(write), now, monotonic_usec());
        write->applier->counts.failed++;
        write->entry->next_usec = time_add(now, write->applier->scope.settings->settle_usec);
        (void) report_unknown(&write->applier->scope, write->entry, write->intent.action, outcome);
}

static void on_result(const ApiResult *result, void *userdata) {
        Write *write = userdata;
        Applier *applier = write->applier;

        write->call = NULL;
        applier->n_flying--;
        applier->counts.done++;

        if (result->outcome.kind == OUTCOME_OK
                        || (result->outcome.kind == OUTCOME_NOT_FOUND
                                        && write->intent.action == ACTION_DELETE))
                on_worked(write, result);
        else if (result->outcome.kind == OUTCOME_UNKNOWN)
                on_unknown(write, &result->outcome);
        else
                on_refused(write, &result->outcome);

        if (applier->callbacks.progress)
                applier->callbacks.progress(applier->callbacks.userdata);
        pump(applier);
}

/* A sync for as much as is sent in a second: what a kill leaves in doubt stays few, and a sync is
 * never for one share. */
static size_t batch_size(const Limits *limits) {
        return limits->requests_per_second == 0
                        ? (size_t) limits->concurrency * 8
                        : MAX(limits->requests_per_second, limits->concurrency);
}

int applier_new(const Scope *scope,
                Plan *plan,
                ShareService *service,
                const ApplyCallbacks *callbacks,
                Applier **ret) {
        _cleanup_(applier_freep) Applier *applier = calloc(1, sizeof(Applier));
        int r;

        if (!applier)
                return -ENOMEM;
        *applier = (Applier){
                .scope = *scope, .plan = plan, .service = service, .callbacks = *callbacks
        };
        applier->batch = batch_size(&scope->settings->limits);
        r = plan_order(plan, scope->table, &applier->order, &applier->n_writes);
        if (r < 0)
                return r;
        applier->writes = calloc(applier->n_writes + 1, sizeof(Write));
        if (!applier->writes)
                return -ENOMEM;
        for (size_t i = 0; i < applier->n_writes; i++)
                applier->writes[i] = (Write){ .applier = applier,
                        .entry = &plan->entries[applier->order[i]] };
        applier->counts.planned = (uint32_t) applier->n_writes;

        *ret = applier;
        pump(TAKE_PTR(applier));
        return 0;
}

void applier_stop(Applier *applier) {
        if (applier->ended)
                return;
        /* With every write sent already, nothing is left undone. */
        if (applier->n_sent < applier->n_writes)
                stop(applier, "interrupted; the rest is left to the next pass");
        pump(applier);
}

void applier_abort(Applier *applier) {
        static const ApiOutcome interrupted = { .kind = OUTCOME_UNKNOWN,
                .message = "the service was stopped" };

        if (applier->ended)
                return;
        applier->stopped = applier->ended = true;
        for (size_t i = 0; i < applier->n_sent; i++) {
                Write *write = &applier->writes[i];
                ShareCall *call = TAKE_PTR(write->call);

                if (!call)
                        continue;
                if (applier->service->cancel(call))
                        on_unknown(write, &interrupted);
                else {
                        intent_take_back(&write->intent, memory_of(write));
                        (void) put(write);
                }
        }
        take_back_unsent(applier);
        (void) memory_write(applier->scope.memory);
}

Applier *applier_free(Applier *applier) {
        if (!applier)
                return NULL;

        if (applier->writes)
                applier_abort(applier);
        free(applier->writes);
        free(applier->order);
        free(applier);
        return NULL;
}

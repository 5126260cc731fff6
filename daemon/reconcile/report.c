/* SPDX-License-Identifier: Apache-2.0 */

/* Reporting on shares. */

#include <stdio.h>

#include "reconcile/absorb.h"
#include "reconcile/decide.h"
#include "reconcile/report.h"
#include "util/string-util.h"
#include "util/time.h"

/* Between two looks at the clock: entries that may have to be said, shares that are remembered. */
#define ENTRIES_PER_LOOK 64
#define SHARES_PER_LOOK  1024

/* "\"Group baseline 2026\" with 444455556666 in eu-west-1": what every message begins with. */
#define SHARE_TEXT_MAX 480

static const char *share_text(const Scope *scope,
                const PlanEntry *entry,
                char text[static SHARE_TEXT_MAX]) {
        const ShareMemory *m = &scope->table->items[entry->memory];
        const char *name = scope_framework_name(scope, entry);
        char account[ACCOUNT_TEXT_MAX], uuid[UUID_TEXT_MAX];

        if (!name)
                name = uuid_format(&m->key.framework_id, uuid);
        (void) snprintf(text, SHARE_TEXT_MAX, "\"%.*s\" with %s in %s", (int) utf8_cut(name, 360),
                        name, account_format(recipient_account(m->key.recipient), account),
                        region_name(recipient_region(m->key.recipient)));
        return text;
}

static void add_source(JournalEntry *event, const char *pass_id, const Source *source) {
        char account[ACCOUNT_TEXT_MAX];

        journal_add(event, "SHARE_SOURCE", source->name);
        journal_add(event, "SHARE_SOURCE_ACCOUNT", account_format(source->account, account));
        journal_add(event, "SHARE_SOURCE_REGION", region_name(source->region));
        journal_add(event, "PASS_ID", pass_id);
}

static void add_share(JournalEntry *event, const Scope *scope, const PlanEntry *entry) {
        const ShareMemory *m = &scope->table->items[entry->memory];
        char account[ACCOUNT_TEXT_MAX], uuid[UUID_TEXT_MAX], time[TIME_TEXT_MAX];

        add_source(event, scope->pass_id, scope_source(scope));
        if (!entry->unresolved)
                journal_add(event, "SHARE_FRAMEWORK_ID", uuid_format(&m->key.framework_id, uuid));
        journal_add(event, "SHARE_FRAMEWORK_NAME", scope_framework_name(scope, entry));
        journal_add(event, "SHARE_ACCOUNT",
                        account_format(recipient_account(m->key.recipient), account));
        journal_add(event, "SHARE_REGION", region_name(recipient_region(m->key.recipient)));
        if (!uuid_is_null(&m->request_id))
                journal_add(event, "SHARE_REQUEST_ID", uuid_format(&m->request_id, uuid));
        journal_add(event, "SHARE_STATUS", scope_status_name(scope, entry));
        journal_add(event, "SHARE_CONDITION", condition_name((Condition) entry->condition));
        journal_add(event, "SHARE_REASON", reason_name((Reason) entry->reason));
        journal_add(event, "SHARE_EXPIRES", time_format(seconds_to_usec(m->expires), time));
}

static void add_outcome(JournalEntry *event, ActionKind action, const ApiOutcome *outcome) {
        if (action != ACTION_NONE)
                journal_add(event, "SHARE_ACTION", action_name(action));
        if (!outcome)
                return;
        journal_add(event, "AWS_ERROR_CODE", outcome->code);
        journal_add(event, "AWS_REQUEST_ID", outcome->request_id);
        if (outcome->http_status > 0)
                journal_add_count(event, "HTTP_STATUS", (uint64_t) outcome->http_status);
}

/* Remembers first: see report.h. */
static int remember(const Scope *scope, const PlanEntry *entry) {
        ShareMemory *memory = &scope->table->items[entry->memory];
        int r;

        if (memory->dirty) {
                r = memory_put(scope->memory, scope->memory_key, scope->table, memory);
                if (r < 0)
                        return r;
        }
        return memory_write(scope->memory);
}

static bool is_bad_news(ShareStatus status) {
        return share_status_is_ended(status) || status == SHARE_STATUS_UNKNOWN;
}

int report_status(const Scope *scope, const PlanEntry *entry, ShareStatus old_status) {
        const ShareMemory *m = &scope->table->items[entry->memory];
        const char *status = scope_status_name(scope, entry), *old = share_status_name(old_status);
        char text[SHARE_TEXT_MAX];
        JournalEntry event;
        int r;

        r = remember(scope, entry);
        journal_begin(&event, EVENT_STATUS_CHANGED,
                        is_bad_news((ShareStatus) m->status) ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
                        "Share of %s is %s%s%s%s", share_text(scope, entry, text),
                        status ? status : "of a status that is not known",
                        old_status == SHARE_STATUS_NONE ? " (first seen)" : " (was ",
                        old_status == SHARE_STATUS_NONE ? ""
                                        : old           ? old
                                                        : "a status that is not known",
                        old_status == SHARE_STATUS_NONE ? "" : ")");
        add_share(&event, scope, entry);
        journal_add(&event, "SHARE_STATUS_OLD", old);
        journal_send(&event);
        return r;
}

/* Why a share is held, stalled or orphaned, and what would change it, in a sentence; `auditsharectl
 * plan` says the same with the share's own numbers (ctl/plan-words.c, ctl/plan-remedy.c). */
static const char *advice(const PlanEntry *entry) {
        switch ((Reason) entry->reason) {
        case REASON_EXPIRING:
                return "its invitation runs out, and policy holds renewals";
        case REASON_EXPIRED:
                return "its invitation ended unanswered, and policy holds it";
        case REASON_FAILED:
                return "it could not be sent, and policy holds it";
        case REASON_RENEWALS_EXHAUSTED:
                return "it was sent again as often as max_renewals allows; 'auditsharectl reset' "
                       "lets it begin anew";
        case REASON_ATTEMPTS_EXHAUSTED:
                return "it failed as often as max_attempts allows; 'auditsharectl reset' lets it "
                       "begin anew; is Audit Manager enabled there?";
        case REASON_DECLINED:
                return "the recipient declined; 'auditsharectl reset' sends it once more";
        case REASON_REVOKED:
                return "somebody else revoked it; 'auditsharectl reset' sends it once more";
        case REASON_UNKNOWN_STATUS:
                return "a status that this version does not know; a later auditshared may know it";
        case REASON_AMBIGUOUS:
                return "several requests are open, and not all of them are ours; 'auditsharectl "
                       "list' shows them";
        case REASON_UNREADABLE:
                return "its record could not be read; 'auditsharectl list' shows it";
        case REASON_NEWER_THAN_PIN:
                return "the framework is newer than its pin; move the pin";
        case REASON_FRAMEWORK_MISSING:
                return "the source has no such framework; correct its name or id";
        case REASON_FRAMEWORK_AMBIGUOUS:
                return "several frameworks or declarations go by this name; declare it once, by "
                       "its "
                       "id";
        case REASON_SUSPENDED:
                return "it is suspended in the shares file; 'suspend: false' lets it go on";
        case REASON_QUOTA:
                return "the quota of recipient accounts is used up (limits.recipient_accounts)";
        case REASON_UNDESIRED:
                return "it is no longer declared";
        case REASON_IRREVOCABLE:
                return "it is no longer declared, but a copy cannot be recalled";
        case REASON_INVALID:
                return "the service refused it as invalid; change its declaration";
        case REASON_REPLICATING:
                return "it has been replicating for over an hour";
        default:
                return "see its reason";
        }
}

static void send_condition(const Scope *scope, const PlanEntry *entry) {
        char text[SHARE_TEXT_MAX];
        JournalEntry event;

        journal_begin(&event, EVENT_HELD, LOG_LEVEL_WARNING, "Share of %s is %s (%s): %s",
                        share_text(scope, entry, text),
                        condition_name((Condition) entry->condition),
                        reason_name((Reason) entry->reason), advice(entry));
        add_share(&event, scope, entry);
        journal_send(&event);
}

/* Takes over the condition that the entry has now; whether that is worth an event. */
static bool take_condition(const Scope *scope, const PlanEntry *entry) {
        ShareMemory *m = &scope->table->items[entry->memory];
        bool changed = m->condition != entry->condition || m->reason != entry->reason;
        bool news = entry->warn && (changed || !m->warned);

        if (!changed && m->warned == entry->warn)
                return false;
        if (changed)
                m->condition_since = seconds_from_usec(time_add(now_usec(), scope->skew_usec));
        m->condition = entry->condition & 15u;
        m->reason = entry->reason & 63u;
        m->warned = entry->warn;
        m->dirty = true;
        return news;
}

int report_condition(const Scope *scope, const PlanEntry *entry) {
        int r;

        if (!take_condition(scope, entry))
                return 0;
        r = remember(scope, entry);
        send_condition(scope, entry);
        return r;
}

/* Likewise for several live requests. */
static bool take_several(const Scope *scope, const PlanEntry *entry) {
        ShareMemory *m = &scope->table->items[entry->memory];

        if (m->several == entry->several)
                return false;
        m->several = entry->several;
        m->dirty = true;
        return entry->several;
}

static void send_several(const Scope *scope, const PlanEntry *entry) {
        char text[SHARE_TEXT_MAX];
        JournalEntry event;

        journal_begin(&event, EVENT_SEVERAL_REQUESTS, LOG_LEVEL_WARNING,
                        "Share of %s has several live requests", share_text(scope, entry, text));
        add_share(&event, scope, entry);
        journal_send(&event);
}

static void send_outcome(JournalEntry *event,
                const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome) {
        add_share(event, scope, entry);
        add_outcome(event, action, outcome);
        journal_send(event);
}

static JournalEvent applied_event(ActionKind action) {
        return action == ACTION_START             ? EVENT_STARTED
                        : action == ACTION_RESEND ? EVENT_RESENT
                                                  : EVENT_REVOKED;
}

int report_applied(const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome) {
        static const char *const done[ACTION_MAX] = {
                [ACTION_START] = "Started share of",
                [ACTION_RESEND] = "Resent share of",
                [ACTION_REVOKE] = "Revoked share of",
                [ACTION_DELETE] = "Deleted the record of the share of",
        };
        char text[SHARE_TEXT_MAX];
        JournalEntry event;
        int r;

        r = remember(scope, entry);
        journal_begin(&event, applied_event(action), LOG_LEVEL_NOTICE, "%s %s%s%s%s", done[action],
                        share_text(scope, entry, text), entry->reason == REASON_STARTED ? "" : " (",
                        entry->reason == REASON_STARTED ? "" : reason_name((Reason) entry->reason),
                        entry->reason == REASON_STARTED ? "" : ")");
        send_outcome(&event, scope, entry, action, outcome);
        return r;
}

int report_failed(const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome) {
        char text[SHARE_TEXT_MAX];
        JournalEntry event;
        int r;

        r = remember(scope, entry);
        journal_begin(&event, EVENT_REQUEST_FAILED, LOG_LEVEL_ERROR,
                        "Cannot %s share of %s: %s%s%s", action_name(action),
                        share_text(scope, entry, text), outcome->code,
                        *outcome->code && *outcome->message ? ": " : "", outcome->message);
        send_outcome(&event, scope, entry, action, outcome);
        return r;
}

int report_unknown(const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome) {
        char text[SHARE_TEXT_MAX];
        JournalEntry event;
        int r;

        r = remember(scope, entry);
        journal_begin(&event, EVENT_OUTCOME_UNKNOWN, LOG_LEVEL_WARNING,
                        "Whether the %s of the share of %s was processed is not known (%s); the "
                        "next listing will tell",
                        action_name(action), share_text(scope, entry, text),
                        outcome ? outcome->message : "the service was interrupted");
        send_outcome(&event, scope, entry, action, outcome);
        return r;
}

/* A call that was refused before is about to be tried again: what that comes to will be reported,
 * not the attempt. */
static bool is_second_try(const Scope *scope, const PlanEntry *entry) {
        return action_is_send((ActionKind) entry->action)
                        && scope->table->items[entry->memory].refused != REASON_NONE;
}

/* All that is new about the share is remembered in one record, and then said. */
static int report_entry(const Scope *scope, const PlanEntry *entry) {
        bool several = take_several(scope, entry);
        bool condition = !is_second_try(scope, entry) && take_condition(scope, entry);
        int r = 0;

        if (several || condition || entry->interrupted || entry->changed)
                r = remember(scope, entry);
        if (entry->interrupted)
                (void) report_unknown(scope, entry, (ActionKind) entry->interrupted_action, NULL);
        if (entry->changed)
                (void) report_status(scope, entry, (ShareStatus) entry->old_status);
        if (several)
                send_several(scope, entry);
        if (condition)
                send_condition(scope, entry);
        return r;
}

static void note_error(PlanReport *report, int r) {
        if (r < 0 && report->error == 0)
                report->error = r;
}

/* True where all entries are done. */
static bool report_entries(const Scope *scope, PlanReport *report, int64_t until_usec) {
        while (report->entry < scope->plan->n_entries) {
                note_error(report, report_entry(scope, &scope->plan->entries[report->entry++]));
                if (report->entry % ENTRIES_PER_LOOK == 0 && monotonic_usec() >= until_usec)
                        return false;
        }
        return true;
}

static void remember_silently(const Scope *scope, PlanReport *report, size_t share) {
        MemoryTable *table = scope->table;

        note_error(report,
                        memory_put(scope->memory, scope->memory_key, table, &table->items[share]));
        if (share % SHARES_PER_LOOK == 0)
                note_error(report, memory_write(scope->memory));
}

/* What changed without being worth an event, in as few writes as memory allows. */
static bool remember_silent_changes(const Scope *scope, PlanReport *report, int64_t until_usec) {
        MemoryTable *table = scope->table;

        while (report->share < table->count) {
                size_t i = report->share++;

                if (table->items[i].dirty)
                        remember_silently(scope, report, i);
                if (i % SHARES_PER_LOOK == SHARES_PER_LOOK - 1 && monotonic_usec() >= until_usec) {
                        note_error(report, memory_write(scope->memory));
                        return false;
                }
        }
        note_error(report, memory_write(scope->memory));
        return true;
}

int report_plan(const Scope *scope, PlanReport *report, int64_t until_usec) {
        if (!report_entries(scope, report, until_usec)
                        || !remember_silent_changes(scope, report, until_usec))
                return 1;
        return report->error;
}

void report_source_refused(const char *pass_id,
                const Source *source,
                const char *text,
                const ApiOutcome *outcome) {
        JournalEntry event;

        journal_begin(&event, EVENT_PASS_REFUSED, LOG_LEVEL_ERROR, "Source %s: %s", source->name,
                        text);
        add_source(&event, pass_id, source);
        add_outcome(&event, ACTION_NONE, outcome);
        journal_send(&event);
}

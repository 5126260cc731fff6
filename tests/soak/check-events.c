/* SPDX-License-Identifier: Apache-2.0 */

/* The invariants of what is said and remembered (check.c), and of the calm at the end. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check-internal.h"
#include "model/action.h"
#include "reconcile/scope.h"
#include "record/journal.h"
#include "util/string-util.h"

/* What a backoff comes to at most, and a little for the passes' own rhythm. */
#define UNDER_WAY_MAX (30 * USEC_PER_HOUR)

/* --- events --- */

static const char *field(const JournalEntry *entry, const char *name) {
        size_t n = strlen(name);

        for (size_t i = 0; i < entry->n_fields; i++) {
                const char *text = entry->fields[i].iov_base;

                if (strncmp(text, name, n) == 0 && text[n] == '=')
                        return text + n + 1;
        }
        return "";
}

static JournalEvent event_of(const JournalEntry *entry) {
        unsigned event = 0;

        while (event < EVENT_MAX
                        && !streq(journal_event_id((JournalEvent) event),
                                        field(entry, "MESSAGE_ID")))
                event++;
        return (JournalEvent) event;
}

static Condition condition_of(const JournalEntry *entry) {
        unsigned condition = 0;

        while (condition < CONDITION_MAX
                        && !streq_null(condition_name((Condition) condition),
                                        field(entry, "SHARE_CONDITION")))
                condition++;
        return (Condition) condition;
}

static Reason reason_of(const JournalEntry *entry) {
        unsigned reason = 0;

        while (reason < REASON_MAX
                        && !streq_null(reason_name((Reason) reason), field(entry, "SHARE_REASON")))
                reason++;
        return (Reason) reason;
}

/* The share that an event is about. -1: none that we know. */
static int subject_of(const JournalEntry *entry, Aws **ret) {
        const char *source = field(entry, "SHARE_SOURCE");
        AccountId account;
        ShareKey key;

        if (source[0] != 's' || account_parse(field(entry, "SHARE_ACCOUNT"), &account) < 0
                        || uuid_parse(field(entry, "SHARE_FRAMEWORK_ID"), &key.framework_id) < 0)
                return -1;
        key.recipient = recipient_make(account, region_find(field(entry, "SHARE_REGION")));
        *ret = &now.aws[source[1] - '0'];
        return aws_find_key(*ret, &key);
}

/* Whether the listing of this pass or the answer to a call shows that status. */
static bool is_shown(const Aws *aws, unsigned key, const char *status) {
        for (size_t i = 0; i < aws->n_records; i++)
                if (aws->records[i]->key == key && aws->records[i]->listed
                                && aws->records[i]->readable
                                && streq(shown_text(&aws->records[i]->shown), status))
                        return true;
        return now.answering && now.answering->aws == aws && now.answering->key == key
                        && now.answering->record
                        && streq(shown_text(record_now(now.answering->record)), status);
}

/* An answer to a call with a status that nobody knows: its name is not kept. */
static const char *name_of_answer(const char *status) {
        const Record *record = now.answering ? now.answering->record : NULL;

        return !*status && record && *record_now(record)->odd ? record_now(record)->odd : status;
}

static void check_status_event(const JournalEntry *entry, const Aws *aws, unsigned key) {
        const char *status = name_of_answer(field(entry, "SHARE_STATUS")),
                   *old = field(entry, "SHARE_STATUS_OLD");
        Known *known = known_of(aws, key);
        bool odd = *known->said && share_status_from_name(known->said) == SHARE_STATUS_UNKNOWN;

        if (!streq(old, odd ? "" : known->said) && !(known->may_be_forgotten && !*old))
                violate("I7", "%s: the journal goes from '%s' to '%s', and was at '%s'",
                                aws_key_text(aws, key), old, status, known->said);
        else if (streq(status, known->said) && !known->may_be_forgotten)
                violate("I7", "%s: '%s' is said twice", aws_key_text(aws, key), status);
        else if (!is_shown(aws, key, status))
                violate("I7", "%s: '%s' was never shown", aws_key_text(aws, key), status);
        (void) snprintf(known->said, sizeof(known->said), "%s", status);
        known->may_be_forgotten = known->released = false;
}

/* It was remembered before it was said. */
static void check_remembered(const Aws *aws, unsigned key, JournalEvent event) {
        char name[SOURCE_KEY_TEXT_MAX];
        ShareKey share = aws_key(aws, key);
        const char *status;
        ShareMemory memory;

        if (now.disk_trouble)
                return;
        if (!disk_recall(source_key_of(aws, name), &share, false, &memory)) {
                violate("I5", "%s: said, and not remembered", aws_key_text(aws, key));
                return;
        }
        status = share_status_name((ShareStatus) memory.status);
        if (event == EVENT_STATUS_CHANGED && status && !streq(status, known_of(aws, key)->said))
                violate("I5", "%s: said to be %s, and remembered as %s", aws_key_text(aws, key),
                                known_of(aws, key)->said, status);
        if (event != EVENT_STATUS_CHANGED && memory.send_state == SEND_INTENDED)
                violate("I5", "%s: the end of a call is said, and not remembered",
                                aws_key_text(aws, key));
}

static bool fits_answer(JournalEvent event, const Call *call) {
        bool sends = call->request.operation == API_START_SHARE,
             done = call->kind == OUTCOME_OK
                        || (call->kind == OUTCOME_NOT_FOUND
                                        && call->request.operation == API_DELETE_SHARE);

        if (done)
                return sends ? event == EVENT_STARTED || event == EVENT_RESENT
                             : event == EVENT_REVOKED;
        return event
                        == (call->kind == OUTCOME_UNKNOWN ? EVENT_OUTCOME_UNKNOWN
                                                          : EVENT_REQUEST_FAILED);
}

static void check_write_event(const Aws *aws, unsigned key, JournalEvent event) {
        Known *known = known_of(aws, key);

        if (event == EVENT_OUTCOME_UNKNOWN)
                known->lost_usec = known->sent_usec;
        /* Memory has taken down again when it was sent. */
        if (event == EVENT_OUTCOME_UNKNOWN && (now.answering || now.aborting))
                known->sent_error_usec = aws_clock_error(aws);
        if (now.answering) {
                now.n_answer_events++;
                if (now.answering->aws != aws || now.answering->key != key
                                || !fits_answer(event, now.answering))
                        violate("I5", "%s: the event of a call does not fit its answer",
                                        aws_key_text(aws, key));
        } else if (event == EVENT_OUTCOME_UNKNOWN && now.aborting)
                now.numbers.unknown++;
        else if (event == EVENT_OUTCOME_UNKNOWN && known->interrupted) {
                known->interrupted = false;
                now.numbers.unknown++;
        } else
                violate("I5", "%s: an event of a call that nobody made", aws_key_text(aws, key));
}

void check_secrets(const char *where, const char *data, size_t length) {
        if (length > 0 && memmem(data, length, SOAK_SECRET, strlen(SOAK_SECRET)))
                violate("I6", "a secret is in %s", where);
}

static void check_event(const JournalEntry *entry) {
        JournalEvent event = event_of(entry);
        Aws *aws = NULL;
        int key = subject_of(entry, &aws);

        now.numbers.events++;
        trace("journal: %s", field(entry, "MESSAGE"));
        for (size_t i = 0; i < entry->n_fields; i++)
                check_secrets("the journal", entry->fields[i].iov_base, entry->fields[i].iov_len);
        if (key < 0)
                return;
        if (event == EVENT_HELD)
                check_held_event(aws, (unsigned) key, condition_of(entry), reason_of(entry));
        if (event == EVENT_STATUS_CHANGED)
                check_status_event(entry, aws, (unsigned) key);
        else if (event == EVENT_STARTED || event == EVENT_RESENT || event == EVENT_REVOKED
                        || event == EVENT_REQUEST_FAILED || event == EVENT_OUTCOME_UNKNOWN)
                check_write_event(aws, (unsigned) key, event);
        else
                return;
        check_remembered(aws, (unsigned) key, event);
}

void __wrap_journal_send(const JournalEntry *entry);

/* In the place of record/journal.c's. */
void __wrap_journal_send(const JournalEntry *entry) {
        if (disk.active && !now.ghost && draw_chance(&now.draw, disk.crash_mille))
                crash(false, "before an event");
        if (now.ghost)
                return;
        check_event(entry);
        if (disk.active && draw_chance(&now.draw, disk.crash_mille))
                crash(false, "after an event");
}

/* --- passes --- */

static void check_said(const Aws *aws, unsigned key) {
        const Record *seen = check_effective(aws, key);
        Known *known = known_of(aws, key);
        int64_t clear = known->clear_usec + now.in_force.settle_usec
                        + (now.stepped ? 2 * CLOCK_TOLERANCE : 0);

        if (known->interrupted) {
                violate("I5", "%s: a call was interrupted, and nobody says so",
                                aws_key_text(aws, key));
                known->interrupted = false;
        }
        if (seen && seen->readable && aws->listed_usec >= clear
                        && !streq(known->said, shown_text(&seen->shown)))
                violate("I7", "%s: listed as '%s', and the journal's last word is '%s'",
                                aws_key_text(aws, key), shown_text(&seen->shown), known->said);
}

void check_pass_end(void) {
        if (!now.disk_troubled_life && pass_is_whole(now.pass))
                declare_remember();
        for (unsigned s = 0; s < now.n_sources; s++) {
                Aws *aws = &now.aws[s];

                if (pass_scope(now.pass, s))
                        check_held(aws);
                if (!is_whole(aws) || !pass_scope(now.pass, s))
                        continue;
                for (unsigned key = 0; key < aws->n_frameworks * RECIPIENTS_MAX; key++)
                        check_said(aws, key);
        }
}

/* --- restarts --- */

static const char *remembered_text(const MemoryTable *table, const ShareMemory *memory) {
        const char *name = share_status_name((ShareStatus) memory->status);

        if (!name)
                name = strings_get(table->strings, share_memory_unsettled(memory)->status_name);
        return name ? name : "";
}

/* Of a status that nobody knows an answer leaves no name, and so nothing is left after a restart.
 */
static bool is_nameless(const ShareMemory *memory, const char *status, const char *said) {
        return memory && memory->sent_usec != TIME_UNKNOWN && !*status && *said
                        && share_status_from_name(said) == SHARE_STATUS_UNKNOWN;
}

static void check_remains(const Aws *aws,
                const MemoryTable *table,
                unsigned key,
                bool kept,
                unsigned *n_lost) {
        ShareKey share = aws_key(aws, key);
        uint32_t index = memory_table_find(table, &share);
        const ShareMemory *memory = index == MEMORY_NOT_FOUND ? NULL : &table->items[index];
        const char *status = memory ? remembered_text(table, memory) : "";
        Known *known = known_of(aws, key);

        if (known->interrupted && kept && !(memory && memory->send_state == SEND_INTENDED))
                now.numbers.lost_lines++;
        known->interrupted = memory && memory->send_state == SEND_INTENDED;
        if (known->interrupted)
                known->clear_usec = now.true_usec;
        check_held_remains(aws, key, memory, kept && !now.disk_troubled_life);
        /* What could not be written is not known any more, and counts anew. */
        known->lifted |= now.disk_troubled_life;
        /* Nor is a failure that was listed in the pass in which it died; by the next listing its
         * record may be gone, or have another status. */
        if (memory && (!kept || now.disk_troubled_life || now.died_in_pass))
                known->attempts = MIN(known->attempts, memory->attempts);
        known->released |= memory && memory->released && (!kept || now.disk_troubled_life);
        if (streq(status, known->said))
                return;
        now.numbers.lost_lines++;
        trace("start: %s was said to be '%s', and is remembered as '%s'", aws_key_text(aws, key),
                        known->said, status);
        *n_lost += !(known->may_be_forgotten && !*status)
                        && !is_nameless(memory, status, known->said);
        (void) snprintf(known->said, sizeof(known->said), "%s", status);
        known->may_be_forgotten |= !kept;
}

/* A call was under way: it is in memory, or a start could be lost. */
static void check_flying(const Aws *aws) {
        for (size_t i = 0; i < CALLS_MAX; i++) {
                const Call *call = &aws->calls[i];

                if (call->state != CALL_FREE && call->sent
                                && !known_of(aws, call->key)->interrupted)
                        violate("I5", "%s: a call was under way, and memory does not know",
                                        aws_key_text(aws, call->key));
        }
}

void check_restart(bool kept, bool flying) {
        unsigned n_lost = 0;

        declare_forget(!kept);
        for (unsigned s = 0; s < now.n_sources; s++) {
                Aws *aws = &now.aws[s];
                char name[SOURCE_KEY_TEXT_MAX];
                MemoryTable *table;

                if (memory_table(now.memory, source_key_of(aws, name), &table) < 0)
                        abort();
                for (unsigned key = 0; key < aws->n_frameworks * RECIPIENTS_MAX; key++)
                        check_remains(aws, table, key, kept, &n_lost);
                if (flying)
                        check_flying(aws);
        }
        if (kept && !now.disk_troubled_life && n_lost > 1)
                violate("I5", "a crash lost the lines of %u shares", n_lost);
}

/* Memory was set aside: what counted does so no longer, and which name meant what is not known. */
void check_memory_lost(void) {
        declare_forget(true);
        for (unsigned s = 0; s < now.n_sources; s++)
                for (unsigned key = 0; key < KEYS_MAX; key++) {
                        Known *known = &now.known[s][key];

                        known->may_be_forgotten = true;
                        known->renewals = known->attempts = known->comment_sends = 0;
                        known->version_usec = 0;
                }
}

/* --- calm --- */

static const char *check_condition(const PlanEntry *entry, const Record *seen) {
        Condition condition = (Condition) entry->condition;
        ShareStatus status = seen ? seen->shown.status : SHARE_STATUS_NONE;

        if (condition == CONDITION_READY)
                return status == SHARE_STATUS_SHARED || entry->reason == REASON_RECORD_GONE
                                ? NULL
                                : "ready, and nobody has a copy";
        if (condition == CONDITION_PENDING)
                return status == SHARE_STATUS_ACTIVE || status == SHARE_STATUS_EXPIRING
                                ? NULL
                                : "pending, and nothing is open";
        if (condition == CONDITION_ORPHANED || condition == CONDITION_UNMANAGED)
                return "declared, and not taken for it";
        if (condition == CONDITION_HELD && entry->reason == REASON_DECLINED
                        && status != SHARE_STATUS_DECLINED && seen)
                return "held as declined, and it is not";
        return NULL;
}

static void check_calm_entry(const Aws *aws, const Scope *scope, const PlanEntry *entry) {
        int key = aws_find_key(aws, &scope->table->items[entry->memory].key);
        const Record *seen;
        const char *why;
        Known *known;

        if (entry->share == PLAN_NO_INDEX || key < 0)
                return;
        known = known_of(aws, (unsigned) key);
        seen = check_effective(aws, (unsigned) key);
        if (entry->condition != CONDITION_PROGRESSING)
                known->under_way_usec = 0;
        else if (known->under_way_usec == 0)
                known->under_way_usec = now.true_usec;
        else if (now.true_usec - known->under_way_usec > UNDER_WAY_MAX)
                violate("I4", "%s has been under way (%s) for over %d hours",
                                aws_key_text(aws, (unsigned) key),
                                reason_name((Reason) entry->reason),
                                (int) (UNDER_WAY_MAX / USEC_PER_HOUR));
        if (aws->n_sends > 0 || (seen && !seen->readable))
                return;
        why = check_condition(entry, seen);
        if (why)
                violate("I4", "%s: %s (%s)", aws_key_text(aws, (unsigned) key), why,
                                reason_name((Reason) entry->reason));
}

void check_calm(void) {
        for (unsigned s = 0; s < now.n_sources; s++) {
                const Scope *scope = pass_scope(now.pass, s);

                if (!scope || !pass_source_is_whole(now.pass, s)) {
                        violate("I4", "s%u has no whole pass: %s", s,
                                        pass_source_error(now.pass, s));
                        continue;
                }
                for (size_t i = 0; i < scope->plan->n_entries; i++)
                        check_calm_entry(&now.aws[s], scope, &scope->plan->entries[i]);
        }
}

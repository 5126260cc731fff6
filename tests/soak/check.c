/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The invariants
 *
 * I1: No share is sent twice. A start needs a cause that the listing of its pass shows (an
 * independent reading of the decision table, below), goes out no sooner than `settle` after the
 * last one that may have been processed, and never over a live request of ours that this listing
 * does not show. So two live requests of ours for one share can only come of a resend with a cause,
 * where AWS leaves the former one alive; a start that is processed over a request which the
 * recipient accepted since the listing is such a one, and unavoidable.
 *
 * I2: Nothing is revoked or deleted but what is ours (made by a call of ours, or listed while it
 * was declared), is not declared, and policy says so.
 *
 * I3: No write in mode observe, of a source whose listings did not come to their end, beyond a
 * guard, for what is not declared in the files in force, or without a durable intent.
 *
 * I4: Once nothing goes wrong any more, no share is left under way for longer than the longest
 * backoff, and each has a condition that agrees with the truth.
 *
 * I5: A write that was answered has exactly one event; one that a crash interrupted has at most
 * one, that its outcome is unknown. Lines are lost at a crash alone, one share's at most, and are
 * never said twice.
 *
 * I6: Nothing that the environment keeps secret is in an event, in memory or on the terminal.
 *
 * I7: The statuses that listings and answers show are in the journal, each change once and in
 * order.
 *
 * What is excused: the host's clock may be wrong by as much as AWS bears (CLOCK_TOLERANCE) without
 * anybody knowing, and `settle` after a restart goes by that clock alone, so that setting it by so
 * little can cut settle short; a power failure can take back what
 * was said but not synced; so can any crash, with a disk that takes nothing.
 */

#include <stdlib.h>
#include <string.h>

#include "check-internal.h"
#include "model/action.h"
#include "reconcile/scope.h"
#include "record/journal.h"
#include "util/string-util.h"

/* --- the listing, as we read it --- */

static int rank(const Record *record) {
        bool live = !*record->shown.odd && share_status_is_live(record->shown.status);

        return !record->readable ? 0 : live ? 1 : 2;
}

static bool counts_before(const Record *a, const Record *b) {
        if (rank(a) != rank(b))
                return rank(a) < rank(b);
        if (!a->readable)
                return uuid_compare(&a->id, &b->id) < 0;
        if (a->shown.created_usec != b->shown.created_usec)
                return a->shown.created_usec > b->shown.created_usec;
        if (a->shown.updated_usec != b->shown.updated_usec)
                return a->shown.updated_usec > b->shown.updated_usec;
        return uuid_compare(&a->id, &b->id) < 0;
}

const Record *check_effective(const Aws *aws, unsigned key) {
        const Record *best = NULL;

        for (size_t i = 0; i < aws->n_records; i++) {
                const Record *record = aws->records[i];

                if (record->listed && record->key == key && (!best || counts_before(record, best)))
                        best = record;
        }
        return best;
}

/* Open or on its way, and not ours. */
static bool has_rival(const Aws *aws, unsigned key) {
        unsigned n = 0;
        bool strange = false;

        for (size_t i = 0; i < aws->n_records; i++) {
                const Record *record = aws->records[i];

                if (!record->listed || record->key != key || !record->readable || *record->shown.odd
                                || !share_status_is_pending(record->shown.status))
                        continue;
                n++;
                strange |= !record->by_us && !record->adopted;
        }
        return n > 1 && strange;
}

/* Memory knows of its last send alone whether that has been counted: a failure of ours that
 * somebody else's request came before, and that is the last word once more when that is deleted, is
 * not. */
static void pass_over(const Aws *aws, unsigned key) {
        for (size_t i = 0; i < aws->n_records; i++)
                if (aws->records[i]->key == key)
                        aws->records[i]->counted = true;
}

/* What a listing that came to its end means for what the service may do from now on. */
void check_listed(const Aws *aws) {
        for (unsigned key = 0; key < aws->n_frameworks * RECIPIENTS_MAX; key++) {
                const Record *seen = check_effective(aws, key);
                Known *known = known_of(aws, key);
                const Entry *entry;
                bool failed = seen && seen->readable && !*seen->shown.odd
                                && seen->shown.status == SHARE_STATUS_FAILED;

                if (seen && seen->readable && seen->shown.status == SHARE_STATUS_SHARED)
                        known->renewals = known->attempts = 0;
                if (seen && !seen->by_us)
                        pass_over(aws, key);
                if (failed && seen->by_us && !seen->counted) {
                        ((Record *) (uintptr_t) seen)->counted = true;
                        known->attempts++;
                }
                /* What ended, and is not declared for a while, counts anew. */
                if (declare_find_resolved(&now.in_force, aws, key, &entry) != 1) {
                        known->lifted = true;
                        known->may_be_forgotten |= !seen;
                }
                if (!declare_may_mean(&now.in_force, aws, key))
                        continue;
                for (size_t i = 0; i < aws->n_records; i++)
                        if (aws->records[i]->key == key && aws->records[i]->listed)
                                aws->records[i]->adopted = true;
        }
}

/* --- calls --- */

static void refuse(const char *invariant, const Aws *aws, unsigned key, const char *why) {
        violate(invariant, "a call for %s: %s", aws_key_text(aws, key), why);
}

static bool framework_changed(const Aws *aws, unsigned key, const Record *seen) {
        const AwsFramework *framework = &aws->frameworks[key / RECIPIENTS_MAX];
        const Known *known = known_of(aws, key);

        if (!framework->listed || framework->shown_usec <= known->version_usec)
                return false;
        return !seen || seen->by_us || framework->shown_usec > seen->shown.created_usec;
}

static PolicyChoice choice(const Entry *entry, PolicyKey key) {
        return (PolicyChoice) entry->policy.value[key];
}

/* Twice, as the clock can have been wrong this way before, and that way now. */
static int64_t clock_doubt(void) {
        return now.stepped ? 2 * CLOCK_TOLERANCE : 0;
}

/* Policy holds it, and no person has lifted that. */
static bool is_held(const Known *known, const Entry *entry, PolicyKey key) {
        return choice(entry, key) == POLICY_HOLD && !known->released;
}

static const char *check_renewal(Known *known, const Entry *entry, PolicyKey key) {
        if (is_held(known, entry, key))
                return "policy holds it";
        known->cause = CAUSE_RENEWAL;
        return known->renewals >= entry->policy.value[POLICY_MAX_RENEWALS] ? "renewals are used up"
                                                                           : NULL;
}

static const char *check_retry(const Known *known, const Entry *entry, const Record *seen) {
        if (is_held(known, entry, POLICY_FAILED))
                return "policy holds failed ones";
        if (known->attempts >= entry->policy.value[POLICY_MAX_ATTEMPTS])
                return "attempts are used up";
        if (!known->released
                        && now.true_usec - seen->shown.updated_usec
                                        < 15 * USEC_PER_MINUTE - clock_doubt())
                return "no backoff after FAILED";
        return NULL;
}

static const char *check_active(const Aws *aws,
                unsigned key,
                const Entry *entry,
                const Record *seen,
                bool changed) {
        Known *known = known_of(aws, key);

        if (now.true_usec - seen->shown.created_usec < now.in_force.settle_usec - clock_doubt())
                return "an ACTIVE request that has not settled";
        if (changed && choice(entry, POLICY_UPDATED) != POLICY_NEVER)
                return NULL;
        if (choice(entry, POLICY_COMMENT) == POLICY_RESEND && *entry->comment
                        && !streq(entry->comment, seen->shown.comment)) {
                known->cause = CAUSE_COMMENT;
                return known->comment_sends > 0 ? "a comment that was sent already" : NULL;
        }
        return "an ACTIVE request, and nothing has changed";
}

static const char *check_gone(const Known *known, const Entry *entry, bool changed) {
        if (known->may_be_forgotten)
                return NULL;
        if (streq(known->said, "SHARED")
                        && !(changed && choice(entry, POLICY_UPDATED) == POLICY_ALWAYS))
                return "the recipient has a copy";
        if (streq(known->said, "DECLINED") && is_held(known, entry, POLICY_DECLINED))
                return "the recipient declined";
        return NULL;
}

/* The decision table, read anew: why a start is wrong, or NULL. */
static const char *check_cause(const Aws *aws, unsigned key, const Entry *entry) {
        const Record *seen = check_effective(aws, key);
        Known *known = known_of(aws, key);
        bool changed = framework_changed(aws, key, seen);

        known->cause = CAUSE_NONE;
        if (changed || known->lifted)
                known->renewals = known->attempts = 0;
        if (has_rival(aws, key))
                return "several requests are open, and not all of them are ours";
        if (!seen)
                return check_gone(known, entry, changed);
        if (!seen->readable)
                return "a request that cannot be read";
        if (*seen->shown.odd)
                return "a status that nobody knows";

        switch (seen->shown.status) {
        case SHARE_STATUS_ACTIVE:
                return check_active(aws, key, entry, seen, changed);
        case SHARE_STATUS_EXPIRING:
                return check_renewal(known, entry, POLICY_EXPIRING);
        case SHARE_STATUS_EXPIRED:
                return check_renewal(known, entry, POLICY_EXPIRED);
        case SHARE_STATUS_DECLINED:
                return check_renewal(known, entry, POLICY_DECLINED);
        case SHARE_STATUS_REVOKED:
                return uuid_equal(&seen->id, &known->revoked_id)
                                ? NULL
                                : check_renewal(known, entry, POLICY_REVOKED);
        case SHARE_STATUS_FAILED:
                return check_retry(known, entry, seen);
        case SHARE_STATUS_SHARED:
                return changed && choice(entry, POLICY_UPDATED) == POLICY_ALWAYS ? NULL
                                                                                 : "it is SHARED";
        default:
                return "it replicates";
        }
}

/* A live request of ours that this pass has not seen. */
static bool is_blind(const Aws *aws, unsigned key) {
        for (size_t i = 0; i < aws->n_records; i++) {
                const Record *record = aws->records[i];

                if (record->key == key && record->by_us && !record->listed
                                && record_is_live(record))
                        return true;
        }
        return false;
}

/* Since a restart settle has gone by the clock alone, which was wrong when it was sent, or is so
 * now; and by a time that is written with a batch, up to a second before the call. */
static bool is_excused(const Aws *aws, const Known *known) {
        int64_t error = aws_clock_error(aws) - known->sent_error_usec;

        if (known->sent_life == now.life || llabs(error) > 2 * CLOCK_TOLERANCE
                        || now.true_usec + error - known->sent_usec
                                        < now.in_force.settle_usec - USEC_PER_SEC)
                return false;
        now.numbers.excused++;
        return true;
}

void check_reset(const Aws *aws, unsigned key) {
        Known *known = known_of(aws, key);

        known->renewals = known->attempts = 0;
        known->released = true;
        known->reset_pass = now.numbers.passes;
        known->cause = CAUSE_NONE;
}

static void check_start(Aws *aws, unsigned key) {
        const AwsFramework *framework = &aws->frameworks[key / RECIPIENTS_MAX];
        Known *known = known_of(aws, key);
        const Entry *entry = NULL;
        const char *why;

        if (declare_find_resolved(&now.in_force, aws, key, &entry) != 1) {
                refuse("I3", aws, key, "it is not declared, or twice, or its framework is missing");
                return;
        }
        if (entry->suspend)
                refuse("I1", aws, key, "it is suspended");
        if (entry->pin_usec != TIME_UNKNOWN
                        && framework->shown_usec >= entry->pin_usec + USEC_PER_SEC)
                refuse("I1", aws, key, "the framework is newer than its pin");
        if (known->sent_usec != 0 && now.true_usec - known->sent_usec < now.in_force.settle_usec
                        && !is_excused(aws, known))
                refuse("I1", aws, key, "sent twice within settle");
        else if (is_blind(aws, key) && !is_excused(aws, known))
                refuse("I1", aws, key, "a live request of ours is not listed");
        why = check_cause(aws, key, entry);
        if (why)
                refuse("I1", aws, key, why);
        /* What a pass that was under way has decided before a reset counts no more. */
        if (known->reset_pass == now.numbers.passes)
                known->cause = CAUSE_NONE;

        known->sent_usec = known->clear_usec = now.true_usec;
        known->sent_life = now.life;
        known->sent_error_usec = aws_clock_error(aws);
        known->sent_version_usec = framework->shown_usec;
        now.numbers.sends++;
}

static const Record *find_by_id(const Aws *aws, const Uuid *id) {
        for (size_t i = 0; i < aws->n_records; i++)
                if (uuid_equal(&aws->records[i]->id, id))
                        return aws->records[i];
        return NULL;
}

/* What the answer to a start of ours said may not be listed yet. */
static bool may_be_withdrawn(const Record *record, bool deletes) {
        ShareStatus status = record->shown.status;

        if (!record->listed)
                return record->by_us;
        if (!record->readable || *record->shown.odd)
                return false;
        return !deletes || status == SHARE_STATUS_SHARED || share_status_is_ended(status);
}

/* Somebody else's, made just after a start of ours whose outcome is unknown: nobody can tell it
 * from what that start makes. What memory says was started by the service is its own. */
static bool may_be_taken_for_ours(const Known *known, const Record *record) {
        int64_t since = record->states[0].created_usec - known->lost_usec;

        return known->lost_usec != 0 && since >= -CLOCK_TOLERANCE
                        && since <= now.in_force.settle_usec + 2 * CLOCK_TOLERANCE;
}

static void check_withdrawal(Aws *aws, Call *call) {
        const Record *record = find_by_id(aws, &call->request.request_id);
        bool deletes = call->request.operation == API_DELETE_SHARE;
        const Entry *entry;

        if (!record) {
                violate("I2", "s%u: revokes or deletes what is not there", aws->index);
                return;
        }
        call->key = record->key;
        if (!record->by_us && !record->adopted
                        && !may_be_taken_for_ours(known_of(aws, record->key), record))
                refuse("I2", aws, record->key, "it is not ours");
        if (declare_find(&now.in_force, aws, record->key, &entry) > 0)
                refuse("I2", aws, record->key, "revoked or deleted, and declared");
        if (now.in_force.undesired == POLICY_KEEP
                        || (deletes && now.in_force.undesired != POLICY_REVOKE_AND_DELETE))
                refuse("I2", aws, record->key, "policy keeps it");
        if (!may_be_withdrawn(record, deletes))
                refuse("I2", aws, record->key, "its status does not allow that");
        if (!deletes)
                known_of(aws, record->key)->revoked_id = record->id;
        known_of(aws, record->key)->clear_usec = now.true_usec;
}

static void check_intent(const Aws *aws, unsigned key) {
        char name[SOURCE_KEY_TEXT_MAX];
        ShareKey share = aws_key(aws, key);
        ShareMemory memory;

        if (!disk_recall(source_key_of(aws, name), &share, true, &memory)
                        || memory.send_state != SEND_INTENDED)
                refuse("I3", aws, key, "there is no durable intent");
}

static void check_limits(const Aws *aws, unsigned key) {
        if (!is_whole(aws))
                refuse("I3", aws, key, "a listing did not come to its end");
        if (now.in_force.observe)
                refuse("I3", aws, key, "in mode observe");
        if (aws->n_sends + aws->n_withdrawals > now.in_force.writes_max)
                refuse("I3", aws, key, "beyond limits.writes_per_pass");
        if (aws->n_withdrawals > now.in_force.revokes_max)
                refuse("I3", aws, key, "beyond limits.revokes_per_pass");
}

void check_call(Aws *aws, Call *call) {
        ShareKey share = { call->request.framework_id, call->request.recipient };
        int key = aws_find_key(aws, &share);
        bool sends = call->request.operation == API_START_SHARE;

        if (now.ghost)
                return;
        call->sent = true;
        now.numbers.writes++;
        if (sends && key < 0) {
                violate("I1", "s%u: a start of a share that nobody knows", aws->index);
                return;
        }
        call->key = key < 0 ? 0 : (unsigned) key;
        if (sends)
                check_start(aws, call->key);
        else
                check_withdrawal(aws, call);
        aws->n_sends += sends;
        aws->n_withdrawals += !sends;
        trace("call: %s %s", sends ? "start" : "withdraw", aws_key_text(aws, call->key));
        check_limits(aws, call->key);
        check_intent(aws, call->key);
        if (disk.active && draw_chance(&now.draw, disk.crash_mille))
                crash(false, "with a call just sent");
}

void check_processed(const Aws *aws, unsigned key) {
        Known *known = known_of(aws, key);

        known->version_usec = known->sent_version_usec;
        known->renewals += known->cause == CAUSE_RENEWAL;
        known->lifted = known->released = false;
        known->comment_sends += known->cause == CAUSE_COMMENT;
        known->cause = CAUSE_NONE;
}

/* Certainly not processed: as if it had never been sent. */
static bool is_certain(OutcomeKind kind) {
        return kind != OUTCOME_OK && kind != OUTCOME_UNKNOWN;
}

void check_before_answer(const Call *call) {
        now.answering = call;
        now.n_answer_events = 0;
        if (call->request.operation == API_START_SHARE && is_certain(call->kind))
                known_of(call->aws, call->key)->sent_usec = 0;
}

void check_not_sent(const Call *call) {
        if (!now.ghost)
                known_of(call->aws, call->key)->sent_usec = 0;
}

static bool is_said(const Call *call) {
        switch (call->kind) {
        case OUTCOME_NOT_SET_UP:
        case OUTCOME_CREDENTIALS:
        case OUTCOME_WRONG_IDENTITY:
        case OUTCOME_UNREACHABLE:
        case OUTCOME_CANCELLED:
                return false; /* once for the source, or not worth a word */
        default:
                return true;
        }
}

void check_after_answer(const Call *call) {
        unsigned expected = is_said(call) ? 1 : 0;

        now.answering = NULL;
        if (!now.ghost && now.n_answer_events != expected)
                violate("I5", "the call for %s that ended as '%s' has %u events, want %u",
                                aws_key_text(call->aws, call->key), outcome_kind_name(call->kind),
                                now.n_answer_events, expected);
}

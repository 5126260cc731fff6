/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Decisions about one share
 *
 * What a status calls for is found first, by the table of statuses; a send that it calls for then
 * passes the gates that every send passes: settle, pin, quota, and what the service has refused. So
 * no row can forget a gate.
 */

#include <assert.h>

#include "reconcile/decide.h"
#include "util/hash.h"
#include "util/macro.h"
#include "util/time.h"

#define BACKOFF_BASE (15 * USEC_PER_MINUTE)
#define BACKOFF_MAX  (24 * USEC_PER_HOUR)

int64_t decide_backoff(const ShareKey *key, unsigned attempts) {
        int64_t backoff = BACKOFF_BASE;
        uint64_t jitter;

        for (unsigned i = 1; i < attempts && backoff < BACKOFF_MAX; i++)
                backoff *= 2;
        backoff = MIN(backoff, BACKOFF_MAX);

        /* From the share itself, so that the deadline is the same in each pass, and not that of its
         * neighbours. */
        jitter = hash_stable(HASH_STABLE_SEED, key, sizeof(*key))
                        ^ attempts * UINT64_C(0x9e3779b97f4a7c15);
        return backoff + (int64_t) ((jitter >> 32) % (uint64_t) (backoff / 10));
}

static Decision make(ActionKind action, Condition condition, Reason reason) {
        return (Decision){
                .action = action,
                .condition = condition,
                .reason = reason,
                .next_usec = TIME_INFINITY,
                .warn = condition == CONDITION_HELD || condition == CONDITION_STALLED
                                || condition == CONDITION_ORPHANED,
        };
}

static Decision make_wait(Condition condition, Reason reason, int64_t until_usec) {
        Decision decision = make(ACTION_WAIT, condition, reason);

        decision.next_usec = until_usec;
        return decision;
}

static bool framework_changed(const DecideInput *in) {
        return in->framework == FRAMEWORK_FOUND && in->memory
                        && in->memory->framework_updated_usec != TIME_UNKNOWN
                        && in->framework_updated_usec > in->memory->framework_updated_usec;
}

/* Whether the declaration or the framework changed since the last send or refusal: what lifts a
 * stall. */
static bool is_lifted(const DecideInput *in) {
        if (!in->memory)
                return false;
        return framework_changed(in)
                        || (in->memory->declaration != 0
                                        && in->memory->declaration != in->declaration);
}

/* The same for a call that was refused: from what the framework was then, as that version has not
 * been sent. */
static bool refusal_is_lifted(const DecideInput *in) {
        int64_t refused_usec = share_memory_unsettled(in->memory)->refused_framework_usec;

        if (refused_usec <= 0)
                return is_lifted(in);
        return in->memory->declaration != in->declaration
                        || in->framework_updated_usec > refused_usec;
}

static PolicyChoice choice(const DecideInput *in, PolicyKey key) {
        return (PolicyChoice) in->policy->value[key];
}

static bool is_released(const DecideInput *in) {
        return in->memory && in->memory->released;
}

/* Policy's hold of what was seen, which a person can lift for this once. */
static bool is_held(const DecideInput *in, PolicyKey key) {
        return choice(in, key) == POLICY_HOLD && !is_released(in);
}

static unsigned attempts(const DecideInput *in) {
        return in->memory && !is_lifted(in) ? in->memory->attempts : 0;
}

static bool renewals_exhausted(const DecideInput *in) {
        unsigned renewals = in->memory && !is_lifted(in) ? in->memory->renewals : 0;

        return renewals >= in->policy->value[POLICY_MAX_RENEWALS];
}

static int64_t settled_usec(const DecideInput *in) {
        return in->memory ? share_memory_settled_usec(
                               in->memory, in->settle_usec, in->now_usec, in->mono_usec)
                          : TIME_UNKNOWN;
}

static bool is_newer_than_pin(const DecideInput *in) {
        return in->pin_usec != TIME_UNKNOWN
                        && (in->framework_updated_usec == TIME_UNKNOWN
                                        || in->framework_updated_usec > in->pin_usec);
}

/* Refusals that no time heals: the same call would be refused again. */
static bool is_refused_for_good(const DecideInput *in) {
        return in->memory
                        && (in->memory->refused == REASON_INVALID
                                        || in->memory->refused == REASON_FRAMEWORK_MISSING)
                        && !refusal_is_lifted(in);
}

static int64_t retry_usec(const DecideInput *in) {
        return share_memory_unsettled(in->memory)->retry_usec;
}

static bool is_refused_for_now(const DecideInput *in) {
        return in->memory
                        && (in->memory->refused == REASON_ACCESS_DENIED
                                        || in->memory->refused == REASON_QUOTA
                                        || in->memory->refused == REASON_REQUEST_FAILED)
                        && in->now_usec < retry_usec(in);
}

/* The gates in front of every send, in the contract's order. `backoff_usec` is a deadline of the
 * row itself. */
static Decision gate(const DecideInput *in, Decision send, int64_t backoff_usec) {
        int64_t settled = settled_usec(in);

        if (in->now_usec < settled && in->now_usec >= backoff_usec)
                return make_wait(CONDITION_PROGRESSING,
                                in->request ? REASON_SETTLING : REASON_STARTED, settled);
        if (in->now_usec < settled)
                return make_wait(send.condition, send.reason, MAX(backoff_usec, settled));

        if (is_newer_than_pin(in))
                return make(ACTION_NONE, CONDITION_HELD, REASON_NEWER_THAN_PIN);
        if (in->over_quota)
                return make(ACTION_NONE, CONDITION_HELD, REASON_QUOTA);
        if (is_refused_for_good(in))
                return make(ACTION_NONE, CONDITION_STALLED, (Reason) in->memory->refused);
        if (in->now_usec < backoff_usec)
                return make_wait(send.condition, send.reason, backoff_usec);
        if (is_refused_for_now(in))
                return make_wait(in->memory->refused == REASON_QUOTA ? CONDITION_HELD
                                                                     : CONDITION_PROGRESSING,
                                (Reason) in->memory->refused, retry_usec(in));
        return send;
}

static Decision send_when_clear(const DecideInput *in,
                ActionKind action,
                Condition condition,
                Reason reason,
                bool renewal) {
        Decision send = make(action, condition, reason);

        send.renewal = renewal;
        send.lifted = is_lifted(in);
        return gate(in, send, TIME_UNKNOWN);
}

/* Expiring, expired, declined, revoked: hold, give up, or send once more and count it. */
static Decision renew(const DecideInput *in,
                PolicyKey key,
                ActionKind action,
                Condition condition,
                Reason reason) {
        if (is_held(in, key))
                return make(ACTION_NONE, CONDITION_HELD, reason);
        if (renewals_exhausted(in))
                return make(ACTION_NONE, CONDITION_STALLED, REASON_RENEWALS_EXHAUSTED);
        return send_when_clear(in, action, condition, reason, true);
}

static Decision on_none(const DecideInput *in) {
        return send_when_clear(in, ACTION_START, CONDITION_PROGRESSING, REASON_STARTED, false);
}

/* This very declaration has been sent, and the service keeps another comment: asking again would
 * change nothing. */
static bool has_sent_this(const DecideInput *in) {
        return in->memory && in->memory->sent_usec != TIME_UNKNOWN
                        && in->memory->declaration == in->declaration;
}

static Decision on_active(const DecideInput *in) {
        int64_t settled =
                        MAX(time_add(in->request->created_usec, in->settle_usec), settled_usec(in));

        if (in->now_usec < settled)
                return make_wait(CONDITION_PROGRESSING, REASON_SETTLING, settled);

        if (framework_changed(in)) {
                if (choice(in, POLICY_UPDATED) == POLICY_NEVER)
                        return make(ACTION_NONE, CONDITION_PENDING, REASON_OUT_OF_DATE);
                return send_when_clear(
                                in, ACTION_RESEND, CONDITION_PENDING, REASON_OUT_OF_DATE, false);
        }
        if (in->comment_differs) {
                if (choice(in, POLICY_COMMENT) == POLICY_REPORT || has_sent_this(in))
                        return make(ACTION_NONE, CONDITION_PENDING, REASON_COMMENT_DIFFERS);
                return send_when_clear(in, ACTION_RESEND, CONDITION_PENDING, REASON_COMMENT_DIFFERS,
                                false);
        }
        return make(ACTION_NONE, CONDITION_PENDING, REASON_AWAITING_RECIPIENT);
}

static Decision on_expiring(const DecideInput *in) {
        return renew(in, POLICY_EXPIRING, ACTION_RESEND, CONDITION_PENDING, REASON_EXPIRING);
}

static Decision on_replicating(const DecideInput *in) {
        Decision decision = make(ACTION_NONE, CONDITION_PROGRESSING, REASON_REPLICATING);
        int64_t since = in->memory ? in->memory->status_since_usec : TIME_UNKNOWN, warn_usec;

        warn_usec = time_add(since == TIME_UNKNOWN ? in->now_usec : since, DECIDE_REPLICATION_WARN);
        if (in->now_usec < warn_usec)
                decision.next_usec = warn_usec;
        else
                decision.warn = true;
        return decision;
}

static Decision on_shared(const DecideInput *in) {
        if (!in->request)
                return make(ACTION_NONE, CONDITION_READY, REASON_RECORD_GONE);
        if (!framework_changed(in))
                return make(ACTION_NONE, CONDITION_READY, REASON_SHARED);
        if (choice(in, POLICY_UPDATED) != POLICY_ALWAYS)
                return make(ACTION_NONE, CONDITION_READY, REASON_OUT_OF_DATE);
        return send_when_clear(in, ACTION_RESEND, CONDITION_READY, REASON_OUT_OF_DATE, false);
}

static Decision on_failed(const DecideInput *in) {
        Decision send = make(ACTION_START, CONDITION_PROGRESSING, REASON_FAILED);
        const ShareKey *key = in->request ? &in->request->key : &in->memory->key;
        int64_t since = in->memory ? in->memory->status_since_usec : TIME_UNKNOWN;

        if (is_held(in, POLICY_FAILED))
                return make(ACTION_NONE, CONDITION_HELD, REASON_FAILED);
        if (attempts(in) >= in->policy->value[POLICY_MAX_ATTEMPTS])
                return make(ACTION_NONE, CONDITION_STALLED, REASON_ATTEMPTS_EXHAUSTED);

        /* Seen for the first time in this very decision (a plan without memory): the backoff begins
         * now. */
        if (since == TIME_UNKNOWN)
                since = in->now_usec;
        send.lifted = is_lifted(in);
        return gate(in, send,
                        is_released(in) ? TIME_UNKNOWN
                                        : time_add(since, decide_backoff(key, attempts(in))));
}

static Decision on_expired(const DecideInput *in) {
        return renew(in, POLICY_EXPIRED, ACTION_START, CONDITION_PROGRESSING, REASON_EXPIRED);
}

static Decision on_declined(const DecideInput *in) {
        return renew(in, POLICY_DECLINED, ACTION_START, CONDITION_PROGRESSING, REASON_DECLINED);
}

static Decision on_revoked(const DecideInput *in) {
        if (in->memory && in->memory->revoked_by_us)
                return on_none(in);
        return renew(in, POLICY_REVOKED, ACTION_START, CONDITION_PROGRESSING, REASON_REVOKED);
}

static Decision on_unknown(const DecideInput *in) {
        /* Gone with a status we never knew: nothing is left that could be sent twice. */
        return in->request ? make(ACTION_NONE, CONDITION_HELD, REASON_UNKNOWN_STATUS) : on_none(in);
}

typedef Decision (*Decider)(const DecideInput *in);

/* What was observed, or (with the record gone) last seen. */
static const struct {
        Decider observed, gone;
} declared_table[SHARE_STATUS_MAX] = {
        [SHARE_STATUS_NONE] = { on_none, on_none },
        [SHARE_STATUS_ACTIVE] = { on_active, on_none },
        [SHARE_STATUS_REPLICATING] = { on_replicating, on_none },
        [SHARE_STATUS_SHARED] = { on_shared, on_shared },
        [SHARE_STATUS_EXPIRING] = { on_expiring, on_none },
        [SHARE_STATUS_FAILED] = { on_failed, on_failed },
        [SHARE_STATUS_EXPIRED] = { on_expired, on_expired },
        [SHARE_STATUS_DECLINED] = { on_declined, on_declined },
        [SHARE_STATUS_REVOKED] = { on_revoked, on_revoked },
        [SHARE_STATUS_UNKNOWN] = { on_unknown, on_unknown },
};

/* A person's refusal that the policy respects outlasts its record, and so does a copy that was
 * taken. */
static bool outlasts_record(const DecideInput *in, ShareStatus last) {
        switch (last) {
        case SHARE_STATUS_SHARED:
                return true;
        case SHARE_STATUS_DECLINED:
                return is_held(in, POLICY_DECLINED);
        case SHARE_STATUS_REVOKED:
                return !in->memory->revoked_by_us && is_held(in, POLICY_REVOKED);
        case SHARE_STATUS_NONE:
        case SHARE_STATUS_ACTIVE:
        case SHARE_STATUS_REPLICATING:
        case SHARE_STATUS_EXPIRING:
        case SHARE_STATUS_FAILED:
        case SHARE_STATUS_EXPIRED:
        case SHARE_STATUS_UNKNOWN:
        case SHARE_STATUS_MAX:
                break;
        }
        return false;
}

/* Nothing is listed. Shortly after a send of ours that says nothing: the listing may lag. */
static Decision decide_gone(const DecideInput *in) {
        ShareStatus last = in->memory ? (ShareStatus) in->memory->status : SHARE_STATUS_NONE;
        int64_t settled = settled_usec(in);

        if (in->now_usec < settled && !outlasts_record(in, last))
                return make_wait(CONDITION_PROGRESSING, REASON_STARTED, settled);
        return declared_table[last].gone(in);
}

/* The end of an earlier request says nothing of our own send, which the listing does not show yet.
 * Nobody has refused that one. */
static bool is_overtaken(const DecideInput *in) {
        if (!share_status_is_ended((ShareStatus) in->request->status)
                        || in->now_usec >= settled_usec(in))
                return false;
        return uuid_equal(&in->request->id, &in->memory->request_id)
                        ? in->request->updated_usec < in->memory->updated_usec
                        : in->request->created_usec < in->memory->created_usec;
}

static Decision decide_declared(const DecideInput *in) {
        if (in->suspend)
                return make(ACTION_NONE, CONDITION_HELD, REASON_SUSPENDED);
        if (in->framework == FRAMEWORK_MISSING)
                return make(ACTION_NONE, CONDITION_STALLED, REASON_FRAMEWORK_MISSING);
        if (in->framework == FRAMEWORK_AMBIGUOUS)
                return make(ACTION_NONE, CONDITION_STALLED, REASON_FRAMEWORK_AMBIGUOUS);
        if (in->n_pending > 1 && !in->pending_ours)
                return make(ACTION_NONE, CONDITION_STALLED, REASON_AMBIGUOUS);
        if (in->request && !in->request->readable)
                return make(ACTION_NONE, CONDITION_HELD, REASON_UNREADABLE);
        if (in->request && is_overtaken(in))
                return make_wait(CONDITION_PROGRESSING, REASON_SETTLING, settled_usec(in));

        return in->request ? declared_table[in->request->status].observed(in) : decide_gone(in);
}

/* A revoke or delete that was refused waits like a send, but keeps its condition: the share is what
 * it is. */
static Decision withdraw(const DecideInput *in,
                ActionKind action,
                Condition condition,
                Reason reason) {
        Decision decision = make(action, condition, reason);

        if (action != ACTION_NONE && in->memory->refused != REASON_NONE
                        && in->now_usec < retry_usec(in)) {
                decision.action = ACTION_WAIT;
                decision.next_usec = retry_usec(in);
        }
        return decision;
}

static Decision undeclared_by_status(const DecideInput *in) {
        bool may_revoke = in->undesired != POLICY_KEEP,
             may_delete = in->undesired == POLICY_REVOKE_AND_DELETE;

        switch ((ShareStatus) in->request->status) {
        case SHARE_STATUS_ACTIVE:
        case SHARE_STATUS_EXPIRING:
                /* Revoked by us, and the listing lags. */
                if (in->memory->revoked_by_us && in->memory->status == SHARE_STATUS_REVOKED)
                        return make_wait(CONDITION_ORPHANED, REASON_UNDESIRED,
                                        time_add(in->memory->status_since_usec, in->settle_usec));
                return withdraw(in, may_revoke ? ACTION_REVOKE : ACTION_NONE, CONDITION_ORPHANED,
                                REASON_UNDESIRED);
        case SHARE_STATUS_SHARED:
                return withdraw(in, may_delete ? ACTION_DELETE : ACTION_NONE, CONDITION_ORPHANED,
                                REASON_IRREVOCABLE);
        case SHARE_STATUS_REPLICATING:
                return make(ACTION_NONE, CONDITION_ORPHANED, REASON_IRREVOCABLE);
        case SHARE_STATUS_FAILED:
        case SHARE_STATUS_EXPIRED:
        case SHARE_STATUS_DECLINED:
        case SHARE_STATUS_REVOKED:
                return withdraw(in, may_delete ? ACTION_DELETE : ACTION_NONE, CONDITION_UNMANAGED,
                                REASON_UNDESIRED);
        case SHARE_STATUS_NONE:
        case SHARE_STATUS_UNKNOWN:
        case SHARE_STATUS_MAX:
                break;
        }
        return make(ACTION_NONE, CONDITION_ORPHANED, REASON_UNKNOWN_STATUS);
}

static Decision decide_undeclared(const DecideInput *in) {
        if (!in->memory || !in->memory->ours)
                return make(ACTION_NONE, CONDITION_UNMANAGED, REASON_NOT_OURS);
        if (!in->request)
                return make(ACTION_NONE, CONDITION_UNMANAGED, REASON_UNDESIRED);
        if (!share_memory_owns(in->memory, &in->request->id))
                return make(ACTION_NONE, CONDITION_UNMANAGED, REASON_NOT_OURS);
        if (!in->request->readable)
                return make(ACTION_NONE, CONDITION_ORPHANED, REASON_UNREADABLE);
        if (in->n_pending > 1 && !in->pending_ours)
                return make(ACTION_NONE, CONDITION_ORPHANED, REASON_AMBIGUOUS);
        return undeclared_by_status(in);
}

Decision decide(const DecideInput *in) {
        assert(in->declared ? in->policy != NULL : true);
        assert(!in->request || in->request->status < SHARE_STATUS_MAX);

        return in->declared ? decide_declared(in) : decide_undeclared(in);
}

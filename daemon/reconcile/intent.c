/* SPDX-License-Identifier: Apache-2.0 */

/* Intents: memory before and after a call. */

#include "reconcile/intent.h"
#include "reconcile/decide.h"
#include "util/macro.h"
#include "util/time.h"

static void declare_send(ShareMemory *m,
                const PlanEntry *entry,
                uint32_t declaration,
                int64_t framework_updated_usec,
                int64_t now_usec,
                int64_t mono_usec) {
        if (entry->lifted)
                m->attempts = m->renewals = 0;
        if (entry->renewal && m->renewals < SHARE_COUNT_MAX)
                m->renewals++;
        m->send_renewal = entry->renewal;
        m->before_counted = m->counted;
        m->unsettled->before_framework_usec = m->framework_updated_usec;
        m->counted = false;
        m->ours = true;
        m->sent_usec = now_usec;
        m->unsettled->sent_mono_usec = mono_usec;
        m->declaration = declaration;
        m->framework_updated_usec = framework_updated_usec;
}

int intent_declare(ShareMemory *m,
                const PlanEntry *entry,
                uint32_t declaration,
                int64_t framework_updated_usec,
                int64_t now_usec,
                int64_t mono_usec,
                Intent *ret) {
        ActionKind action = (ActionKind) entry->action;
        UnsettledMemory *unsettled;
        int r;

        r = share_memory_unsettle(m, &unsettled);
        if (r < 0)
                return r;
        *ret = (Intent){ .action = action, .before = *m, .before_unsettled = *unsettled };

        m->send_state = SEND_INTENDED;
        m->send_action = entry->action & 7u;
        m->released = false; /* used up; or, if it is there again, said while the call was out */
        if (action_is_send(action))
                declare_send(m, entry, declaration, framework_updated_usec, now_usec, mono_usec);
        if (action == ACTION_REVOKE)
                m->revoked_by_us = true;
        m->dirty = true;
        return 0;
}

void intent_send(const Intent *intent, ShareMemory *m, int64_t now_usec, int64_t mono_usec) {
        if (!action_is_send(intent->action))
                return;
        m->sent_usec = now_usec;
        m->unsettled->sent_mono_usec = mono_usec;
        m->dirty = true;
}

void intent_take_back(const Intent *intent, ShareMemory *m) {
        UnsettledMemory *unsettled = m->unsettled;
        OwnRequests *own = unsettled->own;
        bool reset = m->released;

        *m = intent->before;
        *unsettled = intent->before_unsettled;
        m->unsettled = unsettled;
        unsettled->own = own;
        m->dirty = true;
        if (reset)
                share_memory_reset(m);
}

void intent_leave_unknown(const Intent *intent,
                ShareMemory *m,
                int64_t now_usec,
                int64_t mono_usec) {
        m->send_state = action_is_send(intent->action) ? SEND_UNKNOWN : SEND_NONE;
        /* The call may have been the one to learn that the clock was wrong. */
        if (action_is_send(intent->action))
                m->sent_usec = time_add(now_usec, m->unsettled->sent_mono_usec - mono_usec);
        m->dirty = true;
}

static Condition refused_condition(Reason reason) {
        switch (reason) {
        case REASON_INVALID:
        case REASON_FRAMEWORK_MISSING:
                return CONDITION_STALLED;
        case REASON_QUOTA:
                return CONDITION_HELD;
        default:
                return CONDITION_PROGRESSING;
        }
}

void intent_refuse(const Intent *intent,
                ShareMemory *m,
                PlanEntry *entry,
                Reason reason,
                uint32_t declaration,
                int64_t framework_updated_usec,
                int64_t now_usec) {
        UnsettledMemory *unsettled = m->unsettled;

        intent_take_back(intent, m);
        m->refused = reason & 63u;
        unsettled->refusals = (uint8_t) MIN(unsettled->refusals + 1, UINT8_MAX);
        unsettled->retry_usec = time_add(now_usec, decide_backoff(&m->key, unsettled->refusals));

        entry->next_usec = unsettled->retry_usec;
        if (!action_is_send(intent->action))
                return;

        /* What lifted the stall is used up only by a send. */
        if (entry->lifted)
                m->attempts = m->renewals = 0;
        m->declaration = declaration;
        unsettled->refused_framework_usec = framework_updated_usec;
        entry->condition = (uint8_t) refused_condition(reason);
        entry->reason = (uint8_t) reason;
        entry->warn = entry->condition != CONDITION_PROGRESSING;
        if (entry->condition == CONDITION_STALLED)
                entry->next_usec = TIME_INFINITY;
}

Reason intent_refusal(ActionKind action, OutcomeKind kind) {
        switch (kind) {
        case OUTCOME_INVALID:
                return action_is_send(action) ? REASON_INVALID : REASON_REQUEST_FAILED;
        case OUTCOME_NOT_FOUND:
                return action_is_send(action) ? REASON_FRAMEWORK_MISSING : REASON_REQUEST_FAILED;
        case OUTCOME_ACCESS_DENIED:
                return REASON_ACCESS_DENIED;
        case OUTCOME_QUOTA:
                return REASON_QUOTA;
        case OUTCOME_ERROR:
                return REASON_REQUEST_FAILED;
        case OUTCOME_OK:
        case OUTCOME_UNKNOWN:
        case OUTCOME_THROTTLED:
        case OUTCOME_UNREACHABLE:
        case OUTCOME_UNREADABLE:
        case OUTCOME_NOT_SET_UP:
        case OUTCOME_CREDENTIALS:
        case OUTCOME_WRONG_IDENTITY:
        case OUTCOME_CANCELLED:
        case OUTCOME_MAX:
                break;
        }
        return REASON_NONE;
}

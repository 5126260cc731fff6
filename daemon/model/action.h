#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What is done about a share, in what condition it is, and why: the words of status, plan and
 * journal. */

#include <stdbool.h>

typedef enum ActionKind {
        ACTION_NONE,
        ACTION_WAIT, /* nothing now; look again at a deadline */
        ACTION_START,
        ACTION_RESEND, /* the same call as a start, over a request that lives */
        ACTION_REVOKE,
        ACTION_DELETE,
        ACTION_MAX
} ActionKind;

typedef enum Condition {
        CONDITION_UNKNOWN, /* nothing known yet */
        CONDITION_READY,
        CONDITION_PENDING,
        CONDITION_PROGRESSING,
        CONDITION_HELD,
        CONDITION_STALLED,
        CONDITION_ORPHANED,
        CONDITION_UNMANAGED,
        CONDITION_MAX
} Condition;

typedef enum Reason {
        REASON_NONE,
        REASON_STARTED,
        REASON_SETTLING,
        REASON_AWAITING_RECIPIENT,
        REASON_EXPIRING,
        REASON_RENEWALS_EXHAUSTED,
        REASON_REPLICATING,
        REASON_SHARED,
        REASON_RECORD_GONE,
        REASON_OUT_OF_DATE,
        REASON_FAILED,
        REASON_ATTEMPTS_EXHAUSTED,
        REASON_EXPIRED,
        REASON_DECLINED,
        REASON_REVOKED,
        REASON_UNKNOWN_STATUS,
        REASON_AMBIGUOUS,
        REASON_UNREADABLE,
        REASON_COMMENT_DIFFERS,
        REASON_NEWER_THAN_PIN,
        REASON_FRAMEWORK_MISSING,
        REASON_FRAMEWORK_AMBIGUOUS,
        REASON_SUSPENDED,
        REASON_QUOTA,
        REASON_UNDESIRED, /* no longer declared */
        REASON_IRREVOCABLE, /* no longer declared, and a copy cannot be recalled */
        REASON_NOT_OURS,
        REASON_INVALID, /* the service refused the call as invalid */
        REASON_ACCESS_DENIED, /* the service denied the call; tried again slowly */
        REASON_REQUEST_FAILED, /* the service answered another error; tried again slowly */
        REASON_MAX
} Reason;

/* Start and resend: a request goes out to a recipient. */
static inline bool action_is_send(ActionKind action) {
        return action == ACTION_START || action == ACTION_RESEND;
}

/* Sends, and revoke and delete: something changes at AWS. */
static inline bool action_is_write(ActionKind action) {
        return action_is_send(action) || action == ACTION_REVOKE || action == ACTION_DELETE;
}

/* "start", …, "none". */
const char *action_name(ActionKind action);

/* "ready", …; NULL for CONDITION_UNKNOWN. */
const char *condition_name(Condition condition);
Condition condition_from_name(const char *name);

/* "AwaitingRecipient", …; NULL for REASON_NONE. */
const char *reason_name(Reason reason);
Reason reason_from_name(const char *name);
ActionKind action_from_name(const char *name);

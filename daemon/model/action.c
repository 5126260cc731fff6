/* SPDX-License-Identifier: Apache-2.0 */

/* The words of status, plan and journal. */

#include <assert.h>

#include "model/action.h"
#include "model/enum.h"
#include "util/macro.h"

static const char *const actions[ACTION_MAX] = {
        [ACTION_NONE] = "none",
        [ACTION_WAIT] = "wait",
        [ACTION_START] = "start",
        [ACTION_RESEND] = "resend",
        [ACTION_REVOKE] = "revoke",
        [ACTION_DELETE] = "delete",
};

static const char *const conditions[CONDITION_MAX] = {
        [CONDITION_READY] = "ready",
        [CONDITION_PENDING] = "pending",
        [CONDITION_PROGRESSING] = "progressing",
        [CONDITION_HELD] = "held",
        [CONDITION_STALLED] = "stalled",
        [CONDITION_ORPHANED] = "orphaned",
        [CONDITION_UNMANAGED] = "unmanaged",
};

static const char *const reasons[REASON_MAX] = {
        [REASON_STARTED] = "Started",
        [REASON_SETTLING] = "Settling",
        [REASON_AWAITING_RECIPIENT] = "AwaitingRecipient",
        [REASON_EXPIRING] = "Expiring",
        [REASON_RENEWALS_EXHAUSTED] = "RenewalsExhausted",
        [REASON_REPLICATING] = "Replicating",
        [REASON_SHARED] = "Shared",
        [REASON_RECORD_GONE] = "RecordGone",
        [REASON_OUT_OF_DATE] = "OutOfDate",
        [REASON_FAILED] = "Failed",
        [REASON_ATTEMPTS_EXHAUSTED] = "AttemptsExhausted",
        [REASON_EXPIRED] = "Expired",
        [REASON_DECLINED] = "Declined",
        [REASON_REVOKED] = "Revoked",
        [REASON_UNKNOWN_STATUS] = "UnknownStatus",
        [REASON_AMBIGUOUS] = "Ambiguous",
        [REASON_UNREADABLE] = "Unreadable",
        [REASON_COMMENT_DIFFERS] = "CommentDiffers",
        [REASON_NEWER_THAN_PIN] = "NewerThanPin",
        [REASON_FRAMEWORK_MISSING] = "FrameworkMissing",
        [REASON_FRAMEWORK_AMBIGUOUS] = "FrameworkAmbiguous",
        [REASON_SUSPENDED] = "Suspended",
        [REASON_QUOTA] = "Quota",
        [REASON_UNDESIRED] = "Undesired",
        [REASON_IRREVOCABLE] = "Irrevocable",
        [REASON_NOT_OURS] = "NotOurs",
        [REASON_INVALID] = "Invalid",
        [REASON_ACCESS_DENIED] = "AccessDenied",
        [REASON_REQUEST_FAILED] = "RequestFailed",
};

const char *action_name(ActionKind action) {
        assert(action < ACTION_MAX);
        return actions[action];
}

ActionKind action_from_name(const char *name) {
        int i = enum_find(actions, ELEMENTSOF(actions), name);

        return i < 0 ? ACTION_NONE : (ActionKind) i;
}

const char *condition_name(Condition condition) {
        assert(condition < CONDITION_MAX);
        return conditions[condition];
}

Condition condition_from_name(const char *name) {
        int i = enum_find(conditions, ELEMENTSOF(conditions), name);

        return i < 0 ? CONDITION_UNKNOWN : (Condition) i;
}

const char *reason_name(Reason reason) {
        assert(reason < REASON_MAX);
        return reasons[reason];
}

Reason reason_from_name(const char *name) {
        int i = enum_find(reasons, ELEMENTSOF(reasons), name);

        return i < 0 ? REASON_NONE : (Reason) i;
}

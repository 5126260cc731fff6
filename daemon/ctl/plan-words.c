/* SPDX-License-Identifier: Apache-2.0 */

/* What is done about a share and why, in plain words. */

#include <assert.h>

#include "ctl/output.h"
#include "ctl/plan-words.h"
#include "util/macro.h"
#include "util/time.h"

/* Why it is as it is. */
static const char *const states[] = {
        [REASON_NONE] = "",
        [REASON_STARTED] = "sent a moment ago, not listed yet",
        [REASON_SETTLING] = "sent a moment ago, settling",
        [REASON_AWAITING_RECIPIENT] = "the recipient has not answered yet",
        [REASON_EXPIRING] = "the invitation runs out",
        [REASON_RENEWALS_EXHAUSTED] = "sent again as often as max_renewals allows",
        [REASON_REPLICATING] = "accepted, and being copied",
        [REASON_SHARED] = "the recipient has it",
        [REASON_RECORD_GONE] = "the recipient has it, only the record is gone",
        [REASON_OUT_OF_DATE] = "the framework changed since it was sent",
        [REASON_FAILED] = "the last request failed",
        [REASON_ATTEMPTS_EXHAUSTED] = "failed max_attempts times; is Audit Manager enabled there?",
        [REASON_EXPIRED] = "the invitation ended unanswered",
        [REASON_DECLINED] = "the recipient declined; asking again is for people to decide",
        [REASON_REVOKED] = "somebody else revoked it",
        [REASON_UNKNOWN_STATUS] = "a status that this version does not know",
        [REASON_AMBIGUOUS] = "several requests are open, and not all of them are ours",
        [REASON_UNREADABLE] = "its record could not be read",
        [REASON_COMMENT_DIFFERS] = "its comment differs from the declared one",
        [REASON_NEWER_THAN_PIN] = "the framework is newer than its pin",
        [REASON_FRAMEWORK_MISSING] = "the source has no such framework",
        [REASON_FRAMEWORK_AMBIGUOUS] = "several frameworks or declarations go by this name",
        [REASON_SUSPENDED] = "suspended in the shares file",
        [REASON_QUOTA] = "the quota of recipient accounts is used up",
        [REASON_UNDESIRED] = "no longer declared",
        [REASON_IRREVOCABLE] = "no longer declared, but a copy cannot be recalled",
        [REASON_NOT_OURS] = "neither declared nor sent by us",
        [REASON_INVALID] = "the service refused it as invalid; change its declaration",
        [REASON_ACCESS_DENIED] = "the service denied it; it is tried again slowly",
        [REASON_REQUEST_FAILED] = "the service answered an error; it is tried again slowly",
};
static_assert(ELEMENTSOF(states) == REASON_MAX, "every reason has words");

const char *reason_words(Reason reason) {
        assert(reason < REASON_MAX);
        return states[reason];
}

/* Why a share is sent: where that is not the words above. */
static const char *why_sent(const ShareView *view) {
        switch (view->reason) {
        case REASON_STARTED:
                return view->status ? "its request is gone" : "nothing has been sent yet";
        case REASON_DECLINED:
                return "the recipient declined, and policy asks again";
        case REASON_REVOKED:
                return "somebody else revoked it, and policy asks again";
        default:
                return states[view->reason];
        }
}

static void add_action(Buffer *buffer, const ShareView *view, int64_t now) {
        char age[AGE_TEXT_MAX];

        (void) buffer_addf(buffer, "%s: ",
                        view->action == ACTION_DELETE ? "delete the record"
                                                      : action_name(view->action));
        if (view->reason == REASON_EXPIRING && view->expires_usec != TIME_UNKNOWN)
                (void) buffer_addf(buffer, "%s %s",
                                view->expires_usec > now ? "expires" : "expired",
                                age_format(view->expires_usec, now, age));
        else
                (void) buffer_add(buffer, why_sent(view));
}

void plan_words(Buffer *buffer, const ShareView *view, int64_t now) {
        const char *condition = condition_name(view->condition);
        char span[TIME_TEXT_MAX];

        switch (view->action) {
        case ACTION_START:
        case ACTION_RESEND:
        case ACTION_REVOKE:
        case ACTION_DELETE:
                add_action(buffer, view, now);
                return;
        case ACTION_WAIT:
                (void) buffer_add(buffer, "wait");
                if (view->next_attempt_usec != TIME_UNKNOWN
                                && view->next_attempt_usec != TIME_INFINITY)
                        (void) buffer_addf(buffer, " %s",
                                        span_format(view->next_attempt_usec - now, span));
                break;
        case ACTION_NONE:
        case ACTION_MAX:
                (void) buffer_add(buffer, condition ? condition : "unknown");
                break;
        }
        if (view->reason != REASON_NONE)
                (void) buffer_addf(buffer, ": %s", states[view->reason]);
}

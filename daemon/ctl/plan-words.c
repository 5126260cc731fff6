/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is done about a share and why, in plain words
 *
 * With the numbers that a person would look up next. What the journal says of the same things is in
 * reconcile/report.c.
 */

#include <assert.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/plan-words.h"
#include "util/macro.h"
#include "util/string-util.h"
#include "util/time.h"

/* Why it is as it is. */
static const char *const states[] = {
        [REASON_NONE] = "",
        [REASON_STARTED] = "sent a moment ago, not listed yet",
        [REASON_SETTLING] = "sent a moment ago, settling",
        [REASON_AWAITING_RECIPIENT] = "the recipient has not answered yet",
        [REASON_EXPIRING] = "the invitation runs out",
        [REASON_RENEWALS_EXHAUSTED] = "sent again as often as allowed",
        [REASON_REPLICATING] = "accepted, and being copied",
        [REASON_SHARED] = "the recipient has it",
        [REASON_RECORD_GONE] = "the recipient has it, only the record is gone",
        [REASON_OUT_OF_DATE] = "the framework changed since it was sent",
        [REASON_FAILED] = "the last request failed",
        [REASON_ATTEMPTS_EXHAUSTED] = "failed as often as allowed",
        [REASON_EXPIRED] = "the invitation ended unanswered",
        [REASON_DECLINED] = "the recipient declined",
        [REASON_REVOKED] = "somebody else revoked it",
        [REASON_UNKNOWN_STATUS] = "a status that this version does not know",
        [REASON_AMBIGUOUS] = "several requests are open, and not all of them are ours",
        [REASON_UNREADABLE] = "its record could not be read",
        [REASON_COMMENT_DIFFERS] = "its comment differs from the declared one",
        [REASON_NEWER_THAN_PIN] = "newer than its pin",
        [REASON_FRAMEWORK_MISSING] = "the source has no such framework",
        [REASON_FRAMEWORK_AMBIGUOUS] = "several frameworks or declarations go by this name",
        [REASON_SUSPENDED] = "suspended in the shares file",
        [REASON_QUOTA] = "a quota of the service is used up",
        [REASON_UNDESIRED] = "no longer declared",
        [REASON_IRREVOCABLE] = "no longer declared, but a copy cannot be recalled",
        [REASON_NOT_OURS] = "neither declared nor sent by us",
        [REASON_INVALID] = "the service refused it as invalid",
        [REASON_ACCESS_DENIED] = "the service denied it; it is tried again slowly",
        [REASON_REQUEST_FAILED] = "the service answered an error; it is tried again slowly",
};
static_assert(ELEMENTSOF(states) == REASON_MAX, "every reason has words");

const char *reason_words(Reason reason) {
        assert(reason < REASON_MAX);
        return states[reason];
}

/* --- what is known of a share --- */

static const Policy *policy_of(const PlanShare *share) {
        return share->entry->framework == PLAN_NO_INDEX
                        ? NULL
                        : &share->scope->desired->frameworks[share->entry->framework].policy;
}

static const ShareMemory *memory_of(const PlanShare *share) {
        return &share->scope->table->items[share->entry->memory];
}

/* Which send of how many this one is; or how many there were, where there will be no other. */
static void count_sends(PlanShare *share) {
        const Policy *policy = policy_of(share);
        const ShareMemory *m = memory_of(share);
        bool lifted = share->entry->lifted;

        if (!policy)
                return;
        if (share->entry->renewal) {
                share->number = lifted ? 1 : m->renewals + 1u;
                share->of = policy->value[POLICY_MAX_RENEWALS];
        } else if (share->view.reason == REASON_FAILED && share->view.action != ACTION_NONE) {
                share->number = lifted ? 1 : m->attempts + 1u;
                share->of = policy->value[POLICY_MAX_ATTEMPTS];
        } else if (share->view.reason == REASON_RENEWALS_EXHAUSTED) {
                share->number = m->renewals;
                share->of = policy->value[POLICY_MAX_RENEWALS];
        } else if (share->view.reason == REASON_ATTEMPTS_EXHAUSTED) {
                share->number = m->attempts;
                share->of = policy->value[POLICY_MAX_ATTEMPTS];
        }
}

static int64_t time_named(const ShareView *view) {
        if (view->action == ACTION_WAIT && view->next_attempt_usec != TIME_INFINITY)
                return view->next_attempt_usec;
        if (action_is_write(view->action) && view->reason == REASON_EXPIRING)
                return view->expires_usec;
        return TIME_UNKNOWN;
}

PlanShare plan_share(const Scope *scope, const PlanEntry *entry) {
        PlanShare share = { .scope = scope, .entry = entry, .view = scope_view(scope, entry) };

        share.from_usec = share.to_usec = time_named(&share.view);
        count_sends(&share);
        return share;
}

bool plan_share_is_alike(const PlanShare *a, const PlanShare *b) {
        /* Two entries of one framework may have pins of their own. */
        if (a->view.reason == REASON_NEWER_THAN_PIN && a->entry->framework != b->entry->framework)
                return false;
        return a->view.action == b->view.action && a->view.condition == b->view.condition
                        && a->view.reason == b->view.reason && a->number == b->number
                        && a->of == b->of && streq_null(a->view.status, b->view.status)
                        && (a->from_usec == TIME_UNKNOWN) == (b->from_usec == TIME_UNKNOWN);
}

/* --- times --- */

/* "12 days", "1 day", "5h 3min". */
static const char *days_format(int64_t usec, char text[static TIME_TEXT_MAX]) {
        int64_t days = usec / USEC_PER_DAY;

        if (days == 0)
                return span_format(usec, text);
        (void) snprintf(text, TIME_TEXT_MAX, "%lld day%s", (long long) days,
                        plural((uint64_t) days));
        return text;
}

typedef const char *(*SpanFormat)(int64_t usec, char text[static TIME_TEXT_MAX]);

/* "12 days", "12 to 29 days", "14min to 16min". */
static void add_spans(Buffer *buffer, int64_t from, int64_t to, SpanFormat format) {
        char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];
        const char *unit;

        (void) format(MAX(from, 0), first);
        (void) format(MAX(to, 0), last);
        if (!streq(first, last)) {
                unit = strstr(first, " day");
                (void) buffer_addf(buffer, "%.*s to ",
                                unit && strstr(last, " day") ? (int) (unit - first)
                                                             : (int) strlen(first),
                                first);
        }
        (void) buffer_add(buffer, last);
}

/* --- words --- */

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

static void add_count(Buffer *buffer, const PlanShare *share) {
        if (share->of > 0)
                (void) buffer_addf(buffer, ", %s" NO_BREAK "%u" NO_BREAK "of" NO_BREAK "%u",
                                share->entry->renewal ? "renewal" : "attempt", share->number,
                                share->of);
}

static void add_action(Buffer *buffer, const PlanShare *share, int64_t now) {
        const ShareView *view = &share->view;

        (void) buffer_addf(buffer, "%s: ",
                        view->action == ACTION_DELETE ? "delete the record"
                                                      : action_name(view->action));
        if (share->from_usec == TIME_UNKNOWN)
                (void) buffer_add(buffer, why_sent(view));
        else if (share->to_usec <= now)
                (void) buffer_add(buffer, "expired a moment ago");
        else {
                (void) buffer_add(buffer, "expires in ");
                add_spans(buffer, share->from_usec - now, share->to_usec - now, days_format);
        }
        add_count(buffer, share);
}

static void add_wait(Buffer *buffer, const PlanShare *share, int64_t now) {
        (void) buffer_add(buffer, "wait");
        if (share->from_usec != TIME_UNKNOWN) {
                (void) buffer_add_char(buffer, ' ');
                add_spans(buffer, share->from_usec - now, share->to_usec - now, span_format);
        }
        if (share->view.reason != REASON_NONE)
                (void) buffer_addf(buffer, ": %s", states[share->view.reason]);
        if (share->of > 0)
                (void) buffer_addf(buffer,
                                ", then attempt" NO_BREAK "%u" NO_BREAK "of" NO_BREAK "%u",
                                share->number, share->of);
}

static void add_pin(Buffer *buffer, const PlanShare *share) {
        uint32_t framework = share->entry->framework;
        int64_t pin = framework == PLAN_NO_INDEX
                        ? TIME_UNKNOWN
                        : share->scope->desired->frameworks[framework].pin_usec;
        char text[TIME_TEXT_MAX];

        (void) buffer_addf(buffer, "%s%s%s", states[REASON_NEWER_THAN_PIN],
                        pin == TIME_UNKNOWN ? "" : " ", time_format(pin, text));
}

/* Why nothing is done. */
static void add_reason(Buffer *buffer, const PlanShare *share) {
        switch (share->view.reason) {
        case REASON_ATTEMPTS_EXHAUSTED:
                (void) buffer_addf(buffer, "failed %u time%s (max_attempts)", share->number,
                                plural(share->number));
                return;
        case REASON_RENEWALS_EXHAUSTED:
                (void) buffer_addf(buffer, "sent again %u time%s (max_renewals)", share->number,
                                plural(share->number));
                return;
        case REASON_NEWER_THAN_PIN:
                add_pin(buffer, share);
                return;
        case REASON_QUOTA:
                (void) buffer_addf(buffer,
                                "the quota of %u recipient account%s is used up "
                                "(limits.recipient_accounts)",
                                share->scope->settings->limits.recipient_accounts,
                                plural(share->scope->settings->limits.recipient_accounts));
                return;
        default:
                (void) buffer_add(buffer, states[share->view.reason]);
                return;
        }
}

void plan_words(Buffer *buffer, const PlanShare *share, int64_t now) {
        const char *condition = condition_name(share->view.condition);

        switch (share->view.action) {
        case ACTION_START:
        case ACTION_RESEND:
        case ACTION_REVOKE:
        case ACTION_DELETE:
                add_action(buffer, share, now);
                return;
        case ACTION_WAIT:
                add_wait(buffer, share, now);
                return;
        case ACTION_NONE:
        case ACTION_MAX:
                break;
        }
        (void) buffer_add(buffer, condition ? condition : "unknown");
        if (share->view.reason != REASON_NONE) {
                (void) buffer_add(buffer, ": ");
                add_reason(buffer, share);
        }
}

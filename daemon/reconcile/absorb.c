/* SPDX-License-Identifier: Apache-2.0 */

/* Taking an observation of one share into its memory. */

#include <assert.h>
#include <stdlib.h>

#include "reconcile/absorb.h"
#include "util/macro.h"
#include "util/time.h"

/*
 * A call that was announced but never answered: the process died in between. From now on its
 * outcome is unknown. When it was sent is not known either, but that it was before now: settle
 * counts from here.
 */
static int notice_interruption(const AbsorbInput *in, ShareMemory *memory, Absorbed *result) {
        UnsettledMemory *unsettled;
        int r;

        if (memory->send_state != SEND_INTENDED)
                return 0;
        r = share_memory_unsettle(memory, &unsettled);
        if (r < 0)
                return r;

        result->interrupted = true;
        result->interrupted_action = (ActionKind) memory->send_action;
        memory->send_state =
                        action_is_send((ActionKind) memory->send_action) ? SEND_UNKNOWN : SEND_NONE;
        if (memory->send_state == SEND_UNKNOWN)
                unsettled->sent_mono_usec = in->mono_usec;
        memory->dirty = true;
        return 0;
}

/* Only a send makes an invitation last longer; what has become of it since moves its lastUpdated
 * out of any window. */
static bool lasts_longer(const ShareMemory *memory, const ShareRequest *request) {
        return memory->expires != 0 && seconds_from_usec(request->expires_usec) > memory->expires;
}

/* The same of one beside the effective one, whosever it is: AWS may have sent that anew. */
static bool outlasts_beside(const ShareMemory *memory, const ShareRequest *request) {
        Seconds expires = share_memory_unsettled(memory)->beside_expires;

        return expires != 0 && share_status_is_pending((ShareStatus) request->status)
                        && seconds_from_usec(request->expires_usec) > expires;
}

/* Whether a request can be what a send of unknown outcome made, or made anew. */
static bool is_of_send(const AbsorbInput *in,
                const ShareMemory *memory,
                const ShareRequest *request) {
        int64_t from = time_add(memory->sent_usec, -ABSORB_CLOCK_SLACK);
        int64_t to = time_add(time_add(memory->sent_usec, in->settle_usec), ABSORB_CLOCK_SLACK);

        if (!request->readable)
                return false;
        /* No clock is given the benefit of the doubt: a failure is started anew either way. */
        if (request->status == SHARE_STATUS_FAILED && uuid_equal(&request->id, &memory->request_id))
                from = memory->sent_usec;
        if (uuid_equal(&request->id, &memory->request_id))
                return lasts_longer(memory, request)
                                || (request->updated_usec > memory->updated_usec
                                                && request->updated_usec >= from
                                                && request->updated_usec <= to);
        /* It was there before. */
        if (share_memory_owns(memory, &request->id) || request->created_usec < from)
                return outlasts_beside(memory, request);
        return request->created_usec <= to;
}

static bool has_settled(const AbsorbInput *in, const ShareMemory *memory) {
        return in->now_usec >= share_memory_settled_usec(
                               memory, in->settle_usec, in->now_usec, in->mono_usec);
}

/* What cannot be read may be what the send made. */
static bool all_readable(const AbsorbInput *in) {
        for (size_t i = 0; i < in->n_requests; i++)
                if (!in->requests[i].readable)
                        return false;
        return true;
}

/* The listing has had its time, and shows nothing of the send: it was not processed, and counts for
 * nothing. */
static void close_unprocessed(const AbsorbInput *in, ShareMemory *memory) {
        if (!has_settled(in, memory) || !all_readable(in))
                return;

        memory->send_state = SEND_NONE;
        memory->framework_updated_usec = share_memory_unsettled(memory)->before_framework_usec;
        memory->counted = memory->before_counted;
        if (memory->send_renewal && memory->renewals > 0)
                memory->renewals--;
        memory->send_renewal = false;
        memory->declaration = 0;
        memory->dirty = true;
}

static int resolve_unknown(const AbsorbInput *in, ShareMemory *memory) {
        int r;

        if (memory->send_state != SEND_UNKNOWN)
                return 0;

        for (size_t i = 0; i < in->n_requests; i++)
                if (is_of_send(in, memory, &in->requests[i])) {
                        r = share_memory_add_own(memory, &in->requests[i].id);
                        if (r < 0)
                                return r;
                        memory->send_state = SEND_ANSWERED;
                        /* Perhaps it was made late, or by somebody else just then: it carries what
                         * the framework was when it was made. */
                        memory->framework_updated_usec = MAX(memory->framework_updated_usec,
                                        in->requests[i].created_usec);
                        memory->dirty = true;
                        return 0;
                }
        close_unprocessed(in, memory);
        return 0;
}

/* The same after a revocation of ours. */
static bool is_stale_after_revoke(const AbsorbInput *in,
                const ShareMemory *memory,
                const ShareRequest *request) {
        return memory->revoked_by_us && memory->status == SHARE_STATUS_REVOKED
                        && uuid_equal(&request->id, &memory->request_id)
                        && request->updated_usec <= memory->updated_usec
                        && in->now_usec < time_add(memory->status_since_usec, in->settle_usec);
}

/* Shortly after a send of ours, a listing may still show the world before it. */
static bool is_stale(const AbsorbInput *in,
                const ShareMemory *memory,
                const ShareRequest *request) {
        if (memory->sent_usec == TIME_UNKNOWN
                        || in->now_usec >= time_add(memory->sent_usec, in->settle_usec)
                        || uuid_is_null(&memory->request_id))
                return false;
        if (uuid_equal(&request->id, &memory->request_id))
                return request->updated_usec < memory->updated_usec;
        return request->created_usec < memory->created_usec;
}

/* The effective request is another one than before: the former stays ours if it was, as a resend
 * may leave it alive. */
static int follow_request(ShareMemory *memory, const ShareRequest *request) {
        bool owned = share_memory_owns(memory, &request->id);
        int r;

        if (memory->own_request && share_status_is_live((ShareStatus) memory->status)) {
                r = share_memory_add_own(memory, &memory->request_id);
                if (r < 0)
                        return r;
        }
        memory->request_id = request->id;
        memory->own_request = owned;
        memory->revoked_by_us = false;
        return 0;
}

/* A failure that is listed while nothing is known of the last send is that of the one before it. */
static void count_failure(ShareMemory *memory) {
        bool former = memory->send_state == SEND_UNKNOWN;

        if (former ? memory->before_counted : memory->counted)
                return;
        if (memory->attempts < SHARE_COUNT_MAX)
                memory->attempts++;
        if (former)
                memory->before_counted = true;
        else
                memory->counted = true;
}

static void count(ShareMemory *memory) {
        if (memory->status == SHARE_STATUS_SHARED)
                memory->attempts = memory->renewals = 0;

        if (memory->status == SHARE_STATUS_FAILED && memory->own_request
                        && memory->sent_usec != TIME_UNKNOWN)
                count_failure(memory);
}

/* `sent`: the request is known to be of our own last send. */
static int take_request(const ShareRequest *request,
                bool sent,
                int64_t now_usec,
                ShareMemory *memory,
                Absorbed *result) {
        bool same = uuid_equal(&memory->request_id, &request->id);
        int r;

        if (same && !sent && memory->status == request->status
                        && memory->created_usec == request->created_usec
                        && memory->updated_usec == request->updated_usec
                        && memory->expires == seconds_from_usec(request->expires_usec))
                return 0;

        if (!same) {
                r = follow_request(memory, request);
                if (r < 0)
                        return r;
        }
        if (sent) {
                memory->own_request = true;
                memory->revoked_by_us = false;
        }
        result->changed = memory->status != request->status;
        result->old_status = (ShareStatus) memory->status;
        if (result->changed || !same) {
                memory->status_since_usec = now_usec;
                memory->released = false;
        }

        memory->status = request->status & 15u;
        memory->created_usec = request->created_usec;
        memory->updated_usec = request->updated_usec;
        memory->expires = seconds_from_usec(request->expires_usec);
        memory->dirty = true;
        count(memory);
        return 0;
}

/* What is declared becomes ours, with the version that its request can have carried. */
static void adopt(const AbsorbInput *in,
                const ShareRequest *request,
                ShareMemory *memory,
                const Absorbed *result) {
        int64_t carries;

        if (!in->declared)
                return;
        if (!memory->ours) {
                memory->ours = true;
                memory->dirty = true;
        }
        if (!request)
                return;
        /* It lives, and is wanted: whoever revokes it from now on is somebody else. */
        if (memory->revoked_by_us && memory->send_state != SEND_INTENDED
                        && share_status_is_live((ShareStatus) memory->status)) {
                memory->revoked_by_us = false;
                memory->dirty = true;
        }
        if (memory->own_request || result->n_pending > 1)
                return;

        memory->own_request = true;
        memory->counted = true; /* should it fail, it was no send of ours that failed */
        carries = MAX(request->created_usec, request->updated_usec);
        memory->framework_updated_usec = MAX(memory->framework_updated_usec, carries);
        /* So it does, should a send before it turn out not to have been processed. */
        if (memory->unsettled)
                memory->unsettled->before_framework_usec =
                                MAX(memory->unsettled->before_framework_usec, carries);
        memory->dirty = true;
}

/* No longer declared, and over: its counts and stalls are forgotten. What a person refused is not.
 */
static void forget_ended(const AbsorbInput *in, ShareMemory *memory) {
        bool stalled = memory->refused == REASON_INVALID
                        || memory->refused == REASON_FRAMEWORK_MISSING;

        if (in->declared || !share_status_is_ended((ShareStatus) memory->status)
                        || (memory->attempts == 0 && memory->renewals == 0 && !stalled))
                return;

        memory->attempts = memory->renewals = 0;
        memory->counted = true;
        if (stalled)
                memory->refused = REASON_NONE;
        memory->dirty = true;
}

/* Stamps of a clock that was ahead must not make a share wait for that time to come. */
static void clamp(int64_t *stamp, int64_t most, ShareMemory *memory) {
        if (*stamp == TIME_UNKNOWN || *stamp <= most)
                return;
        *stamp = most;
        memory->dirty = true;
}

static void clamp_stamps(const AbsorbInput *in, ShareMemory *memory) {
        clamp(&memory->sent_usec, in->now_usec, memory);
        clamp(&memory->status_since_usec, in->now_usec, memory);
        if (memory->condition_since > seconds_from_usec(in->now_usec)) {
                memory->condition_since = seconds_from_usec(in->now_usec);
                memory->dirty = true;
        }
        if (memory->unsettled)
                clamp(&memory->unsettled->retry_usec, time_add(in->now_usec, 2 * USEC_PER_DAY),
                                memory);
}

/* No other request is live; nor is one listed that is ours and has ended: should the live one go,
 * that is what is left, and it counts. */
static bool is_alone(const AbsorbInput *in, const ShareMemory *memory) {
        bool listed = false;

        for (size_t i = 0; i < in->n_requests; i++) {
                const ShareRequest *request = &in->requests[i];

                if (uuid_equal(&request->id, &memory->request_id))
                        listed = true;
                else if (share_status_is_live((ShareStatus) request->status)
                                || share_memory_owns(memory, &request->id))
                        return false;
        }
        return listed;
}

/* How long those last that a send may be made over, beside the effective one. */
static int note_beside_expiry(const AbsorbInput *in, ShareMemory *memory) {
        Seconds expires = 0;
        UnsettledMemory *unsettled;
        int r;

        if (memory->send_state == SEND_UNKNOWN)
                return 0;
        for (size_t i = 0; i < in->n_requests; i++) {
                const ShareRequest *request = &in->requests[i];

                if (request->readable && share_status_is_pending((ShareStatus) request->status)
                                && !uuid_equal(&request->id, &memory->request_id))
                        expires = MAX(expires, seconds_from_usec(request->expires_usec));
        }
        if (expires == share_memory_unsettled(memory)->beside_expires)
                return 0;

        r = share_memory_unsettle(memory, &unsettled);
        if (r < 0)
                return r;
        unsettled->beside_expires = expires;
        memory->dirty = true;
        return 0;
}

/* With one live request left, and that one known, there is nothing to tell apart any more. */
static void forget_former(const AbsorbInput *in, ShareMemory *memory) {
        UnsettledMemory *unsettled = memory->unsettled;

        if (!unsettled || !unsettled->own || !memory->own_request
                        || memory->send_state == SEND_UNKNOWN
                        || !share_status_is_live((ShareStatus) memory->status)
                        || !is_alone(in, memory))
                return;
        if (memory->sent_usec != TIME_UNKNOWN
                        && in->now_usec < time_add(memory->sent_usec, in->settle_usec))
                return;

        free(unsettled->own);
        unsettled->own = NULL;
        memory->dirty = true;
}

/* Nothing is under way, nothing is wrong, and by no clock does it have to wait. */
static bool is_settled(const AbsorbInput *in, const ShareMemory *memory) {
        const UnsettledMemory *unsettled = memory->unsettled;

        return memory->send_state != SEND_INTENDED && memory->send_state != SEND_UNKNOWN
                        && memory->refused == REASON_NONE && unsettled->refusals == 0
                        && !unsettled->own && unsettled->beside_expires == 0
                        && unsettled->status_name == 0
                        && (unsettled->retry_usec == TIME_UNKNOWN
                                        || unsettled->retry_usec <= in->now_usec)
                        && has_settled(in, memory);
}

/* None of it is of any use any more. */
static void forget_unsettled(const AbsorbInput *in, ShareMemory *memory) {
        if (memory->unsettled && is_settled(in, memory))
                share_memory_done(memory);
}

static void count_pending(const AbsorbInput *in, const ShareMemory *memory, Absorbed *result) {
        result->pending_ours = true;
        for (size_t i = 0; i < in->n_requests; i++) {
                if (!share_status_is_pending((ShareStatus) in->requests[i].status))
                        continue;
                result->n_pending++;
                if (!share_memory_owns(memory, &in->requests[i].id))
                        result->pending_ours = false;
        }
}

int absorb(const AbsorbInput *in, ShareMemory *memory, Absorbed *ret) {
        const ShareRequest *request = in->n_requests > 0 ? &in->requests[0] : NULL;
        Absorbed result = { .request = request };
        int r;

        assert(in->requests || in->n_requests == 0);

        clamp_stamps(in, memory);
        r = notice_interruption(in, memory, &result);
        if (r >= 0)
                r = resolve_unknown(in, memory);
        if (r < 0)
                return r;

        if (request && request->readable && !is_stale(in, memory, request)
                        && !is_stale_after_revoke(in, memory, request)) {
                r = take_request(request, false, in->now_usec, memory, &result);
                if (r < 0)
                        return r;
        }
        count_pending(in, memory, &result);
        adopt(in, request && request->readable ? request : NULL, memory, &result);
        forget_former(in, memory);
        r = note_beside_expiry(in, memory);
        if (r < 0)
                return r;
        forget_ended(in, memory);
        forget_unsettled(in, memory);

        *ret = result;
        return 0;
}

int absorb_answer(const ShareRequest *answer,
                bool of_send,
                int64_t now_usec,
                ShareMemory *memory,
                Absorbed *ret) {
        Absorbed result = { .request = answer };
        int r;

        r = take_request(answer, of_send, now_usec, memory, &result);
        if (r < 0)
                return r;

        *ret = result;
        return 0;
}

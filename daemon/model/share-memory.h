#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is remembered of one share: what the service did, what it saw, what it said
 *
 * Only plain values, so that reconcile/ can compute with it and record/ can store it. Times are by
 * the service's clock, as far as that is known (reconcile/scope.h). A zero-initialised one with a
 * key and times of TIME_UNKNOWN is a share of which nothing is known.
 *
 * There can be a million of them, and nearly all are settled: what is only of use until then is
 * kept apart, and only where there is any.
 */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/action.h"
#include "model/share.h"
#include "util/strings.h"
#include "util/time.h"

typedef enum SendState {
        SEND_NONE, /* nothing is under way */
        SEND_INTENDED, /* written before the call; found after a crash it means: outcome unknown */
        SEND_UNKNOWN, /* the outcome is unknown, and has been reported so */
        SEND_ANSWERED, /* the service took it */
        SEND_MAX
} SendState;

/* Counts stay at their most; policies allow up to 1,000. */
#define SHARE_COUNT_BITS 12
#define SHARE_COUNT_MAX  ((1u << SHARE_COUNT_BITS) - 1)

/* Request ids beside request_id that are ours: sent by us, or sent over by us. Older ones fall out.
 */
#define OWN_REQUESTS_MAX 8

typedef struct OwnRequests {
        unsigned count;
        Uuid ids[OWN_REQUESTS_MAX];
} OwnRequests;

/* Of a share with which something is under way or wrong. Nothing of it is lost with a share that
 * has none: read it with share_memory_unsettled(). */
typedef struct UnsettledMemory {
        int64_t before_framework_usec; /* framework_updated_usec before the last send: its value
                                          again, should that send turn out not to have been
                                          processed */
        int64_t sent_mono_usec; /* CLOCK_MONOTONIC of the last send, in this process; 0: not known.
                                   Not stored: a wall clock that jumps must not end settle */
        int64_t refused_framework_usec; /* lastUpdatedAt when a call was refused; 0: not known */
        int64_t retry_usec; /* not to be tried again before: after a call that was refused */
        OwnRequests *own; /* owned; NULL: none but request_id, if that is `own_request` */
        Seconds beside_expires; /* when the last of those that are open beside request_id ends, as
                                   listed before the last send, which AWS may have made over one of
                                   them; 0: none is */
        StringId status_name; /* only for SHARE_STATUS_UNKNOWN */
        uint8_t refusals; /* calls refused in a row, for the backoff of retry_usec */
} UnsettledMemory;

typedef struct ShareMemory {
        ShareKey key;

        /* Seen. */
        Uuid request_id; /* the effective request when last seen; null: never seen */
        int64_t created_usec, updated_usec; /* of that request */
        int64_t status_since_usec; /* when this status was first seen */
        Seconds expires; /* that request */
        StringId framework_name; /* as declared or, without a declaration, as listed */

        /* Done. */
        int64_t sent_usec; /* our own last send (start or resend); TIME_UNKNOWN: none */
        int64_t framework_updated_usec; /* lastUpdatedAt the recipient's version is known to
                                           include; see absorb.h */
        uint32_t declaration; /* desired_share_declaration() of the last send or refusal; 0: none */

        /* Said. */
        Seconds condition_since;

        UnsettledMemory *unsettled; /* owned; NULL: nothing of it is known */

        unsigned attempts : SHARE_COUNT_BITS; /* own sends that ended FAILED */
        unsigned renewals : SHARE_COUNT_BITS; /* renewals and reshares sent */
        unsigned status : 4; /* ShareStatus when last seen */
        unsigned condition : 4; /* Condition last reported */
        unsigned reason : 6; /* Reason last reported */
        unsigned refused : 6; /* Reason of a refused call that stalls or delays the share;
                                 REASON_NONE: none */
        unsigned send_state : 3; /* SendState */
        unsigned send_action : 3; /* ActionKind that send_state is about */
        unsigned ours : 1; /* started by us, or once declared (adopted) */
        unsigned own_request : 1; /* request_id was sent by us or adopted */
        unsigned revoked_by_us : 1; /* we asked to revoke request_id */
        unsigned counted : 1; /* the FAILED of the last send is in `attempts` */
        unsigned send_renewal : 1; /* the last send is in `renewals` */
        unsigned before_counted : 1; /* `counted` before the last send */
        unsigned warned : 1; /* the warning that goes with condition and reason (Replicating for an
                                hour) was given */
        unsigned released : 1; /* a person has lifted its hold and its backoff; until the next send,
                                  or another status */
        unsigned several : 1; /* the warning of several live requests was given */

        /* Of the pass; not stored. */
        unsigned dirty : 1; /* to be written */
        unsigned forgotten : 1; /* to be dropped */
} ShareMemory;

static_assert(sizeof(ShareMemory) <= 112, "a million of these must fit");

/*
 * An id for a framework that is declared by a name which no framework has: for keys of plan and
 * memory only, never for AWS. UUID version 8 (RFC 9562) is free for that.
 */
Uuid share_stand_in_id(const char *name);

/* Whether the record is of a share whose framework has no known id. */
bool share_memory_is_stand_in(const ShareMemory *memory, const Strings *strings);

/* Whether a request id is one we sent, sent over, or adopted. */
bool share_memory_owns(const ShareMemory *memory, const Uuid *request_id);

/* What is known of it while it is not settled: never NULL, and not to be changed. */
const UnsettledMemory *share_memory_unsettled(const ShareMemory *memory);

/* The same to be changed; made where there is none. 0 or -ENOMEM. */
int share_memory_unsettle(ShareMemory *memory, UnsettledMemory **ret);

/* Adds a request id to our own. 0 or -ENOMEM. */
int share_memory_add_own(ShareMemory *memory, const Uuid *request_id);

/*
 * When our own last send has settled; TIME_UNKNOWN: there is none. By both clocks: a wall clock
 * that jumps ahead has not given the listing more time.
 */
int64_t share_memory_settled_usec(const ShareMemory *memory,
                int64_t settle_usec,
                int64_t now_usec,
                int64_t mono_usec);

/* Forgets attempts, renewals and refusals, and lifts backoff and hold: what `auditsharectl reset`
 * is for. That settle must pass after a send stays. */
void share_memory_reset(ShareMemory *memory);

/* Frees what it holds. */
void share_memory_done(ShareMemory *memory);

/* The same, and makes it one of which nothing is known, keeping the key. */
void share_memory_clear(ShareMemory *memory);

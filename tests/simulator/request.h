#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Share requests: their life, and the order in which they are listed
 */

#include "util.h"
#include "world.h"

#define REQUEST_LIFE_DAYS     120
#define REQUEST_EXPIRING_DAYS 30

typedef enum ShareStatus {
        SHARE_ACTIVE,
        SHARE_REPLICATING,
        SHARE_SHARED,
        SHARE_EXPIRING,
        SHARE_FAILED,
        SHARE_EXPIRED,
        SHARE_DECLINED,
        SHARE_REVOKED,
        SHARE_STATUS_MAX,
} ShareStatus;

/* -1 if there is no such status. */
int share_status_from_name(const char *name);
const char *share_status_name(ShareStatus status);

/* What a listing can show of a request, and what can lag behind. */
typedef struct ShareState {
        ShareStatus status;
        usec_t updated;
        usec_t expires;
} ShareState;

typedef struct ShareRequest {
        TableEntry by_id, by_share, by_recipient;
        Uuid id;
        uint64_t order;
        Source *source;
        Version *version;
        char to_account[ACCOUNT_ID_SIZE];
        int to_region;

        usec_t created;
        usec_t started; /* the last send, a resend included */
        unsigned n_sends;
        ShareState state, before;
        usec_t changed; /* when state took over from before */
        usec_t fails; /* when it turns FAILED by itself, 0 = never */
        usec_t shared; /* when REPLICATING turns SHARED */

        char *comment_json;
        char *forced_status; /* any text a test wants to see, freezes the state machine */
        bool counted; /* among the source's active recipients */
        bool gone;
        bool hidden_from_recipient;
} ShareRequest;

typedef struct ShareStart {
        Framework *framework;
        const char *account;
        int region;
        const char *comment;
} ShareStart;

/* -EDQUOT if the quota is used up. */
int request_start(World *w, const ShareStart *start, ShareRequest **ret_request);
ShareRequest *request_add(World *w, const Uuid *id, const ShareStart *start, usec_t created);
ShareRequest *request_find(World *w, const Uuid *id);

/* The newest request of a share that is not over; failing that, the newest. NULL if there is none.
 */
ShareRequest *request_effective(World *w, const Framework *f, const char *account, int region);

/* Catches up with the clock. Call before looking at the state. */
void request_settle(World *w, ShareRequest *r, usec_t now);
void request_change(World *w, ShareRequest *r, ShareStatus status, usec_t when);
void request_place(World *w, ShareRequest *r, ShareStatus status, usec_t created);
void request_set_expiry(ShareRequest *r, usec_t expires);
bool request_is_open(const ShareRequest *r);
void request_remove(World *w, ShareRequest *r);
void request_free(ShareRequest *r);

/* Empties a source, as part of its end. */
void source_drop_requests(Source *source);

void request_append_json(const World *w, const ShareRequest *r, const ShareState *state, Buffer *b);
const char *request_status_text(const ShareRequest *r, const ShareState *state);

/* The requests of a listing that come after a position, at most max of them. */
typedef struct SharePage {
        ShareRequest **requests;
        size_t n;
        bool more;
} SharePage;

typedef struct SharePosition {
        uint64_t order;
        Uuid id;
} SharePosition;

void page_sent(World *w, Source *source, const SharePosition *after, size_t max, SharePage *ret);
void page_received(World *w,
                const char *account,
                int region,
                const SharePosition *after,
                size_t max,
                SharePage *ret);
void page_done(SharePage *page);
const ShareState *request_listed_state(const World *w, const ShareRequest *r, usec_t now);

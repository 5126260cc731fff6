/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The life of a share request
 *
 *     start -> ACTIVE -> EXPIRING -> EXPIRED
 *                 |         |
 *                 +---------+--> REPLICATING -> SHARED     accepted by the recipient
 *                 +---------+--> DECLINED                  by the recipient
 *                 +---------+--> REVOKED                   by the sender
 *                 +---------+--> FAILED                    recipient never enabled Audit Manager
 *
 * Nothing runs in the background: whoever looks at a request lets it catch up with the clock first,
 * one transition after the other, each at the moment it was due. That keeps lastUpdated exact and a
 * million idle requests free of charge.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "request.h"

static const char *const status_names[] = {
        [SHARE_ACTIVE] = "ACTIVE",
        [SHARE_REPLICATING] = "REPLICATING",
        [SHARE_SHARED] = "SHARED",
        [SHARE_EXPIRING] = "EXPIRING",
        [SHARE_FAILED] = "FAILED",
        [SHARE_EXPIRED] = "EXPIRED",
        [SHARE_DECLINED] = "DECLINED",
        [SHARE_REVOKED] = "REVOKED",
};

static_assert(ELEMENTS(status_names) == SHARE_STATUS_MAX, "each status needs its name");

/* How old a request is that a seed wants to see in this status. */
static const int typical_age_days[SHARE_STATUS_MAX] = {
        [SHARE_SHARED] = 10,
        [SHARE_EXPIRING] = 95,
        [SHARE_FAILED] = 1,
        [SHARE_EXPIRED] = 125,
        [SHARE_DECLINED] = 10,
        [SHARE_REVOKED] = 10,
};

typedef struct Recipient {
        TableEntry entry;
        char account[ACCOUNT_ID_SIZE];
        size_t n_requests;
} Recipient;

int share_status_from_name(const char *name) {
        for (int i = 0; i < SHARE_STATUS_MAX; i++)
                if (strcmp(status_names[i], name) == 0)
                        return i;
        return -1;
}

const char *share_status_name(ShareStatus status) {
        assert(status < SHARE_STATUS_MAX);
        return status_names[status];
}

const char *request_status_text(const ShareRequest *r, const ShareState *state) {
        return r->forced_status ? r->forced_status : share_status_name(state->status);
}

bool request_is_open(const ShareRequest *r) {
        return !r->forced_status
                        && (r->state.status == SHARE_ACTIVE || r->state.status == SHARE_EXPIRING);
}

static bool is_live(const ShareRequest *r) {
        return request_is_open(r) || r->state.status == SHARE_REPLICATING
                        || r->state.status == SHARE_SHARED;
}

static Recipient *find_recipient(const Source *source, const char *account) {
        TableEntry *e;

        for (e = table_first(&source->recipients, hash_text(account, 5)); e; e = table_next(e)) {
                Recipient *recipient = CONTAINER_OF(e, Recipient, entry);

                if (strcmp(recipient->account, account) == 0)
                        return recipient;
        }
        return NULL;
}

/* Keeps the number of accounts with a request that is still open or on its way. */
static void count_recipient(ShareRequest *r, bool active) {
        Recipient *recipient;

        if (r->counted == active)
                return;
        r->counted = active;

        recipient = find_recipient(r->source, r->to_account);
        if (active && !recipient) {
                recipient = xcalloc(1, sizeof(*recipient));
                memcpy(recipient->account, r->to_account, sizeof(recipient->account));
                table_add(&r->source->recipients, &recipient->entry, hash_text(r->to_account, 5));
        }
        if (!recipient)
                return;

        recipient->n_requests += active ? 1 : (size_t) -1;
        if (recipient->n_requests == 0) {
                table_remove(&r->source->recipients, &recipient->entry);
                free(recipient);
        }
}

/* Returns when the next automatic transition is due, and into what; 0 if there will be none. */
static usec_t next_transition(const ShareRequest *r, ShareStatus *ret_status) {
        usec_t when;

        if (r->forced_status || r->gone)
                return 0;
        if (r->state.status == SHARE_REPLICATING) {
                *ret_status = SHARE_SHARED;
                return r->shared;
        }
        if (!request_is_open(r))
                return 0;

        if (r->state.status == SHARE_EXPIRING) {
                when = r->state.expires;
                *ret_status = SHARE_EXPIRED;
        } else {
                when = r->state.expires - REQUEST_EXPIRING_DAYS * USEC_PER_DAY;
                *ret_status = SHARE_EXPIRING;
        }
        if (r->fails > 0 && r->fails < when) {
                when = r->fails;
                *ret_status = SHARE_FAILED;
        }
        return when;
}

/* What listings show until the lag is over is the state before the first change they missed. */
static void remember_before(const World *w, ShareRequest *r, usec_t when) {
        if (when - r->changed >= usec_from_seconds(w->settings.lag))
                r->before = r->state;
        r->changed = when;
}

static void note_transition(ShareRequest *r) {
        ShareStatus status;
        usec_t next = next_transition(r, &status);

        if (next > 0 && next < r->source->next_transition)
                r->source->next_transition = next;
}

void request_change(World *w, ShareRequest *r, ShareStatus status, usec_t when) {
        remember_before(w, r, when);
        r->state.status = status;
        r->state.updated = when;
        if (status == SHARE_REPLICATING)
                r->shared = when + usec_from_seconds(w->settings.replicate);

        count_recipient(r, request_is_open(r) || status == SHARE_REPLICATING);
        note_transition(r);
}

void request_settle(World *w, ShareRequest *r, usec_t now) {
        for (;;) {
                ShareStatus status;
                usec_t when = next_transition(r, &status);

                if (when == 0 || when > now)
                        return;
                request_change(w, r, status, when);
        }
}

static uint64_t share_hash(const Uuid *framework, const char *account, int region) {
        return hash_text(account, hash_bytes(framework, sizeof(*framework), (uint64_t) region));
}

static char *comment_to_json(const char *comment) {
        Buffer b = { 0 };

        if (!comment)
                return NULL;
        buffer_json_string(&b, comment);
        return b.data;
}

static void source_append(Source *source, ShareRequest *r) {
        if (source->n_requests == source->size) {
                source->size = source->size ? source->size * 2 : 4;
                source->requests =
                                xrealloc(source->requests, source->size, sizeof(*source->requests));
        }
        source->requests[source->n_requests++] = r;
}

/* A fresh ACTIVE request; whoever wants another state changes it afterwards. */
ShareRequest *request_add(World *w, const Uuid *id, const ShareStart *start, usec_t created) {
        ShareRequest *r = xcalloc(1, sizeof(*r));

        *r = (ShareRequest) {
                .id = *id,
                .order = hash_bytes(id, sizeof(*id), 6),
                .source = start->framework->source,
                .version = version_ref(start->framework->version),
                .to_region = start->region,
                .created = created,
                .started = created,
                .n_sends = 1,
                .state = {
                        .status = SHARE_ACTIVE,
                        .updated = created,
                        .expires = created + REQUEST_LIFE_DAYS * USEC_PER_DAY,
                },
                .comment_json = comment_to_json(start->comment),
        };
        r->before = r->state;
        (void) snprintf(r->to_account, sizeof(r->to_account), "%s", start->account);

        table_add(&w->requests, &r->by_id, hash_bytes(id, sizeof(*id), 7));
        table_add(&w->requests_by_share, &r->by_share,
                        share_hash(&r->version->framework_id, r->to_account, r->to_region));
        table_add(&w->requests_by_recipient, &r->by_recipient,
                        hash_text(r->to_account, 8 + (uint64_t) r->to_region));
        source_append(r->source, r);
        count_recipient(r, true);
        note_transition(r);
        return r;
}

/* Gives a request of a seed the status it asks for, with times that go with it. */
void request_place(World *w, ShareRequest *r, ShareStatus status, usec_t created) {
        usec_t now = world_now(w), updated;

        if (created == 0)
                created = now - typical_age_days[status] * USEC_PER_DAY;
        updated = created + USEC_PER_DAY;
        r->created = r->started = created;
        request_set_expiry(r, created + REQUEST_LIFE_DAYS * USEC_PER_DAY);

        if (status == SHARE_ACTIVE)
                updated = created;
        if (status == SHARE_EXPIRING)
                updated = r->state.expires - REQUEST_EXPIRING_DAYS * USEC_PER_DAY;
        if (status == SHARE_EXPIRED)
                updated = r->state.expires;
        if (status == SHARE_FAILED)
                updated = created + 60 * USEC_PER_SEC;
        request_change(w, r, status, MIN_OF(updated, now));
        r->before = r->state;
        r->changed = 0;
}

void request_set_expiry(ShareRequest *r, usec_t expires) {
        r->state.expires = expires;
        note_transition(r);
}

ShareRequest *request_find(World *w, const Uuid *id) {
        TableEntry *e;

        for (e = table_first(&w->requests, hash_bytes(id, sizeof(*id), 7)); e; e = table_next(e)) {
                ShareRequest *r = CONTAINER_OF(e, ShareRequest, by_id);

                if (uuid_equal(&r->id, id))
                        return r;
        }
        return NULL;
}

static bool better(const ShareRequest *a, const ShareRequest *b) {
        if (!b || is_live(a) != is_live(b))
                return !b || is_live(a);
        return a->created > b->created;
}

ShareRequest *request_effective(World *w, const Framework *f, const char *account, int region) {
        ShareRequest *best = NULL;
        usec_t now = world_now(w);
        TableEntry *e;

        for (e = table_first(&w->requests_by_share, share_hash(&f->id, account, region)); e;
                        e = table_next(e)) {
                ShareRequest *r = CONTAINER_OF(e, ShareRequest, by_share);

                if (r->to_region != region || strcmp(r->to_account, account) != 0
                                || !uuid_equal(&r->version->framework_id, &f->id))
                        continue;
                request_settle(w, r, now);
                if (better(r, best))
                        best = r;
        }
        return best;
}

/* Walks all requests of the source only when the count says no and something could have changed. */
static bool quota_allows(World *w, Source *source, const char *account, usec_t now) {
        size_t quota = (size_t) w->settings.quota;

        if (quota == 0 || source->recipients.n < quota || find_recipient(source, account))
                return true;
        if (now < source->next_transition)
                return false;

        source->next_transition = INT64_MAX;
        for (size_t i = 0; i < source->n_requests; i++) {
                request_settle(w, source->requests[i], now);
                note_transition(source->requests[i]);
        }
        return source->recipients.n < quota || find_recipient(source, account);
}

static void resend(World *w, ShareRequest *r, const ShareStart *start, usec_t now) {
        remember_before(w, r, now);
        (void) version_unref(r->version);
        r->version = version_ref(start->framework->version);
        free(r->comment_json);
        r->comment_json = comment_to_json(start->comment);
        r->started = now;
        r->n_sends++;
        r->state = (ShareState){
                .status = SHARE_ACTIVE,
                .updated = now,
                .expires = now + REQUEST_LIFE_DAYS * USEC_PER_DAY,
        };
        note_transition(r);
}

int request_start(World *w, const ShareStart *start, ShareRequest **ret_request) {
        usec_t now = world_now(w);
        ShareRequest *r = request_effective(w, start->framework, start->account, start->region);
        unsigned n_sends = 0;
        Uuid id;

        if (!quota_allows(w, start->framework->source, start->account, now))
                return -EDQUOT;

        if (r && request_is_open(r) && w->settings.resend == RESEND_KEEP)
                resend(w, r, start, now);
        else {
                if (r && request_is_open(r) && w->settings.resend == RESEND_REPLACE) {
                        n_sends = r->n_sends;
                        request_remove(w, r);
                }
                uuid_random(&id);
                r = request_add(w, &id, start, now);
                r->n_sends += n_sends;
                r->changed = now;
        }

        r->fails = 0;
        if (!world_is_set_up(w, start->account, start->region))
                r->fails = now + usec_from_seconds(w->settings.fail_after);
        note_transition(r);

        *ret_request = r;
        return 0;
}

/* Out of all tables at once; the source's own list lets go of it when it is next put in order. */
void request_remove(World *w, ShareRequest *r) {
        count_recipient(r, false);
        table_remove(&w->requests, &r->by_id);
        table_remove(&w->requests_by_share, &r->by_share);
        table_remove(&w->requests_by_recipient, &r->by_recipient);
        r->gone = true;
        r->source->n_gone++;
}

void request_append_json(const World *w,
                const ShareRequest *r,
                const ShareState *state,
                Buffer *b) {
        char id[UUID_TEXT_SIZE];

        uuid_format(&r->id, id);
        buffer_text(b, "{\"id\":\"");
        buffer_append(b, id, sizeof(id) - 1);
        buffer_text(b, "\",");
        buffer_text(b, r->version->json);
        buffer_text(b, ",\"status\":");
        buffer_json_string(b, request_status_text(r, state));
        buffer_text(b, ",\"sourceAccount\":\"");
        buffer_append(b, r->source->account, ACCOUNT_ID_SIZE - 1);
        buffer_text(b, "\",\"destinationAccount\":\"");
        buffer_append(b, r->to_account, ACCOUNT_ID_SIZE - 1);
        buffer_text(b, "\",\"destinationRegion\":\"");
        buffer_text(b, region_names[r->to_region]);
        buffer_text(b, "\"");
        buffer_json_time(b, "expirationTime", world_wire(w, state->expires));
        buffer_json_time(b, "creationTime", world_wire(w, r->created));
        buffer_json_time(b, "lastUpdated", world_wire(w, state->updated));
        if (r->comment_json) {
                buffer_text(b, ",\"comment\":");
                buffer_text(b, r->comment_json);
        }
        buffer_text(b, "}");
}

void request_free(ShareRequest *r) {
        (void) version_unref(r->version);
        free(r->comment_json);
        free(r->forced_status);
        free(r);
}

void source_drop_requests(Source *source) {
        for (size_t i = 0; i < source->n_requests; i++) {
                count_recipient(source->requests[i], false);
                request_free(source->requests[i]);
        }
        free(source->requests);
        table_done(&source->recipients);
}

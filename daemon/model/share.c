/* SPDX-License-Identifier: Apache-2.0 */

/* Shares and share requests: their statuses and their order. */

#include <assert.h>

#include "model/enum.h"
#include "model/share.h"
#include "util/macro.h"

static const struct {
        const char *name;
        bool live, pending, ended;
} statuses[SHARE_STATUS_MAX] = {
        [SHARE_STATUS_ACTIVE] = { "ACTIVE", .live = true, .pending = true },
        [SHARE_STATUS_REPLICATING] = { "REPLICATING", .live = true, .pending = true },
        [SHARE_STATUS_SHARED] = { "SHARED", .live = true },
        [SHARE_STATUS_EXPIRING] = { "EXPIRING", .live = true, .pending = true },
        [SHARE_STATUS_FAILED] = { "FAILED", .ended = true },
        [SHARE_STATUS_EXPIRED] = { "EXPIRED", .ended = true },
        [SHARE_STATUS_DECLINED] = { "DECLINED", .ended = true },
        [SHARE_STATUS_REVOKED] = { "REVOKED", .ended = true },
};

const char *share_status_name(ShareStatus status) {
        assert(status < SHARE_STATUS_MAX);
        return statuses[status].name;
}

ShareStatus share_status_from_name(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(statuses); i++)
                if (statuses[i].name && streq(statuses[i].name, name))
                        return (ShareStatus) i;
        return SHARE_STATUS_UNKNOWN;
}

bool share_status_is_live(ShareStatus status) {
        assert(status < SHARE_STATUS_MAX);
        return statuses[status].live;
}

bool share_status_is_pending(ShareStatus status) {
        assert(status < SHARE_STATUS_MAX);
        return statuses[status].pending;
}

bool share_status_is_ended(ShareStatus status) {
        assert(status < SHARE_STATUS_MAX);
        return statuses[status].ended;
}

int share_key_compare(const ShareKey *a, const ShareKey *b) {
        int c = uuid_compare(&a->framework_id, &b->framework_id);

        return c != 0 ? c : (a->recipient > b->recipient) - (a->recipient < b->recipient);
}

/*
 * A request that cannot be read comes first: it may be live, and whoever decides must see it. Then
 * the live ones; among all others the newest counts, whether it has ended or has a status that is
 * not known.
 */
static int rank(const ShareRequest *request) {
        return !request->readable ? 0 : share_status_is_live((ShareStatus) request->status) ? 1 : 2;
}

int share_request_compare(const ShareRequest *a, const ShareRequest *b) {
        int c = share_key_compare(&a->key, &b->key);

        if (c != 0)
                return c;
        c = rank(a) - rank(b);
        if (c != 0)
                return c;
        if (a->created_usec != b->created_usec)
                return a->created_usec > b->created_usec ? -1 : 1;
        if (a->updated_usec != b->updated_usec)
                return a->updated_usec > b->updated_usec ? -1 : 1;
        return uuid_compare(&a->id, &b->id);
}

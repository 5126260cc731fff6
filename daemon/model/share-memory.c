/* SPDX-License-Identifier: Apache-2.0 */

/* What is remembered of one share. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/share-memory.h"
#include "util/hash.h"
#include "util/macro.h"
#include "util/time.h"

Uuid share_stand_in_id(const char *name) {
        uint64_t halves[2] = {
                hash_stable(HASH_STABLE_SEED, name, strlen(name)),
                hash_stable(HASH_STABLE_SEED ^ 0xff, name, strlen(name)),
        };
        Uuid id;

        memcpy(id.bytes, halves, sizeof(id.bytes));
        id.bytes[6] = (uint8_t) ((id.bytes[6] & 0x0f) | 0x80);
        return id;
}

bool share_memory_is_stand_in(const ShareMemory *memory, const Strings *strings) {
        const char *name = strings_get(strings, memory->framework_name);
        Uuid id;

        /* AWS makes ids of version 4: nearly all records end here, without a hash. */
        if (!name || memory->key.framework_id.bytes[6] >> 4 != 8)
                return false;
        id = share_stand_in_id(name);
        return uuid_equal(&id, &memory->key.framework_id);
}

static const UnsettledMemory settled = {
        .before_framework_usec = TIME_UNKNOWN,
        .retry_usec = TIME_UNKNOWN,
};

const UnsettledMemory *share_memory_unsettled(const ShareMemory *memory) {
        return memory->unsettled ? memory->unsettled : &settled;
}

int share_memory_unsettle(ShareMemory *memory, UnsettledMemory **ret) {
        if (!memory->unsettled) {
                memory->unsettled = malloc(sizeof(UnsettledMemory));
                if (!memory->unsettled)
                        return -ENOMEM;
                *memory->unsettled = settled;
        }
        *ret = memory->unsettled;
        return 0;
}

static bool has_own(const OwnRequests *own, const Uuid *request_id) {
        for (unsigned i = 0; own && i < own->count; i++)
                if (uuid_equal(&own->ids[i], request_id))
                        return true;
        return false;
}

bool share_memory_owns(const ShareMemory *memory, const Uuid *request_id) {
        if (uuid_is_null(request_id))
                return false;
        if (memory->own_request && uuid_equal(&memory->request_id, request_id))
                return true;
        return has_own(share_memory_unsettled(memory)->own, request_id);
}

int share_memory_add_own(ShareMemory *memory, const Uuid *request_id) {
        UnsettledMemory *unsettled;
        OwnRequests *own;
        int r;

        r = share_memory_unsettle(memory, &unsettled);
        if (r < 0 || has_own(unsettled->own, request_id))
                return r;

        own = unsettled->own;
        if (!own) {
                own = unsettled->own = calloc(1, sizeof(OwnRequests));
                if (!own)
                        return -ENOMEM;
        }
        if (own->count == OWN_REQUESTS_MAX) {
                memmove(&own->ids[0], &own->ids[1], (OWN_REQUESTS_MAX - 1) * sizeof(Uuid));
                own->count--;
        }
        own->ids[own->count++] = *request_id;
        return 0;
}

int64_t share_memory_settled_usec(const ShareMemory *memory,
                int64_t settle_usec,
                int64_t now_usec,
                int64_t mono_usec) {
        int64_t settled_usec = time_add(memory->sent_usec, settle_usec), left;
        int64_t sent_mono_usec = share_memory_unsettled(memory)->sent_mono_usec;

        if (settled_usec == TIME_UNKNOWN || sent_mono_usec <= 0)
                return settled_usec;
        left = settle_usec - (mono_usec - sent_mono_usec);
        return left > 0 ? MAX(settled_usec, time_add(now_usec, left)) : settled_usec;
}

void share_memory_reset(ShareMemory *memory) {
        memory->attempts = memory->renewals = 0;
        memory->refused = REASON_NONE;
        if (memory->unsettled) {
                memory->unsettled->refusals = 0;
                memory->unsettled->refused_framework_usec = 0;
                memory->unsettled->retry_usec = TIME_UNKNOWN;
        }
        memory->released = true;
        memory->dirty = true;
}

void share_memory_done(ShareMemory *memory) {
        if (memory->unsettled)
                free(memory->unsettled->own);
        free(memory->unsettled);
        memory->unsettled = NULL;
}

void share_memory_clear(ShareMemory *memory) {
        share_memory_done(memory);
        *memory = (ShareMemory){
                .key = memory->key,
                .created_usec = TIME_UNKNOWN,
                .updated_usec = TIME_UNKNOWN,
                .status_since_usec = TIME_UNKNOWN,
                .sent_usec = TIME_UNKNOWN,
                .framework_updated_usec = TIME_UNKNOWN,
        };
}

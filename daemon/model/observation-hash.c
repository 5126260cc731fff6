/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A number for each record of an observation
 *
 * Only values go in, member by member: padding has no value, and the number of a Region or of a
 * string is another one in another process.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/observation-hash.h"
#include "util/hash.h"
#include "util/macro.h"

/* With its end, so that no two texts run into each other; one that is not there is not "". */
static uint64_t add_text(uint64_t hash, const Strings *strings, StringId id) {
        const char *text = strings_get(strings, id);

        return text ? hash_stable(hash, text, strlen(text) + 1) : hash_stable(hash, "\xff", 1);
}

/* Byte by byte from the lowest: a plan may be made on another machine. */
static uint64_t add_number(uint64_t hash, uint64_t number) {
        unsigned char bytes[8];

        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (unsigned char) (number >> 8 * i);
        return hash_stable(hash, bytes, sizeof(bytes));
}

static uint64_t add_id(uint64_t hash, const Uuid *id) {
        return hash_stable(hash, id->bytes, sizeof(id->bytes));
}

static uint64_t hash_request(const ShareRequest *request, const Strings *strings) {
        const char *region = region_name(recipient_region(request->key.recipient));
        uint64_t hash = HASH_STABLE_SEED;

        hash = add_id(hash, &request->key.framework_id);
        hash = add_number(hash, recipient_account(request->key.recipient));
        hash = hash_stable(hash, region, strlen(region) + 1);
        hash = add_id(hash, &request->id);
        hash = add_number(hash, (uint64_t) request->created_usec);
        hash = add_number(hash, (uint64_t) request->updated_usec);
        hash = add_number(hash, (uint64_t) request->expires_usec);
        hash = add_text(hash, strings, request->status_name);
        hash = add_text(hash, strings, request->comment);
        hash = add_text(hash, strings, request->framework_name);
        return add_number(hash, request->status * 2u + request->readable);
}

static uint64_t hash_framework(const Framework *framework, const Strings *strings) {
        uint64_t hash = add_id(HASH_STABLE_SEED, &framework->id);

        hash = add_number(hash, (uint64_t) framework->updated_usec);
        return add_text(hash, strings, framework->name);
}

static int compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return (x > y) - (x < y);
}

static int make_room(size_t n, RecordHashes *ret) {
        ret->items = calloc(n > 0 ? n : 1, sizeof(uint64_t));
        ret->count = n;
        return ret->items ? 0 : -ENOMEM;
}

static void sort(RecordHashes *hashes) {
        if (hashes->count > 1)
                qsort(hashes->items, hashes->count, sizeof(uint64_t), compare);
}

int observation_hash_requests(const Observation *o, RecordHashes *ret) {
        RecordHashes hashes;

        if (make_room(o->n_requests, &hashes) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < o->n_requests; i++)
                hashes.items[i] = hash_request(&o->requests[i], o->strings);
        sort(&hashes);
        *ret = hashes;
        return 0;
}

int observation_hash_frameworks(const Observation *o, RecordHashes *ret) {
        RecordHashes hashes;

        if (make_room(o->n_frameworks, &hashes) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < o->n_frameworks; i++)
                hashes.items[i] = hash_framework(&o->frameworks[i], o->strings);
        sort(&hashes);
        *ret = hashes;
        return 0;
}

size_t record_hashes_differ(const RecordHashes *a, const RecordHashes *b) {
        size_t i = 0, j = 0, only_a = 0, only_b = 0;

        while (i < a->count && j < b->count)
                if (a->items[i] == b->items[j]) {
                        i++;
                        j++;
                } else if (a->items[i] < b->items[j]) {
                        i++;
                        only_a++;
                } else {
                        j++;
                        only_b++;
                }
        only_a += a->count - i;
        only_b += b->count - j;
        /* What changed is in both: as it was, and as it is. */
        return MAX(only_a, only_b);
}

void record_hashes_done(RecordHashes *hashes) {
        free(hashes->items);
        *hashes = (RecordHashes){ 0 };
}

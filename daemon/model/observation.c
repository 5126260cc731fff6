/* SPDX-License-Identifier: Apache-2.0 */

/* What one source's listings said. */

#include <errno.h>
#include <stdlib.h>

#include "model/observation.h"
#include "util/mem.h"

int observation_new(Observation **ret) {
        _cleanup_(observation_freep) Observation *observation = calloc(1, sizeof(Observation));
        int r;

        if (!observation)
                return -ENOMEM;
        r = strings_new(OBSERVATION_TEXT_MAX, &observation->strings);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(observation);
        return 0;
}

Observation *observation_free(Observation *observation) {
        if (!observation)
                return NULL;

        free(observation->requests);
        free(observation->frameworks);
        (void) strings_free(observation->strings);
        free(observation);
        return NULL;
}

int observation_add_request(Observation *o, const ShareRequest *request) {
        int r;

        if (o->n_requests >= OBSERVATION_RECORDS_MAX)
                return -EFBIG;
        r = ARRAY_RESERVE(o->requests, o->requests_capacity, o->n_requests + 1);
        if (r < 0)
                return r;

        o->requests[o->n_requests++] = *request;
        return 0;
}

int observation_add_framework(Observation *o, const Framework *framework) {
        int r;

        if (o->n_frameworks >= OBSERVATION_RECORDS_MAX)
                return -EFBIG;
        r = ARRAY_RESERVE(o->frameworks, o->frameworks_capacity, o->n_frameworks + 1);
        if (r < 0)
                return r;

        o->frameworks[o->n_frameworks++] = *framework;
        return 0;
}

static int compare_requests(const void *a, const void *b) {
        return share_request_compare(a, b);
}

/* By key and id, the newest version of one record first. */
static int compare_versions(const void *a, const void *b) {
        const ShareRequest *x = a, *y = b;
        int c = share_key_compare(&x->key, &y->key);

        if (c == 0)
                c = uuid_compare(&x->id, &y->id);
        return c != 0 ? c
                      : (x->updated_usec < y->updated_usec) - (x->updated_usec > y->updated_usec);
}

static int compare_frameworks(const void *a, const void *b) {
        return uuid_compare(&((const Framework *) a)->id, &((const Framework *) b)->id);
}

/* A record that moved between pages while they were read is listed twice; its newest version stays.
 */
static size_t drop_doubles(ShareRequest *requests, size_t n) {
        size_t kept = 1;

        for (size_t i = 1; i < n; i++) {
                const ShareRequest *last = &requests[kept - 1];

                if (!uuid_equal(&requests[i].id, &last->id) || uuid_is_null(&last->id)
                                || share_key_compare(&requests[i].key, &last->key) != 0)
                        requests[kept++] = requests[i];
        }
        return kept;
}

static size_t drop_doubled_frameworks(Framework *frameworks, size_t n) {
        size_t kept = 1;

        for (size_t i = 1; i < n; i++)
                if (!uuid_equal(&frameworks[i].id, &frameworks[kept - 1].id))
                        frameworks[kept++] = frameworks[i];
                else if (frameworks[i].updated_usec > frameworks[kept - 1].updated_usec)
                        frameworks[kept - 1] = frameworks[i];
        return kept;
}

typedef struct Order {
        const ShareRequest *requests;
        int (*compare)(const void *a, const void *b);
} Order;

static int compare_places(const void *a, const void *b, void *userdata) {
        const Order *order = userdata;

        return order->compare(&order->requests[*(const uint32_t *) a],
                        &order->requests[*(const uint32_t *) b]);
}

/* Puts requests[places[i]] into place i, along the cycles of the permutation. */
static void move_to_places(ShareRequest *requests, uint32_t *places, size_t n) {
        for (size_t i = 0; i < n; i++) {
                ShareRequest first = requests[i];
                size_t to = i;

                while (places[to] != i) {
                        size_t from = places[to];

                        requests[to] = requests[from];
                        places[to] = (uint32_t) to;
                        to = from;
                }
                requests[to] = first;
                places[to] = (uint32_t) to;
        }
}

/* A million records are not moved at each step, nor held twice: their numbers are sorted. */
static void sort_requests(ShareRequest *requests,
                size_t n,
                int (*compare)(const void *a, const void *b)) {
        _cleanup_free_ uint32_t *places = calloc(n, sizeof(uint32_t));
        Order order = { .requests = requests, .compare = compare };

        if (!places) {
                qsort(requests, n, sizeof(ShareRequest), compare);
                return;
        }
        for (size_t i = 0; i < n; i++)
                places[i] = (uint32_t) i;
        qsort_r(places, n, sizeof(uint32_t), compare_places, &order);
        move_to_places(requests, places, n);
}

/* Those of one key stand together already, and nearly always alone. */
static void sort_within_keys(ShareRequest *requests, size_t n) {
        for (size_t first = 0, end; first < n; first = end) {
                end = first + 1;
                while (end < n && share_key_compare(&requests[first].key, &requests[end].key) == 0)
                        end++;
                if (end - first > 1)
                        sort_requests(requests + first, end - first, compare_requests);
        }
}

void observation_sort(Observation *o) {
        if (o->n_requests > 1) {
                sort_requests(o->requests, o->n_requests, compare_versions);
                o->n_requests = drop_doubles(o->requests, o->n_requests);
                sort_within_keys(o->requests, o->n_requests);
        }
        if (o->n_frameworks > 1) {
                qsort(o->frameworks, o->n_frameworks, sizeof(Framework), compare_frameworks);
                o->n_frameworks = drop_doubled_frameworks(o->frameworks, o->n_frameworks);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Observing one source. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/observe.h"
#include "util/hash.h"
#include "util/mem.h"

/* One of the two listings, page after page. */
typedef struct Listing {
        Observer *observer;
        ApiOperation operation;
        ShareCall *call;
        uint64_t *seen; /* hashes of the tokens so far, and of what each page began with */
        size_t n_seen, seen_capacity;
        size_t n_pages, n_empty; /* n_empty: pages without a record, in a row */
        size_t first_of_page; /* where the page that was asked for begins */
        bool complete;
} Listing;

typedef enum ListingIndex { LISTING_REQUESTS, LISTING_FRAMEWORKS, LISTING_MAX } ListingIndex;

struct Observer {
        ShareService *service;
        ObserverCallbacks callbacks;
        Observation *observation;
        Listing listings[LISTING_MAX];
};

Observer *observer_free(Observer *observer) {
        if (!observer)
                return NULL;

        for (size_t i = 0; i < LISTING_MAX; i++) {
                (void) observer->service->cancel(observer->listings[i].call);
                free(observer->listings[i].seen);
        }
        (void) observation_free(observer->observation);
        free(observer);
        return NULL;
}

/* Stops both listings and says why; the callback may free the observer. */
static void fail(Listing *listing, const ApiOutcome *outcome) {
        Observer *observer = listing->observer;

        for (size_t i = 0; i < LISTING_MAX; i++) {
                (void) observer->service->cancel(observer->listings[i].call);
                observer->listings[i].call = NULL;
        }
        observer->callbacks.observed(
                        NULL, listing->operation, outcome, observer->callbacks.userdata);
}

static void fail_with(Listing *listing, OutcomeKind kind, const char *message) {
        ApiOutcome outcome = { 0 };

        outcome_set(&outcome, kind, message);
        fail(listing, &outcome);
}

static size_t count_records(const Listing *listing) {
        const Observation *o = listing->observer->observation;

        return listing->operation == API_LIST_FRAMEWORKS ? o->n_frameworks : o->n_requests;
}

static const Uuid *record_id(const Listing *listing, size_t i) {
        const Observation *o = listing->observer->observation;

        return listing->operation == API_LIST_FRAMEWORKS ? &o->frameworks[i].id
                                                         : &o->requests[i].id;
}

/* 1 where it has been seen before. */
static int notice(Listing *listing, const void *data, size_t length) {
        uint64_t hash = hash_bytes(data, length);
        int r;

        for (size_t i = 0; i < listing->n_seen; i++)
                if (listing->seen[i] == hash)
                        return 1;
        r = ARRAY_RESERVE(listing->seen, listing->seen_capacity, listing->n_seen + 1);
        if (r < 0)
                return r;
        listing->seen[listing->n_seen++] = hash;
        return 0;
}

/* What an endless listing looks like: a token again, a page again, pages beyond reason. NULL:
 * nothing of that. */
static const char *find_loop(Listing *listing, const ApiResult *result) {
        const Uuid *id = listing->first_of_page < count_records(listing)
                        ? record_id(listing, listing->first_of_page)
                        : NULL;
        int r;

        listing->n_empty = id ? 0 : listing->n_empty + 1;
        if (listing->n_empty > OBSERVE_EMPTY_PAGES_MAX)
                return "the listing does not end: more than 100 pages in a row are empty";

        r = notice(listing, result->next_token, strlen(result->next_token));
        if (r == 0 && id && !uuid_is_null(id))
                r = notice(listing, id, sizeof(*id));
        if (r < 0)
                return "out of memory while listing";
        if (r > 0)
                return "the listing repeats itself: a nextToken or a page came a second time";
        return listing->n_pages >= OBSERVE_PAGES_MAX
                        ? "the listing does not end: more than 10000 pages"
                        : NULL;
}

static int ask(Listing *listing, const char *next_token);

static void finish(Observer *observer) {
        Observation *observation = TAKE_PTR(observer->observation);
        ApiOutcome ok = { .kind = OUTCOME_OK };

        observation_sort(observation);
        observer->callbacks.observed(
                        observation, API_LIST_SHARE_REQUESTS, &ok, observer->callbacks.userdata);
}

static void on_page(const ApiResult *result, void *userdata) {
        Listing *listing = userdata;
        Observer *observer = listing->observer;
        const char *why;

        listing->call = NULL;
        if (result->outcome.kind != OUTCOME_OK) {
                fail(listing, &result->outcome);
                return;
        }
        listing->n_pages++;

        if (result->next_token) {
                why = find_loop(listing, result);
                if (why)
                        fail_with(listing, OUTCOME_UNREADABLE, why);
                else if (ask(listing, result->next_token) < 0)
                        fail_with(listing, OUTCOME_ERROR, "out of memory while listing");
                return;
        }

        listing->complete = true;
        if (observer->listings[LISTING_REQUESTS].complete
                        && observer->listings[LISTING_FRAMEWORKS].complete)
                finish(observer);
}

static int ask(Listing *listing, const char *next_token) {
        ApiRequest request = {
                .operation = listing->operation,
                .next_token = next_token,
                .sink = listing->observer->observation,
                .on_record = listing->operation == API_LIST_SHARE_REQUESTS
                                ? listing->observer->callbacks.on_record
                                : NULL,
                .on_record_userdata = listing->observer->callbacks.userdata,
        };

        listing->first_of_page = count_records(listing);
        return share_service_call(
                        listing->observer->service, &request, on_page, listing, &listing->call);
}

int observer_new(ShareService *service, const ObserverCallbacks *callbacks, Observer **ret) {
        static const ApiOperation operations[LISTING_MAX] = {
                [LISTING_REQUESTS] = API_LIST_SHARE_REQUESTS,
                [LISTING_FRAMEWORKS] = API_LIST_FRAMEWORKS,
        };
        _cleanup_(observer_freep) Observer *observer = calloc(1, sizeof(Observer));
        int r;

        if (!observer)
                return -ENOMEM;
        *observer = (Observer){ .service = service, .callbacks = *callbacks };
        r = observation_new(&observer->observation);
        if (r < 0)
                return r;

        for (size_t i = 0; i < LISTING_MAX; i++) {
                observer->listings[i] =
                                (Listing){ .observer = observer, .operation = operations[i] };
                r = ask(&observer->listings[i], NULL);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(observer);
        return 0;
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Observing one source: all pages of both listings, or an error
 *
 * Half a listing is none: whoever plans from it would take what is missing for what was never sent.
 */

#include "model/observation.h"
#include "model/outcome.h"
#include "model/share-service.h"
#include "util/macro.h"

typedef struct Observer Observer;

/*
 * Called once, from the event loop, with the sorted observation (which the callback owns) or NULL
 * and the outcome that stopped it. operation is the one that failed.
 */
typedef void (*ObserverCallback)(Observation *observation,
                ApiOperation operation,
                const ApiOutcome *outcome,
                void *userdata);

/* Pages are more than any account can have; an account with this many is a listing without end. */
#define OBSERVE_PAGES_MAX 10000

/* A page may be empty and not be the last; so many in a row are not a listing. */
#define OBSERVE_EMPTY_PAGES_MAX 100

typedef struct ObserverCallbacks {
        ObserverCallback observed;
        /* Each record of the share requests as the API wrote it; may be NULL. */
        void (*on_record)(const struct json_t *record, void *userdata);
        void *userdata;
} ObserverCallbacks;

/* 0 or a negative errno with nothing begun. Freeing cancels; `observed` may free. */
int observer_new(ShareService *service, const ObserverCallbacks *callbacks, Observer **ret);
Observer *observer_free(Observer *observer);

DEFINE_CLEANUP(Observer, observer_free)

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What every source lists, all of them at once: for verbs that look without planning. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ctl/engine.h"
#include "model/observation.h"
#include "reconcile/observe.h"
#include "util/buffer.h"

typedef struct Listed {
        const Source *source;
        Observer *observer;
        Observation *observation; /* NULL: it failed */
        Buffer json; /* for whoever takes the records as the API wrote them */
        ApiOutcome outcome;
        ApiOperation operation;
        size_t *left; /* sources that are still being listed */
        bool *done;
} Listed;

/* Zeroes are an empty one; the items are as the settings order the sources. */
typedef struct Listing {
        Listed *items;
        size_t n_items, n_left;
        bool done;
} Listing;

/* Each record of the share requests, its userdata being the source's Listed. */
typedef void (*ListingRecord)(const json_t *record, void *userdata);

/*
 * Runs until each source was listed or has failed. 0, or a negative errno where not even that was
 * possible, which was logged. on_record may be NULL.
 */
int listing_observe(Engine *engine, ListingRecord on_record, Listing *listing);

/* Logs why a source could not be listed, for each; returns how many there are. */
size_t listing_report_errors(const Listing *listing);

void listing_done(Listing *listing);

#define _cleanup_listing_ _cleanup_(listing_done)

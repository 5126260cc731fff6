#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What of a listing a shares file can declare: the live requests by framework, one a share, and how
 * many others there are. */

#include <stdbool.h>
#include <stddef.h>

#include "ctl/listing.h"
#include "model/share.h"

/* A framework of a source, and the requests that count for its shares, by recipient. */
typedef struct ImportEntry {
        const Listed *listed;
        Uuid id;
        const char *name; /* NULL: it has none */
        bool exists; /* among the source's frameworks */
        bool by_name; /* which tells it from all others, and can be declared */
        const ShareRequest **requests;
        size_t n_requests;
} ImportEntry;

typedef struct ImportEntries {
        ImportEntry *items; /* sources as the settings order them, then names, then ids */
        size_t n_items, capacity;
        const ShareRequest **requests; /* of all items */
        size_t n_doubles; /* live requests beside the one that counts */
        size_t n_ended[SHARE_STATUS_MAX]; /* readable ones that do not live */
        size_t n_unreadable;
} ImportEntries;

/* Fills empty entries, which point into the listing; each source must have an observation. 0 or
 * -ENOMEM. */
int import_collect(const Listing *listing, ImportEntries *entries);

/* A text of the source's listing; NULL where it is empty, or none. */
const char *import_text(const Listed *listed, StringId id);

void import_entries_done(ImportEntries *entries);

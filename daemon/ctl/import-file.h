#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is listed, as a shares file
 *
 * For people to read and edit, and for the loader to take once they have acknowledged what only
 * they can know. What could not be declared stands there in comments, so that nothing is lost
 * silently.
 */

#include <stddef.h>
#include <stdint.h>

#include "ctl/listing.h"
#include "model/settings.h"
#include "util/buffer.h"

typedef struct ImportCount {
        size_t n_frameworks, n_shares; /* declared */
        size_t n_left_out; /* live requests that cannot be declared */
} ImportCount;

/* Appends the file; every source of the listing must have an observation. 0 or -ENOMEM. */
int import_write(Buffer *file,
                const Listing *listing,
                const Settings *settings,
                int64_t now_usec,
                ImportCount *ret);

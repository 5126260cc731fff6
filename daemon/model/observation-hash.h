#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A number for each record of an observation: whether two observations, made by two processes, say
 * the same, and how many records they differ in
 */

#include <stddef.h>
#include <stdint.h>

#include "model/observation.h"

/* Sorted, so that the order of the listing says nothing. */
typedef struct RecordHashes {
        uint64_t *items;
        size_t count;
} RecordHashes;

/* Of all that a record says: key, id, status, times, comment and name. 0 or -ENOMEM. Free with
 * record_hashes_done(). */
int observation_hash_requests(const Observation *observation, RecordHashes *ret);
int observation_hash_frameworks(const Observation *observation, RecordHashes *ret);

/* In how many records two differ; one that changed counts once. */
size_t record_hashes_differ(const RecordHashes *a, const RecordHashes *b);

void record_hashes_done(RecordHashes *hashes);

#define _cleanup_record_hashes_ _cleanup_(record_hashes_done)

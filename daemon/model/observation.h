#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What one source's listings said, as arrays. */

#include <stdbool.h>
#include <stddef.h>

#include "model/share.h"
#include "util/macro.h"

/* A listing longer than this is one without end. */
#define OBSERVATION_RECORDS_MAX ((size_t) 4 * 1000 * 1000)

/* All text of one listing: names, comments, statuses, each kept once. */
#define OBSERVATION_TEXT_MAX ((size_t) 256 * 1024 * 1024)

typedef struct Observation {
        ShareRequest *requests;
        size_t n_requests, requests_capacity;
        Framework *frameworks;
        size_t n_frameworks, frameworks_capacity;
        Strings *strings;
} Observation;

int observation_new(Observation **ret);
Observation *observation_free(Observation *observation);

/* Appends a copy. 0, -ENOMEM, or -EFBIG beyond the limit. */
int observation_add_request(Observation *observation, const ShareRequest *request);
int observation_add_framework(Observation *observation, const Framework *framework);

/* Sorts requests by share_request_compare() (dropping doubles of one id: a page may repeat) and
 * frameworks by id. */
void observation_sort(Observation *observation);

DEFINE_CLEANUP(Observation, observation_free)

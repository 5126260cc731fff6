#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics: $RUNTIME_DIRECTORY/auditshared.prom, for node_exporter's textfile collector. */

#include <stddef.h>
#include <stdint.h>

#include "model/action.h"
#include "model/share.h"

typedef struct MetricsCall {
        const char *operation;
        const char *code;
        uint64_t count;
} MetricsCall;

typedef struct MetricsSource {
        const char *name;
        uint32_t conditions[CONDITION_MAX];
        uint32_t statuses[SHARE_STATUS_MAX];
        const MetricsCall *calls;
        size_t n_calls;
        uint64_t retries;
} MetricsSource;

/* Times are TIME_UNKNOWN where there is none. */
typedef struct Metrics {
        const MetricsSource *sources;
        size_t n_sources;
        int64_t pass_duration_usec;
        int64_t last_pass_usec, last_success_usec;
        int64_t soonest_expiry_usec;
} Metrics;

#define METRICS_FILE_NAME "auditshared.prom"

/* Replaces the file in the folder. 0 or a negative errno. */
int metrics_write(const char *directory, const Metrics *metrics);

/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics in the text format that Prometheus' textfile collector reads; a label's value is escaped
 * as it wants it. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "model/version.h"
#include "record/metrics.h"
#include "util/buffer.h"
#include "util/file.h"
#include "util/time.h"

static void begin(Buffer *out, const char *name, const char *type, const char *help) {
        (void) buffer_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_label(Buffer *out, const char *name, const char *value) {
        (void) buffer_addf(out, "%s=\"", name);
        for (; *value; value++) {
                if (*value == '\\' || *value == '"')
                        (void) buffer_add_char(out, '\\');
                if (*value == '\n')
                        (void) buffer_add(out, "\\n");
                else
                        (void) buffer_add_char(out, *value);
        }
        (void) buffer_add_char(out, '"');
}

/* name{source="…",label="value"} count */
static void add_count(Buffer *out,
                const char *name,
                const char *source,
                const char *label,
                const char *value,
                uint64_t count) {
        (void) buffer_addf(out, "%s{", name);
        add_label(out, "source", source);
        (void) buffer_add_char(out, ',');
        add_label(out, label, value);
        (void) buffer_addf(out, "} %" PRIu64 "\n", count);
}

static void add_shares(Buffer *out, const Metrics *m) {
        begin(out, "auditshared_shares", "gauge", "Shares by condition, as of the last pass.");
        for (size_t i = 0; i < m->n_sources; i++)
                for (unsigned c = CONDITION_UNKNOWN + 1; c < CONDITION_MAX; c++)
                        add_count(out, "auditshared_shares", m->sources[i].name, "condition",
                                        condition_name((Condition) c), m->sources[i].conditions[c]);

        begin(out, "auditshared_share_requests", "gauge",
                        "Share requests by status, as of the last listing.");
        for (size_t i = 0; i < m->n_sources; i++)
                for (unsigned s = SHARE_STATUS_NONE + 1; s < SHARE_STATUS_MAX; s++)
                        add_count(out, "auditshared_share_requests", m->sources[i].name, "status",
                                        s == SHARE_STATUS_UNKNOWN
                                                        ? "unknown"
                                                        : share_status_name((ShareStatus) s),
                                        m->sources[i].statuses[s]);
}

static void add_calls(Buffer *out, const Metrics *m) {
        begin(out, "auditshared_api_requests_total", "counter",
                        "Requests to AWS by operation and HTTP status.");
        for (size_t i = 0; i < m->n_sources; i++)
                for (size_t j = 0; j < m->sources[i].n_calls; j++) {
                        const MetricsCall *call = &m->sources[i].calls[j];

                        (void) buffer_add(out, "auditshared_api_requests_total{");
                        add_label(out, "source", m->sources[i].name);
                        (void) buffer_add_char(out, ',');
                        add_label(out, "operation", call->operation);
                        (void) buffer_add_char(out, ',');
                        add_label(out, "code", call->code);
                        (void) buffer_addf(out, "} %" PRIu64 "\n", call->count);
                }

        begin(out, "auditshared_api_retries_total", "counter", "Requests that were sent again.");
        for (size_t i = 0; i < m->n_sources; i++) {
                (void) buffer_add(out, "auditshared_api_retries_total{");
                add_label(out, "source", m->sources[i].name);
                (void) buffer_addf(out, "} %" PRIu64 "\n", m->sources[i].retries);
        }
}

static void add_seconds(Buffer *out, const char *name, const char *help, int64_t usec) {
        if (usec == TIME_UNKNOWN || usec == TIME_INFINITY)
                return;
        begin(out, name, "gauge", help);
        (void) buffer_addf(out, "%s %" PRId64 ".%06" PRId64 "\n", name, usec / USEC_PER_SEC,
                        usec % USEC_PER_SEC);
}

static void add_times(Buffer *out, const Metrics *m) {
        add_seconds(out, "auditshared_pass_duration_seconds", "How long the last pass took.",
                        m->pass_duration_usec);
        add_seconds(out, "auditshared_last_pass_timestamp_seconds", "When the last pass ended.",
                        m->last_pass_usec);
        add_seconds(out, "auditshared_last_success_timestamp_seconds",
                        "When the last whole pass ended.", m->last_success_usec);
        add_seconds(out, "auditshared_soonest_expiry_timestamp_seconds",
                        "When the first open share request ends.", m->soonest_expiry_usec);
}

int metrics_write(const char *directory, const Metrics *metrics) {
        _cleanup_buffer_ Buffer out = { 0 };
        _cleanup_close_ int dir_fd = -EBADF;

        add_shares(&out, metrics);
        add_calls(&out, metrics);
        add_times(&out, metrics);
        begin(&out, "auditshared_build_info", "gauge", "The version that runs.");
        (void) buffer_add(&out, "auditshared_build_info{version=\"" AUDITSHARED_VERSION "\"} 1\n");
        if (buffer_status(&out) < 0)
                return -ENOMEM;

        dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return -errno;
        return file_replace(dir_fd, METRICS_FILE_NAME, 0644, out.data, out.length, false);
}

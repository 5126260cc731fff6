/* SPDX-License-Identifier: Apache-2.0 */

/* Publishing what a pass found. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "publish.h"
#include "record/journal.h"
#include "record/metrics.h"
#include "record/status.h"
#include "util/buffer.h"
#include "util/mem.h"
#include "util/time.h"

char *publish_summary(const Pass *pass, int64_t ended_usec) {
        PassCounts counts = pass_counts(pass);
        char took[TIME_TEXT_MAX], *text;

        if (asprintf(&text,
                            "Pass %s %s: %u desired, %u observed; %u started, %u resent, %u "
                            "revoked, %u failed, %u held",
                            pass_is_whole(pass) ? "completed in" : "refused or cut short after",
                            timespan_format(ended_usec - pass_started_usec(pass), took),
                            counts.desired, counts.observed, counts.started, counts.resent,
                            counts.revoked, counts.failed, counts.held)
                        < 0)
                return NULL;
        return text;
}

void publish_completed(const Pass *pass, int64_t ended_usec) {
        _cleanup_free_ char *text = publish_summary(pass, ended_usec);
        PassCounts counts = pass_counts(pass);
        JournalEntry event;

        journal_begin(&event, EVENT_PASS_COMPLETED, LOG_LEVEL_INFO, "%s",
                        text ? text : "Pass completed");
        journal_add(&event, "PASS_ID", pass_id(pass));
        journal_add_count(&event, "PASS_DESIRED", counts.desired);
        journal_add_count(&event, "PASS_OBSERVED", counts.observed);
        journal_add_count(&event, "PASS_STARTED", counts.started);
        journal_add_count(&event, "PASS_RESENT", counts.resent);
        journal_add_count(&event, "PASS_REVOKED", counts.revoked);
        journal_add_count(&event, "PASS_FAILED", counts.failed);
        journal_add_count(&event, "PASS_HELD", counts.held);
        journal_add_count(&event, "PASS_USEC",
                        (uint64_t) MAX(ended_usec - pass_started_usec(pass), INT64_C(0)));
        journal_send(&event);
}

static int add_share(const ShareView *view, void *userdata) {
        return status_writer_add(userdata, view);
}

/* The pass to ask about a source: any of them knows what memory knows. */
static const Pass *pass_of(const PublishInput *in, size_t source) {
        return in->sources[source].pass ? in->sources[source].pass : in->pass;
}

static int visit_shares(const PublishInput *in,
                int (*visit)(const ShareView *view, void *userdata),
                void *userdata) {
        int r = 0;

        for (size_t i = 0; i < in->settings->n_sources && r >= 0; i++)
                r = pass_visit_source(pass_of(in, i), i, visit, userdata);
        return r;
}

/* "still being listed after 2min 5s; the other sources go on without it" */
typedef struct LaggardText {
        char text[TIME_TEXT_MAX + 64];
} LaggardText;

static const char *laggard_format(const PublishInput *in, size_t source, LaggardText *ret) {
        const Pass *pass = pass_of(in, source);
        char span[TIME_TEXT_MAX];

        (void) snprintf(ret->text, sizeof(ret->text),
                        "still being %s after %s; the other sources go on without it",
                        pass_scope(pass, source) ? "written to" : "listed",
                        timespan_format(MAX(in->now_usec - pass_started_usec(pass), INT64_C(0)),
                                        span));
        return ret->text;
}

static const char *result_name(const PublishInput *in) {
        if (in->ended_usec == TIME_UNKNOWN)
                return "running";
        return pass_is_whole(in->pass) ? "completed" : "refused";
}

int publish_status(const PublishInput *in) {
        size_t n = in->settings->n_sources;
        _cleanup_(status_writer_freep) StatusWriter *writer = NULL;
        _cleanup_free_ StatusSource *sources = calloc(n, sizeof(StatusSource));
        _cleanup_free_ LaggardText *texts = calloc(n, sizeof(LaggardText));
        StatusHeader header = {
                .pass_id = pass_id(in->pass),
                .started_usec = pass_started_usec(in->pass),
                .ended_usec = in->ended_usec,
                .next_pass_usec = in->next_pass_usec,
                .result = result_name(in),
                .mode = settings_mode_names[in->settings->mode],
                .sources = sources,
                .n_sources = n,
        };
        int r;

        if (!sources || !texts)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                sources[i] = (StatusSource){
                        .name = in->settings->sources[i].name,
                        .account = in->settings->sources[i].account,
                        .region = region_name(in->settings->sources[i].region),
                        .error = in->sources[i].left_behind ? laggard_format(in, i, &texts[i])
                                                            : pass_source_error(pass_of(in, i), i),
                };
        r = status_writer_new(status_default_directory(), &header, &writer);
        if (r < 0)
                return r;
        r = visit_shares(in, add_share, writer);
        return r < 0 ? r : status_writer_commit(writer);
}

/* Tallied from the shares as they are now, after what the pass did. */
typedef struct Tally {
        MetricsSource *sources;
        const Settings *settings;
        int64_t soonest_expiry_usec;
} Tally;

static int tally_share(const ShareView *view, void *userdata) {
        Tally *tally = userdata;
        ShareStatus status =
                        view->status ? share_status_from_name(view->status) : SHARE_STATUS_NONE;

        for (size_t i = 0; i < tally->settings->n_sources; i++)
                if (tally->sources[i].name == view->source) {
                        tally->sources[i].conditions[view->condition]++;
                }
        if ((status == SHARE_STATUS_ACTIVE || status == SHARE_STATUS_EXPIRING)
                        && view->expires_usec != TIME_UNKNOWN)
                tally->soonest_expiry_usec = MIN(tally->soonest_expiry_usec, view->expires_usec);
        return 0;
}

/* All requests that were listed, the history among them; those of a source that was not listed are
 * not known. */
static void count_requests(const Scope *scope, MetricsSource *source) {
        for (size_t i = 0; scope && i < scope->observation->n_requests; i++)
                source->statuses[scope->observation->requests[i].status]++;
}

/* 0 with sources that the caller frees, their calls too. */
static int tally(const PublishInput *in, Tally *ret) {
        int r;

        *ret = (Tally){ .settings = in->settings, .soonest_expiry_usec = TIME_INFINITY };
        ret->sources = calloc(in->settings->n_sources, sizeof(MetricsSource));
        if (!ret->sources)
                return -ENOMEM;
        for (size_t i = 0; i < in->settings->n_sources; i++)
                ret->sources[i].name = in->settings->sources[i].name;
        for (size_t i = 0; i < in->settings->n_sources; i++)
                count_requests(pass_scope(pass_of(in, i), i), &ret->sources[i]);
        r = visit_shares(in, tally_share, ret);
        if (r < 0) {
                free(ret->sources);
                ret->sources = NULL;
        }
        return r;
}

int publish_metrics(const PublishInput *in) {
        _cleanup_free_ MetricsSource *sources = NULL;
        Metrics metrics = {
                .n_sources = in->settings->n_sources,
                .pass_duration_usec = in->ended_usec == TIME_UNKNOWN
                                ? TIME_UNKNOWN
                                : in->ended_usec - pass_started_usec(in->pass),
                .last_pass_usec = in->ended_usec,
                .last_success_usec = in->last_success_usec,
        };
        Tally tallied;
        int r;

        r = tally(in, &tallied);
        if (r < 0)
                return r;
        metrics.sources = sources = tallied.sources;
        metrics.soonest_expiry_usec = tallied.soonest_expiry_usec;

        for (size_t i = 0; i < in->settings->n_sources && r >= 0; i++) {
                const ClientCount *counts =
                                aws_client_counts(in->session->clients[i], &sources[i].n_calls);
                MetricsCall *calls = calloc(sources[i].n_calls + 1, sizeof(MetricsCall));

                for (size_t j = 0; calls && j < sources[i].n_calls; j++)
                        calls[j] = (MetricsCall){ counts[j].operation, counts[j].code,
                                counts[j].count };
                sources[i].calls = calls;
                sources[i].retries = aws_client_retries(in->session->clients[i]);
                r = calls ? 0 : -ENOMEM;
        }
        if (r >= 0)
                r = metrics_write(status_default_directory(), &metrics);
        for (size_t i = 0; i < in->settings->n_sources; i++)
                free((void *) (uintptr_t) sources[i].calls);
        return r;
}

char *publish_line(const PublishInput *in) {
        _cleanup_free_ MetricsSource *sources = NULL;
        _cleanup_buffer_ Buffer line = { 0 };
        uint32_t conditions[CONDITION_MAX] = { 0 }, total = 0, failing = 0, at_work = 0;
        const char *separator = ": ";
        char span[TIME_TEXT_MAX];
        Tally tallied;

        if (tally(in, &tallied) < 0)
                return NULL;
        sources = tallied.sources;
        for (size_t i = 0; i < in->settings->n_sources; i++) {
                at_work += in->sources[i].left_behind;
                failing += !in->sources[i].left_behind && pass_source_error(pass_of(in, i), i);
                for (unsigned c = 0; c < CONDITION_UNMANAGED; c++) {
                        conditions[c] += sources[i].conditions[c];
                        total += sources[i].conditions[c];
                }
        }

        (void) buffer_addf(&line, "%u share%s", total, total == 1 ? "" : "s");
        for (unsigned c = CONDITION_UNKNOWN + 1; c < CONDITION_UNMANAGED; c++)
                if (conditions[c] > 0) {
                        (void) buffer_addf(&line, "%s%u %s", separator, conditions[c],
                                        condition_name((Condition) c));
                        separator = ", ";
                }
        if (failing > 0)
                (void) buffer_addf(
                                &line, "; %u source%s failing", failing, failing == 1 ? "" : "s");
        if (at_work > 0)
                (void) buffer_addf(&line, "; %u source%s still at work", at_work,
                                at_work == 1 ? "" : "s");
        if (in->next_pass_usec != TIME_UNKNOWN)
                (void) buffer_addf(&line, "; next pass in %s",
                                timespan_format(in->next_pass_usec - in->now_usec, span));
        return buffer_status(&line) < 0 ? NULL : buffer_steal(&line);
}

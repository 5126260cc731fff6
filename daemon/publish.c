/* SPDX-License-Identifier: Apache-2.0 */

/* Publishing what a pass found. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "publish.h"
#include "reconcile/visit.h"
#include "record/journal.h"
#include "record/metrics.h"
#include "record/status.h"
#include "util/buffer.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/time.h"

/* How many shares are published between two looks at the clock. */
#define SHARES_PER_LOOK 256

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

/* By a person, not by a fault: no error, but no completed pass either. */
void publish_cut_short(const Pass *pass, const char *why) {
        JournalEntry event;

        journal_begin(&event, EVENT_PASS_REFUSED, LOG_LEVEL_NOTICE, "Pass cut short: %s", why);
        journal_add(&event, "PASS_ID", pass_id(pass));
        journal_send(&event);
}

/* The pass to ask about a source: any of them knows what memory knows. */
static const Pass *pass_of(const PublishInput *in, size_t source) {
        return in->sources[source].pass ? in->sources[source].pass : in->pass;
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

struct Publication {
        PublishInput in;
        PublishSource *sources; /* those of the input */
        StatusWriter *writer; /* NULL where it could not begin */
        int status_error; /* the first of the status file */
        MetricsSource *tallies; /* one a source */
        int64_t soonest_expiry_usec;
        size_t source; /* that is being visited */
        bool in_source; /* and has been begun */
        ShareVisit visit;
};

static const char *result_name(const PublishInput *in) {
        if (in->ended_usec == TIME_UNKNOWN)
                return "running";
        return pass_is_whole(in->pass) ? "completed" : "refused";
}

/* Begins the status file. */
static int begin_status(const PublishInput *in, StatusWriter **ret) {
        size_t n = in->settings->n_sources;
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
        return status_writer_new(status_default_directory(), &header, ret);
}

int publication_new(const PublishInput *input, Publication **ret) {
        size_t n = input->settings->n_sources;
        _cleanup_(publication_freep) Publication *p = calloc(1, sizeof(Publication));

        if (!p)
                return -ENOMEM;
        p->soonest_expiry_usec = TIME_INFINITY;
        p->tallies = calloc(n, sizeof(MetricsSource));
        p->sources = calloc(n, sizeof(PublishSource));
        if (!p->tallies || !p->sources)
                return -ENOMEM;

        memcpy(p->sources, input->sources, n * sizeof(PublishSource));
        p->in = *input;
        p->in.sources = p->sources;
        for (size_t i = 0; i < n; i++)
                p->tallies[i].name = input->settings->sources[i].name;
        /* Without a status file there are still metrics. */
        p->status_error = begin_status(&p->in, &p->writer);
        *ret = TAKE_PTR(p);
        return 0;
}

Publication *publication_free(Publication *p) {
        if (!p)
                return NULL;

        share_visit_done(&p->visit);
        (void) status_writer_free(p->writer);
        free(p->tallies);
        free(p->sources);
        free(p);
        return NULL;
}

/* Tallied from the shares as they are now, after what the pass did. */
static void tally_share(Publication *p, const ShareView *view) {
        ShareStatus status =
                        view->status ? share_status_from_name(view->status) : SHARE_STATUS_NONE;

        p->tallies[p->source].conditions[view->condition]++;
        if ((status == SHARE_STATUS_ACTIVE || status == SHARE_STATUS_EXPIRING)
                        && view->expires_usec != TIME_UNKNOWN)
                p->soonest_expiry_usec = MIN(p->soonest_expiry_usec, view->expires_usec);
}

/* All requests that were listed, the history among them; those of a source that was not listed are
 * not known. */
static void count_requests(const Scope *scope, MetricsSource *source) {
        for (size_t i = 0; scope && i < scope->observation->n_requests; i++)
                source->statuses[scope->observation->requests[i].status]++;
}

/* The first share of a source is about to be visited. */
static int begin_source(Publication *p) {
        const Pass *pass = pass_of(&p->in, p->source);
        int r;

        r = share_visit_begin(pass, p->source, &p->visit);
        if (r < 0)
                return r;
        count_requests(pass_scope(pass, p->source), &p->tallies[p->source]);
        p->in_source = true;
        return 0;
}

static void publish_share(Publication *p, const ShareView *view) {
        tally_share(p, view);
        if (p->status_error >= 0)
                p->status_error = status_writer_add(p->writer, view);
}

/* As publication_step(). */
static int publish_source(Publication *p, int64_t until_usec) {
        ShareView view;
        int r;

        do
                for (unsigned i = 0; i < SHARES_PER_LOOK; i++) {
                        r = share_visit_next(&p->visit, &view);
                        if (r <= 0)
                                return r;
                        publish_share(p, &view);
                }
        while (monotonic_usec() < until_usec);
        return 1;
}

int publication_step(Publication *p, int64_t until_usec) {
        int r;

        while (p->source < p->in.settings->n_sources) {
                r = p->in_source ? 0 : begin_source(p);
                if (r >= 0)
                        r = publish_source(p, until_usec);
                if (r != 0)
                        return r;
                share_visit_done(&p->visit);
                p->in_source = false;
                p->source++;
        }
        return 0;
}

static int write_status(Publication *p) {
        return p->status_error < 0 ? p->status_error : status_writer_commit(p->writer);
}

static void add_times(const PublishInput *in, Metrics *metrics) {
        metrics->last_pass_usec = in->ended_usec;
        metrics->last_success_usec = in->last_success_usec;
        metrics->pass_duration_usec = in->ended_usec == TIME_UNKNOWN
                        ? TIME_UNKNOWN
                        : in->ended_usec - pass_started_usec(in->pass);
}

/* The caller frees the calls. */
static int add_calls(const AwsClient *client, MetricsSource *source) {
        const ClientCount *counts = aws_client_counts(client, &source->n_calls);
        MetricsCall *calls = calloc(source->n_calls + 1, sizeof(MetricsCall));

        for (size_t i = 0; calls && i < source->n_calls; i++)
                calls[i] = (MetricsCall){ counts[i].operation, counts[i].code, counts[i].count };
        source->calls = calls;
        source->retries = aws_client_retries(client);
        return calls ? 0 : -ENOMEM;
}

static int write_metrics(Publication *p) {
        const PublishInput *in = &p->in;
        Metrics metrics = {
                .sources = p->tallies,
                .n_sources = in->settings->n_sources,
                .soonest_expiry_usec = p->soonest_expiry_usec,
        };
        int r = 0;

        add_times(in, &metrics);
        for (size_t i = 0; i < in->settings->n_sources && r >= 0; i++)
                r = add_calls(in->session->clients[i], &p->tallies[i]);
        if (r >= 0)
                r = metrics_write(status_default_directory(), &metrics);
        for (size_t i = 0; i < in->settings->n_sources; i++) {
                free((void *) (uintptr_t) p->tallies[i].calls);
                p->tallies[i].calls = NULL;
        }
        return r;
}

/* "120 shares: 97 ready, 12 pending; next pass in 14min", as a new string; NULL when out of memory.
 */
static char *summary_line(const Publication *p) {
        const PublishInput *in = &p->in;
        _cleanup_buffer_ Buffer line = { 0 };
        uint32_t conditions[CONDITION_MAX] = { 0 }, total = 0, failing = 0, at_work = 0;
        const char *separator = ": ";
        char span[TIME_TEXT_MAX];

        for (size_t i = 0; i < in->settings->n_sources; i++) {
                at_work += in->sources[i].left_behind;
                failing += !in->sources[i].left_behind && pass_source_error(pass_of(in, i), i);
                for (unsigned c = 0; c < CONDITION_UNMANAGED; c++) {
                        conditions[c] += p->tallies[i].conditions[c];
                        total += p->tallies[i].conditions[c];
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

void publication_finish(Publication *p) {
        _cleanup_free_ char *line = NULL;
        int r;

        r = write_status(p);
        if (r < 0)
                (void) log_warning_errno(r, "Cannot write the status file, ignoring");
        if (p->in.ended_usec == TIME_UNKNOWN)
                return;
        r = write_metrics(p);
        if (r < 0)
                (void) log_warning_errno(r, "Cannot write the metrics, ignoring");
        line = summary_line(p);
        if (line)
                (void) sd_notifyf(0, "STATUS=%s", line);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What the report knows: the shares of the status file, sorted, with their frameworks and
 * recipients. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/report.h"
#include "model/share.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* All that the shares say, each text once. */
#define TEXT_MAX ((size_t) 256 * 1024 * 1024)

const char *report_text(const Report *report, StringId id) {
        return strings_get(report->strings, id);
}

const char *report_framework_name(const Report *report, const ReportShare *share) {
        return report_text(report,
                        share->framework_name ? share->framework_name : share->framework_id);
}

bool report_can_expire(const Report *report, const ReportShare *share) {
        const char *name = report_text(report, share->status);
        ShareStatus status = name ? share_status_from_name(name) : SHARE_STATUS_NONE;

        return (status == SHARE_STATUS_ACTIVE || status == SHARE_STATUS_EXPIRING)
                        && share->expires_usec != TIME_UNKNOWN;
}

/* --- rows --- */

static int add_texts(Strings *strings, const json_t *json, ReportShare *share) {
        const struct {
                const char *key;
                StringId *ret;
        } texts[] = {
                { "source", &share->source },
                { "framework_id", &share->framework_id },
                { "framework_name", &share->framework_name },
                { "account", &share->account },
                { "region", &share->region },
                { "status", &share->status },
                { "error", &share->error },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(texts) && r >= 0; i++)
                r = strings_add(strings, status_text(json, texts[i].key), texts[i].ret);
        return r;
}

static int on_share(const json_t *json, void *userdata) {
        Report *report = userdata;
        const char *condition = status_text(json, "condition"),
                   *reason = status_text(json, "reason");
        ReportShare share = {
                .condition = (uint8_t) (condition ? condition_from_name(condition)
                                                  : CONDITION_UNKNOWN),
                .reason = (uint8_t) (reason ? reason_from_name(reason) : REASON_NONE),
                .since_usec = status_time(json, "since"),
                .expires_usec = status_time(json, "expires"),
                .next_attempt_usec = status_time(json, "next_attempt"),
        };
        int r;

        if (report->n_shares == UINT32_MAX)
                return -EFBIG;
        r = add_texts(report->strings, json, &share);
        if (r >= 0)
                r = ARRAY_RESERVE(report->shares, report->capacity, report->n_shares + 1);
        if (r < 0)
                return r;
        report->shares[report->n_shares++] = share;
        report->conditions[share.condition]++;
        return 0;
}

/* --- order --- */

static int compare_texts(const Report *report, StringId a, StringId b) {
        const char *x = report_text(report, a), *y = report_text(report, b);

        return a == b ? 0 : strcmp(x ? x : "", y ? y : "");
}

/* "Framework 2" before "Framework 10". */
static int compare_names(const Report *report, StringId a, StringId b) {
        const char *x = report_text(report, a), *y = report_text(report, b);

        return a == b ? 0 : strverscmp(x ? x : "", y ? y : "");
}

static int compare_ids(StringId a, StringId b) {
        return (a > b) - (a < b);
}

static int compare_frameworks(const Report *report, const ReportShare *a, const ReportShare *b) {
        /* Texts are numbered as they come, so this is the order of the file. */
        int r = compare_ids(a->source, b->source);

        if (r == 0)
                r = compare_names(report, a->framework_name, b->framework_name);
        return r != 0 ? r : compare_texts(report, a->framework_id, b->framework_id);
}

static int compare_recipients(const Report *report, const ReportShare *a, const ReportShare *b) {
        int r = compare_texts(report, a->account, b->account);

        return r != 0 ? r : compare_texts(report, a->region, b->region);
}

static int compare_shares(const void *a, const void *b, void *userdata) {
        int r = compare_frameworks(userdata, a, b);

        return r != 0 ? r : compare_recipients(userdata, a, b);
}

static int compare_by_recipient(const void *a, const void *b, void *userdata) {
        const Report *report = userdata;

        return compare_recipients(report, &report->shares[*(const uint32_t *) a],
                        &report->shares[*(const uint32_t *) b]);
}

/* --- indices --- */

static int index_frameworks(Report *report) {
        size_t capacity = 0;

        for (size_t i = 0; i < report->n_shares; i++) {
                ReportShare *share = &report->shares[i];

                if (i == 0 || compare_frameworks(report, share - 1, share) != 0) {
                        if (ARRAY_RESERVE(report->frameworks, capacity, report->n_frameworks + 1)
                                        < 0)
                                return -ENOMEM;
                        report->frameworks[report->n_frameworks++] = (ReportFramework){
                                .source = share->source,
                                .id = share->framework_id,
                                .name = share->framework_name,
                                .first_share = i,
                        };
                }
                share->framework = (uint32_t) (report->n_frameworks - 1);
                report->frameworks[share->framework].n_shares++;
                report->frameworks[share->framework].conditions[share->condition]++;
        }
        return 0;
}

static int index_recipients(Report *report) {
        _cleanup_free_ uint32_t *order = NULL;
        size_t n, capacity = 0;
        int r;

        r = report_select(report, NULL, compare_by_recipient, &order, &n);
        for (size_t i = 0; i < n && r >= 0; i++) {
                ReportShare *share = &report->shares[order[i]];

                if (i == 0 || compare_by_recipient(&order[i - 1], &order[i], report) != 0) {
                        r = ARRAY_RESERVE(report->recipients, capacity, report->n_recipients + 1);
                        if (r < 0)
                                return r;
                        report->recipients[report->n_recipients++] =
                                        (ReportRecipient){ share->account, share->region };
                }
                share->recipient = (uint32_t) (report->n_recipients - 1);
        }
        return r;
}

int report_select(const Report *report,
                bool (*wanted)(const Report *report, const ReportShare *share),
                int (*compare)(const void *a, const void *b, void *report),
                uint32_t **ret,
                size_t *ret_n) {
        uint32_t *found = calloc(report->n_shares + 1, sizeof(uint32_t));
        size_t n = 0;

        *ret_n = 0;
        if (!found)
                return -ENOMEM;
        for (size_t i = 0; i < report->n_shares; i++)
                if (!wanted || wanted(report, &report->shares[i]))
                        found[n++] = (uint32_t) i;
        if (compare)
                qsort_r(found, n, sizeof(uint32_t), compare, (void *) (uintptr_t) report);
        *ret = found;
        *ret_n = n;
        return 0;
}

/* --- reading --- */

static void note_sources(Report *report) {
        const json_t *sources = json_object_get(report->file->head, "sources");
        StringId seen = 0;

        for (size_t i = 0; i < report->n_shares; i++) {
                report->several_sources |= seen != 0 && report->shares[i].source != seen;
                seen = report->shares[i].source;
        }
        report->several_sources |= json_array_size(sources) > 1;
}

int report_read(Report *report, const char *directory, char **reterr_why) {
        int r;

        *reterr_why = NULL;
        r = strings_new(TEXT_MAX, &report->strings);
        if (r >= 0)
                r = status_file_read(directory, on_share, report, &report->file, reterr_why);
        if (r < 0)
                return r;
        note_sources(report);
        if (report->n_shares > 0)
                qsort_r(report->shares, report->n_shares, sizeof(ReportShare), compare_shares,
                                report);
        r = index_frameworks(report);
        return r < 0 ? r : index_recipients(report);
}

void report_done(Report *report) {
        report->file = status_file_free(report->file);
        report->strings = strings_free(report->strings);
        free(report->shares);
        free(report->frameworks);
        free(report->recipients);
}

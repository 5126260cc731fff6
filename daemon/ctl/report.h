#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The report: one page about all shares, for auditors and managers
 *
 * Made of the status file and the journal alone. What the file says is first taken into rows of a
 * few numbers, sorted once; each section then goes through them and writes as it goes. Nothing is
 * loaded by the page, nothing in it runs, and what is folded says so.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl/status-file.h"
#include "model/action.h"
#include "util/macro.h"
#include "util/strings.h"

/* What stands open before the rest of a table is folded, and what a list has at most. */
#define REPORT_ROWS_OPEN 25
#define REPORT_ROWS_MAX  2000

/* An invitation is answered within 120 days, and EXPIRING for the last 30 of them
 * (https://docs.aws.amazon.com/audit-manager/latest/userguide/framework-sharing.html). */
#define REPORT_DAYS          120
#define REPORT_DAYS_EXPIRING 30

typedef struct ReportShare {
        StringId source, framework_id, framework_name, account, region, status, error;
        uint32_t framework, recipient; /* indices */
        uint8_t condition, reason; /* Condition, Reason */
        int64_t since_usec, expires_usec, next_attempt_usec; /* TIME_UNKNOWN: not known */
} ReportShare;

typedef struct ReportFramework {
        StringId source, id, name;
        size_t first_share, n_shares; /* its shares are neighbours */
        uint32_t conditions[CONDITION_MAX];
} ReportFramework;

typedef struct ReportRecipient {
        StringId account, region;
} ReportRecipient;

typedef struct Report {
        FILE *out;
        StatusFile *file;
        Strings *strings;
        int64_t now_usec;
        ReportShare *shares; /* by source in the file's order, framework's name, recipient */
        size_t n_shares, capacity;
        ReportFramework *frameworks; /* in the same order */
        size_t n_frameworks;
        ReportRecipient *recipients; /* by account, then Region */
        size_t n_recipients;
        uint64_t conditions[CONDITION_MAX];
        bool several_sources;
        unsigned n_tables; /* written so far: their captions are numbered */
} Report;

/*
 * Reads the status file of a folder. 0; -ENOENT, or another negative errno, each with *reterr_why,
 * a line for people that the caller frees (NULL: out of memory).
 */
int report_read(Report *report, const char *directory, char **reterr_why);
void report_done(Report *report);

const char *report_text(const Report *report, StringId id);
const char *report_framework_name(const Report *report, const ReportShare *share);

/* Whether an invitation that nobody answers runs out: others keep a time that means nothing. */
bool report_can_expire(const Report *report, const ReportShare *share);

/* Those that `wanted` is true for, by `compare` (as with qsort_r(3); NULL: as they are). 0 with
 * indices that the caller frees, or -ENOMEM. */
int report_select(const Report *report,
                bool (*wanted)(const Report *report, const ReportShare *share),
                int (*compare)(const void *a, const void *b, void *report),
                uint32_t **ret,
                size_t *ret_n);

/* --- words: report-words.c --- */

/* How a condition is called, and the sign and the CSS class that go with it, both HTML. */
typedef struct ConditionLook {
        const char *name, *sign, *style, *meaning;
} ConditionLook;

extern const ConditionLook report_looks[CONDITION_MAX];

/* In the order in which a reader wants them: what is wrong last. */
extern const Condition report_order[CONDITION_MAX];

/* What a person can do about it, as HTML; NULL: nothing, it goes on by itself. *ret_reset tells
 * that the command for each share is a reset. */
const char *report_remedy(Condition condition, Reason reason, bool *ret_reset);

/* "700 ready, 12 held"; `conditions` has CONDITION_MAX counts. */
void report_counts(FILE *out, const uint64_t *conditions);

/* A span of time for people who count days: "113 days", "5 h". */
void report_span(FILE *out, int64_t usec);

/* The name of a framework, else its id; `with_id`: both. */
void report_framework(const Report *report, const ReportFramework *framework, bool with_id);

/* The cells of framework, account and Region, the first of them the row's heading. */
void report_share_cells(const Report *report, const ReportShare *share);

/* "sudo auditsharectl reset 'Baseline/444455556666/eu-west-1'", quoted for a shell. */
void report_reset_command(const Report *report, const ReportShare *share);

/* --- sections: each writes what stands below its heading; 0 or -ENOMEM --- */

void report_head(Report *report);
int report_summary(Report *report);
int report_matrix(Report *report);
void report_overview(Report *report); /* a part of the matrix where it is large */
int report_waiting(Report *report);
int report_expiry(Report *report);
int report_decisions(Report *report);
int report_under_way(Report *report);
int report_undeclared(Report *report);
int report_history(Report *report);
void report_foot(Report *report);

/* The style sheet, in pieces; ends with NULL. */
extern const char *const report_css[];

/*
 * A table: begin opens it up to its caption, which the caller writes; head ends the caption, writes
 * the headings (HTML; the list ends with NULL) and opens the body. All of it lies in a group that
 * scrolls where the screen is narrow, and can be reached by keyboard.
 */
void report_table_begin(Report *report, const char *style);
void report_table_head(Report *report, const char *const *headings);
void report_table_end(Report *report);

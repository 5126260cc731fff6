/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Lists of shares: who is waited for, what waits for a decision, what is under way, what nobody
 * declares
 *
 * The first rows stand open, the rest is folded, and what goes beyond the limit is counted.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/html.h"
#include "ctl/plan-words.h"
#include "ctl/report.h"
#include "util/mem.h"
#include "util/time.h"

#define ERROR_MAX_CHARACTERS 300

/* Columns behind framework, account and Region. */
typedef enum Column {
        COLUMN_END,
        COLUMN_SINCE,
        COLUMN_STATUS,
        COLUMN_REASON,
        COLUMN_EXPIRES,
        COLUMN_NEXT,
        COLUMN_ERROR,
        COLUMN_COMMAND,
        COLUMN_MAX
} Column;

static const char *const headings[COLUMN_MAX] = {
        [COLUMN_SINCE] = "Since",
        [COLUMN_STATUS] = "Status",
        [COLUMN_REASON] = "Why",
        [COLUMN_EXPIRES] = "Expires",
        [COLUMN_NEXT] = "Tried again",
        [COLUMN_ERROR] = "Message",
        [COLUMN_COMMAND] = "Command that sends it once more",
};

typedef struct List {
        Report *report;
        const char *caption; /* of ours */
        const char *rest; /* what the folded rows are called */
        Column columns[COLUMN_MAX];
        const uint32_t *order;
        size_t n;
} List;

/* --- rows --- */

static void write_since(Report *report, const ReportShare *share) {
        html_raw(report->out, "<td class=when>");
        html_date(report->out, share->since_usec);
        if (share->since_usec != TIME_UNKNOWN && share->since_usec <= report->now_usec) {
                html_raw(report->out, " <small>");
                report_span(report->out, report->now_usec - share->since_usec);
                html_raw(report->out, "</small>");
        }
}

static void write_expires(Report *report, const ReportShare *share) {
        int64_t left = report_can_expire(report, share) ? share->expires_usec - report->now_usec
                                                        : 0;

        html_raw(report->out, "<td class=when>");
        if (!report_can_expire(report, share)) {
                html_date(report->out, TIME_UNKNOWN);
                return;
        }
        html_date(report->out, share->expires_usec);
        html_raw(report->out, " <small>");
        if (left >= 0) {
                html_raw(report->out, "in ");
                report_span(report->out, left);
        } else
                html_raw(report->out, "past");
        html_raw(report->out, "</small>");
}

static void write_column(Report *report, const ReportShare *share, Column column) {
        switch (column) {
        case COLUMN_SINCE:
                write_since(report, share);
                break;
        case COLUMN_STATUS:
                html_raw(report->out, "<td class=status>");
                html_text(report->out, report_text(report, share->status), 40);
                break;
        case COLUMN_REASON:
                html_raw(report->out, "<td>");
                html_text(report->out, reason_words((Reason) share->reason), SIZE_MAX);
                break;
        case COLUMN_EXPIRES:
                write_expires(report, share);
                break;
        case COLUMN_NEXT:
                html_raw(report->out, "<td class=when>");
                html_time(report->out, share->next_attempt_usec);
                break;
        case COLUMN_ERROR:
                html_raw(report->out, "<td>");
                html_text(report->out, report_text(report, share->error), ERROR_MAX_CHARACTERS);
                break;
        case COLUMN_COMMAND:
                html_raw(report->out, "<td>");
                report_reset_command(report, share);
                break;
        case COLUMN_END:
        case COLUMN_MAX:
                return;
        }
        html_raw(report->out, "</td>");
}

static void write_row(const List *list, size_t i) {
        const ReportShare *share = &list->report->shares[list->order[i]];

        html_raw(list->report->out, "<tr>");
        report_share_cells(list->report, share);
        for (const Column *column = list->columns; *column != COLUMN_END; column++)
                write_column(list->report, share, *column);
        html_raw(list->report->out, "</tr>\n");
}

static void begin_table(const List *list, const char *more) {
        const char *names[COLUMN_MAX + 3] = { "Framework", "Account", "Region" };

        for (size_t i = 0; list->columns[i] != COLUMN_END; i++)
                names[i + 3] = headings[list->columns[i]];
        report_table_begin(list->report, "list");
        html_rawf(list->report->out, "%s%s", list->caption, more);
        report_table_head(list->report, names);
}

static void begin_folded(const List *list, size_t left) {
        html_raw(list->report->out, "<details><summary>The other ");
        html_count(list->report->out, left);
        html_rawf(list->report->out, " %s</summary>\n", list->rest);
        begin_table(list, ", the others");
}

static void write_list(const List *list) {
        size_t n = MIN(list->n, (size_t) REPORT_ROWS_MAX);
        bool folded = n > REPORT_ROWS_OPEN + 5; /* a handful is not worth a fold */

        begin_table(list, "");
        for (size_t i = 0; i < n; i++) {
                if (folded && i == REPORT_ROWS_OPEN) {
                        report_table_end(list->report);
                        begin_folded(list, n - i);
                }
                write_row(list, i);
        }
        report_table_end(list->report);
        if (folded)
                html_raw(list->report->out, "</details>\n");
        if (n == list->n)
                return;
        html_raw(list->report->out, "<p class=note>");
        html_count(list->report->out, list->n - n);
        html_raw(list->report->out,
                        " more are not listed here: <code>auditsharectl status</code> "
                        "has them all.</p>\n");
}

/* --- who is waited for --- */

static bool is_pending(const Report *report, const ReportShare *share) {
        (void) report;
        return share->condition == CONDITION_PENDING;
}

/* Oldest first; those of an unknown age last. */
static int compare_age(const void *a, const void *b, void *userdata) {
        const Report *report = userdata;
        uint32_t i = *(const uint32_t *) a, j = *(const uint32_t *) b;
        int64_t x = report->shares[i].since_usec, y = report->shares[j].since_usec;

        if (x != y)
                return x != TIME_UNKNOWN && (y == TIME_UNKNOWN || x < y) ? -1 : 1;
        return (i > j) - (i < j);
}

static int count_accounts(const Report *report, const uint32_t *order, size_t n, uint64_t *ret) {
        _cleanup_free_ bool *seen = calloc(strings_count(report->strings) + 1, sizeof(bool));

        if (!seen)
                return -ENOMEM;
        *ret = 0;
        for (size_t i = 0; i < n; i++) {
                bool *account = &seen[report->shares[order[i]].account];

                *ret += !*account;
                *account = true;
        }
        return 0;
}

static void write_waiting_sentence(Report *report, size_t n, uint64_t accounts, int64_t oldest) {
        html_raw(report->out, "<p>");
        html_count(report->out, n);
        html_rawf(report->out, " invitation%s to ", plural(n));
        html_count(report->out, accounts);
        html_rawf(report->out, " account%s wait%s for an answer", plural(accounts),
                        n == 1 ? "s" : "");
        if (oldest != TIME_UNKNOWN) {
                html_raw(report->out, n == 1 ? ", since " : ", the oldest since ");
                html_date(report->out, oldest);
        }
        html_raw(report->out,
                        ". Somebody in the account has to accept or decline it in the Audit "
                        "Manager console of that Region, under share requests.</p>\n");
}

int report_waiting(Report *report) {
        _cleanup_free_ uint32_t *order = NULL;
        uint64_t accounts;
        size_t n;

        if (report_select(report, is_pending, compare_age, &order, &n) < 0
                        || count_accounts(report, order, n, &accounts) < 0)
                return -ENOMEM;
        if (n == 0)
                html_raw(report->out, "<p class=note>No invitation waits for an answer.</p>\n");
        else {
                write_waiting_sentence(report, n, accounts, report->shares[order[0]].since_usec);
                write_list(&(List){
                                .report = report,
                                .caption = "Invitations without an answer, oldest first",
                                .rest = "invitations",
                                .columns = { COLUMN_SINCE, COLUMN_EXPIRES, COLUMN_STATUS,
                                                COLUMN_REASON },
                                .order = order,
                                .n = n,
                });
        }
        return 0;
}

/* --- groups of one reason --- */

static bool is_grouped(const Report *report, const ReportShare *share) {
        (void) report;
        return share->condition != CONDITION_PENDING && share->condition != CONDITION_READY;
}

/* By condition, then reason, then age. */
static int compare_group(const void *a, const void *b, void *userdata) {
        const Report *report = userdata;
        const ReportShare *x = &report->shares[*(const uint32_t *) a],
                          *y = &report->shares[*(const uint32_t *) b];

        if (x->condition != y->condition)
                return x->condition < y->condition ? -1 : 1;
        if (x->reason != y->reason)
                return x->reason < y->reason ? -1 : 1;
        return compare_age(a, b, userdata);
}

static bool has_errors(const Report *report, const uint32_t *order, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (report->shares[order[i]].error)
                        return true;
        return false;
}

static void write_group_heading(Report *report, Condition condition, Reason reason, size_t n) {
        const ConditionLook *look = &report_looks[condition];

        html_rawf(report->out, "<h3><span class=\"chip %s\">%s %s</span> ", look->style, look->sign,
                        look->name);
        html_text(report->out, reason == REASON_NONE ? "no reason known" : reason_words(reason),
                        SIZE_MAX);
        html_raw(report->out, " <span class=count>");
        html_count(report->out, n);
        html_rawf(report->out, " share%s</span></h3>\n", n == 1 ? "" : "s");
}

/* The shares of one condition and one reason. */
static void write_group(Report *report, const uint32_t *order, size_t n) {
        Condition condition = (Condition) report->shares[order[0]].condition;
        Reason reason = (Reason) report->shares[order[0]].reason;
        List list = { .report = report, .rest = "shares", .order = order, .n = n };
        char caption[128];
        size_t c = 0;
        bool reset;
        const char *remedy = report_remedy(condition, reason, &reset);

        write_group_heading(report, condition, reason, n);
        if (remedy)
                html_rawf(report->out, "<p class=remedy>%s</p>\n", remedy);
        (void) snprintf(caption, sizeof(caption), "Shares %s: %s", report_looks[condition].name,
                        reason == REASON_NONE ? "unknown" : reason_name(reason));
        list.caption = caption;
        list.columns[c++] = COLUMN_SINCE;
        list.columns[c++] = COLUMN_STATUS;
        if (condition == CONDITION_PROGRESSING)
                list.columns[c++] = COLUMN_NEXT;
        if (has_errors(report, order, n))
                list.columns[c++] = COLUMN_ERROR;
        if (reset)
                list.columns[c++] = COLUMN_COMMAND;
        write_list(&list);
}

/* Every group of these two conditions, the first of them first. */
static int write_groups(Report *report, Condition first, Condition second, const char *none) {
        _cleanup_free_ uint32_t *order = NULL;
        const Condition conditions[] = { first, second };
        bool any = false;
        size_t n;

        if (report_select(report, is_grouped, compare_group, &order, &n) < 0)
                return -ENOMEM;
        for (size_t k = 0; k < ELEMENTSOF(conditions); k++)
                for (size_t i = 0, m; i < n; i += m) {
                        for (m = 1; i + m < n
                                        && report->shares[order[i + m]].condition
                                                        == report->shares[order[i]].condition
                                        && report->shares[order[i + m]].reason
                                                        == report->shares[order[i]].reason;)
                                m++;
                        if (report->shares[order[i]].condition != conditions[k])
                                continue;
                        write_group(report, order + i, m);
                        any = true;
                }
        if (!any)
                html_rawf(report->out, "<p class=note>%s</p>\n", none);
        return 0;
}

int report_decisions(Report *report) {
        return write_groups(
                        report, CONDITION_STALLED, CONDITION_HELD, "Nothing is held or stalled.");
}

int report_under_way(Report *report) {
        return write_groups(
                        report, CONDITION_PROGRESSING, CONDITION_UNKNOWN, "Nothing is under way.");
}

int report_undeclared(Report *report) {
        return write_groups(report, CONDITION_ORPHANED, CONDITION_UNMANAGED,
                        "There is no share that is not declared.");
}

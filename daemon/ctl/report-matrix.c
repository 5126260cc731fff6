/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Frameworks × recipients
 *
 * A dozen recipients are columns beneath their accounts, and each framework is a row. With more of
 * them the table turns: recipients become rows, and frameworks columns, a dozen at a time. Only
 * recipients with a share in those columns get a row, so what is written grows with the shares and
 * not with the product of both sides.
 */

#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/html.h"
#include "ctl/report.h"
#include "util/mem.h"
#include "util/string-util.h"

#define COLUMNS_MAX 12

/* Rows of one table; an account is not torn apart for it, up to the second figure. */
#define ROWS_WANTED 40
#define ROWS_MAX    80

/* One table: shares sorted by row, then column. */
typedef struct Block {
        const uint32_t *order; /* indices of shares */
        size_t n;
        uint32_t first_column, n_columns;
        bool recipients_down; /* rows are recipients, columns frameworks */
        bool folded, open;
} Block;

static uint32_t row_of(const Report *report, const Block *block, size_t i) {
        const ReportShare *share = &report->shares[block->order[i]];

        return block->recipients_down ? share->recipient : share->framework;
}

static uint32_t column_of(const Report *report, const Block *block, size_t i) {
        const ReportShare *share = &report->shares[block->order[i]];

        return block->recipients_down ? share->framework : share->recipient;
}

/* --- pieces --- */

static void write_legend(const Report *report) {
        html_raw(report->out, "<ul class=legend aria-label=\"Signs\">");
        for (size_t i = 0; i < ELEMENTSOF(report_order); i++)
                if (report->conditions[report_order[i]] > 0) {
                        const ConditionLook *look = &report_looks[report_order[i]];

                        html_rawf(report->out,
                                        "<li><span class=\"sign %s\" aria-hidden=true>%s</span> "
                                        "%s</li>",
                                        look->style, look->sign, look->name);
                }
        html_raw(report->out,
                        "<li><span class=\"sign empty\" aria-hidden=true></span> empty: not "
                        "shared, not declared</li></ul>\n");
}

/* One cell: nothing, a sign, or several where a key is there more than once. Returns the next
 * share. */
static size_t write_cell(const Report *report,
                const Block *block,
                size_t i,
                uint32_t row,
                uint32_t c) {
        bool any = false;

        for (; i < block->n && row_of(report, block, i) == row && column_of(report, block, i) == c;
                        i++) {
                const ConditionLook *look =
                                &report_looks[report->shares[block->order[i]].condition];

                if (!any)
                        html_rawf(report->out, "<td class=%s>", look->style);
                html_rawf(report->out, "%s<i> %s </i>", look->sign, look->name);
                any = true;
        }
        html_raw(report->out, any ? "</td>" : "<td></td>");
        return i;
}

static size_t write_cells(const Report *report, const Block *block, size_t i) {
        uint32_t row = row_of(report, block, i);

        for (uint32_t c = 0; c < block->n_columns; c++)
                i = write_cell(report, block, i, row, block->first_column + c);
        html_raw(report->out, "</tr>\n");
        return i;
}

/* --- recipients across --- */

static void write_account_headings(const Report *report) {
        const ReportRecipient *recipients = report->recipients;

        for (size_t i = 0, n; i < report->n_recipients; i += n) {
                for (n = 1; i + n < report->n_recipients
                                && recipients[i + n].account == recipients[i].account;)
                        n++;
                html_rawf(report->out, "<th scope=colgroup colspan=%zu class=\"id first\">", n);
                html_name(report->out, report_text(report, recipients[i].account));
                html_raw(report->out, "</th>");
        }
}

static void write_across_head(const Report *report) {
        html_raw(report->out, "</caption>\n<thead><tr><th scope=col rowspan=2>Framework</th>");
        write_account_headings(report);
        html_raw(report->out, "</tr>\n<tr>");
        for (size_t i = 0; i < report->n_recipients; i++) {
                html_raw(report->out, "<th scope=col class=tall><span>");
                html_name(report->out, report_text(report, report->recipients[i].region));
                html_raw(report->out, "</span></th>");
        }
        html_raw(report->out, "</tr></thead>\n");
}

static void write_source_row(const Report *report, const Block *block, StringId source) {
        html_rawf(report->out, "<tbody><tr><th scope=rowgroup colspan=%u class=group>Source ",
                        block->n_columns + 1);
        html_name(report->out, report_text(report, source));
        html_raw(report->out, "</th></tr>\n");
}

static void write_across_body(const Report *report, const Block *block) {
        StringId source = 0;

        if (!report->several_sources)
                html_raw(report->out, "<tbody>\n");
        for (size_t i = 0; i < block->n;) {
                const ReportFramework *framework = &report->frameworks[row_of(report, block, i)];

                if (report->several_sources && (i == 0 || framework->source != source)) {
                        html_raw(report->out, i > 0 ? "</tbody>\n" : "");
                        write_source_row(report, block, framework->source);
                        source = framework->source;
                }
                html_raw(report->out, "<tr><th scope=row>");
                report_framework(report, framework, true);
                html_raw(report->out, "</th>");
                i = write_cells(report, block, i);
        }
}

/* --- recipients down --- */

static void write_down_head(const Report *report, const Block *block) {
        html_raw(report->out,
                        "</caption>\n<thead><tr><th scope=col>Account</th>"
                        "<th scope=col>Region</th>");
        for (uint32_t c = 0; c < block->n_columns; c++) {
                html_raw(report->out, "<th scope=col class=tall><span>");
                report_framework(report, &report->frameworks[block->first_column + c], false);
                html_raw(report->out, "</span></th>");
        }
        html_raw(report->out, "</tr></thead>\n");
}

/* The number of rows with the account of the one that begins at i. */
static unsigned count_regions(const Report *report, const Block *block, size_t i) {
        StringId account = report->recipients[row_of(report, block, i)].account;
        unsigned n = 1;

        for (; ++i < block->n && report->recipients[row_of(report, block, i)].account == account;)
                n += row_of(report, block, i) != row_of(report, block, i - 1);
        return n;
}

static void write_down_body(const Report *report, const Block *block) {
        for (size_t i = 0; i < block->n;) {
                unsigned n = count_regions(report, block, i);
                StringId account = report->recipients[row_of(report, block, i)].account;

                html_rawf(report->out, "%s<tbody><tr><th scope=rowgroup rowspan=%u class=id>",
                                i > 0 ? "</tbody>\n" : "", n);
                html_name(report->out, report_text(report, account));
                html_raw(report->out, "</th>");
                for (unsigned row = 0; row < n; row++) {
                        html_raw(report->out,
                                        row > 0 ? "<tr><th scope=row class=id>"
                                                : "<th scope=row class=id>");
                        html_name(report->out,
                                        report_text(report,
                                                        report->recipients[row_of(report, block, i)]
                                                                        .region));
                        html_raw(report->out, "</th>");
                        i = write_cells(report, block, i);
                }
        }
}

/* --- a table --- */

/* "Frameworks A to B, accounts X to Y": from the first row and column to the last. */
static void write_range(const Report *report, const Block *block) {
        const ReportFramework *frameworks = report->frameworks;
        uint32_t first = block->recipients_down ? block->first_column : row_of(report, block, 0);
        uint32_t last = block->recipients_down ? first + block->n_columns - 1
                                               : row_of(report, block, block->n - 1);

        html_rawf(report->out, "Framework%s ", first == last ? "" : "s");
        report_framework(report, &frameworks[first], false);
        if (first != last) {
                html_raw(report->out, " to ");
                report_framework(report, &frameworks[last], false);
        }
        if (report->several_sources) {
                html_raw(report->out, " of source ");
                html_name(report->out, report_text(report, frameworks[first].source));
        }
        if (!block->recipients_down)
                return;
        html_raw(report->out, ", accounts <span class=id>");
        html_name(report->out,
                        report_text(report, report->recipients[row_of(report, block, 0)].account));
        html_raw(report->out, "</span> to <span class=id>");
        html_name(report->out,
                        report_text(report,
                                        report->recipients[row_of(report, block, block->n - 1)]
                                                        .account));
        html_raw(report->out, "</span>");
}

static void write_block_summary(const Report *report, const Block *block) {
        uint64_t conditions[CONDITION_MAX] = { 0 };

        for (size_t i = 0; i < block->n; i++)
                conditions[report->shares[block->order[i]].condition]++;
        html_rawf(report->out, "<details%s><summary>", block->open ? " open" : "");
        write_range(report, block);
        html_raw(report->out, " <span class=counts>");
        report_counts(report->out, conditions);
        html_raw(report->out, "</span></summary>\n");
}

static void write_block(Report *report, const Block *block) {
        if (block->n == 0)
                return;
        if (block->folded)
                write_block_summary(report, block);
        report_table_begin(report, block->folded ? "matrix inside" : "matrix");
        if (block->folded)
                write_range(report, block);
        else
                html_raw(report->out, "Condition of each framework at each recipient");
        if (block->recipients_down) {
                write_down_head(report, block);
                write_down_body(report, block);
        } else {
                write_across_head(report);
                write_across_body(report, block);
        }
        report_table_end(report);
        html_raw(report->out, block->folded ? "</details>\n" : "");
}

/* Writes the shares of `all` in tables of some dozen rows. */
static void write_in_parts(Report *report, Block all) {
        size_t begin = 0, rows = 0;

        for (size_t i = 1; i <= all.n; i++) {
                Block part = all;
                bool new_account;

                if (i < all.n && row_of(report, &all, i) == row_of(report, &all, i - 1))
                        continue;
                rows++;
                new_account = i == all.n || !all.recipients_down
                                || report->recipients[row_of(report, &all, i)].account
                                                != report->recipients[row_of(report, &all, i - 1)]
                                                                   .account;
                if (i < all.n
                                && (!all.folded || rows < ROWS_WANTED
                                                || (!new_account && rows < ROWS_MAX)))
                        continue;
                part.order += begin;
                part.n = i - begin;
                write_block(report, &part);
                all.open = false;
                begin = i;
                rows = 0;
        }
}

static int compare_by_recipient(const void *a, const void *b, void *userdata) {
        const Report *report = userdata;
        const ReportShare *x = &report->shares[*(const uint32_t *) a],
                          *y = &report->shares[*(const uint32_t *) b];

        if (x->recipient != y->recipient)
                return x->recipient < y->recipient ? -1 : 1;
        return (x->framework > y->framework) - (x->framework < y->framework);
}

/* --- the tables --- */

/* How many frameworks make the next columns: of one source, and as many in each table. */
static uint32_t band_width(const Report *report, uint32_t first) {
        uint32_t n = 1, bands;

        while (first + n < report->n_frameworks
                        && report->frameworks[first + n].source == report->frameworks[first].source)
                n++;
        bands = (n + COLUMNS_MAX - 1) / COLUMNS_MAX;
        return (n + bands - 1) / bands;
}

static void write_bands(Report *report, uint32_t *order, bool folded) {
        bool open = true;

        for (uint32_t first = 0, n; first < report->n_frameworks; first += n) {
                const ReportFramework *begin = &report->frameworks[first], *last;
                size_t n_shares;

                n = band_width(report, first);
                last = begin + n - 1;
                n_shares = last->first_share + last->n_shares - begin->first_share;
                qsort_r(order + begin->first_share, n_shares, sizeof(uint32_t),
                                compare_by_recipient, report);
                write_in_parts(report,
                                (Block){
                                                .order = order + begin->first_share,
                                                .n = n_shares,
                                                .first_column = first,
                                                .n_columns = n,
                                                .recipients_down = true,
                                                .folded = folded,
                                                .open = open,
                                });
                open = false;
        }
}

static void write_explanation(Report *report, bool folded) {
        if (!folded)
                return;
        html_raw(report->out, "<p>All ");
        html_count(report->out, report->n_shares);
        html_raw(report->out,
                        " shares are in the tables below, folded in parts; each says what it "
                        "holds. Recipients without a share in a part are left out of it.</p>"
                        "\n");
}

int report_matrix(Report *report) {
        bool down = report->n_recipients > COLUMNS_MAX;
        bool folded = down
                        ? report->n_recipients > ROWS_MAX || report->n_frameworks > 2 * COLUMNS_MAX
                        : report->n_frameworks > ROWS_MAX;
        _cleanup_free_ uint32_t *order = NULL;
        size_t n;

        if (report->n_shares == 0) {
                html_raw(report->out, "<p class=note>There are no shares.</p>\n");
                return 0;
        }
        if (report_select(report, NULL, NULL, &order, &n) < 0)
                return -ENOMEM;
        if (down)
                report_overview(report);
        write_legend(report);
        write_explanation(report, folded);
        if (down)
                write_bands(report, order, folded);
        else
                write_in_parts(report,
                                (Block){
                                                .order = order,
                                                .n = n,
                                                .n_columns = (uint32_t) report->n_recipients,
                                                .folded = folded,
                                                .open = true,
                                });
        return 0;
}

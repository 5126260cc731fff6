/* SPDX-License-Identifier: Apache-2.0 */

/* Frameworks by condition: what the row of a framework would say, where its recipients are too many
 * for a row. */

#include "ctl/html.h"
#include "ctl/report.h"

static void write_row(const Report *report, const ReportFramework *framework) {
        html_raw(report->out, "<tr><th scope=row>");
        report_framework(report, framework, true);
        if (report->several_sources) {
                html_raw(report->out, "</th><td>");
                html_name(report->out, report_text(report, framework->source));
                html_raw(report->out, "</td>");
        } else
                html_raw(report->out, "</th>");
        html_raw(report->out, "<td class=num>");
        html_count(report->out, framework->n_shares);
        for (size_t i = 0; i < ELEMENTSOF(report_order); i++) {
                if (report->conditions[report_order[i]] == 0)
                        continue;
                html_raw(report->out, "</td><td class=num>");
                if (framework->conditions[report_order[i]] > 0)
                        html_count(report->out, framework->conditions[report_order[i]]);
                else
                        html_raw(report->out, "<span class=none>0</span>");
        }
        html_raw(report->out, "</td></tr>\n");
}

static void begin_table(Report *report, const char *caption) {
        const char *headings[CONDITION_MAX + 4];
        size_t n = 0;

        report_table_begin(report, report->several_sources ? "numbers sourced" : "numbers");
        html_raw(report->out, caption);
        headings[n++] = "Framework";
        if (report->several_sources)
                headings[n++] = "Source";
        headings[n++] = "Shares";
        for (size_t i = 0; i < ELEMENTSOF(report_order); i++)
                if (report->conditions[report_order[i]] > 0)
                        headings[n++] = report_looks[report_order[i]].name;
        headings[n] = NULL;
        report_table_head(report, headings);
}

void report_overview(Report *report) {
        begin_table(report, "Shares of each framework by condition");
        for (size_t i = 0; i < report->n_frameworks; i++) {
                if (i == REPORT_ROWS_OPEN) {
                        report_table_end(report);
                        html_raw(report->out, "<details><summary>The other ");
                        html_count(report->out, report->n_frameworks - i);
                        html_raw(report->out, " frameworks</summary>\n");
                        begin_table(report, "Shares of the other frameworks by condition");
                }
                write_row(report, &report->frameworks[i]);
        }
        report_table_end(report);
        if (report->n_frameworks > REPORT_ROWS_OPEN)
                html_raw(report->out, "</details>\n");
}

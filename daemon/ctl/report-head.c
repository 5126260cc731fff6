/* SPDX-License-Identifier: Apache-2.0 */

/* The head of the report: which host, when, what the last pass did; then all of it in a sentence.
 */

#include <stdlib.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/html.h"
#include "ctl/report.h"
#include "model/version.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* A source's message can be long; a page is no log. */
#define ERROR_MAX_CHARACTERS 400

static void write_fact(Report *report, const char *name) {
        html_rawf(report->out, "<div><dt>%s</dt><dd>", name);
}

static void end_fact(Report *report) {
        html_raw(report->out, "</dd></div>\n");
}

static void write_pass(Report *report) {
        const json_t *pass = json_object_get(report->file->head, "pass");
        int64_t started = status_time(pass, "started"), ended = status_time(pass, "ended");
        const char *result = status_text(pass, "result"), *id = status_text(pass, "id");

        write_fact(report, "Last pass");
        if (ended == TIME_UNKNOWN && started == TIME_UNKNOWN)
                html_raw(report->out, "not known");
        else if (ended == TIME_UNKNOWN)
                html_raw(report->out, "under way, begun ");
        else if (result && streq(result, "completed"))
                html_raw(report->out, "completed ");
        else
                html_raw(report->out, "<strong class=bad>refused or cut short</strong> ");
        if (ended != TIME_UNKNOWN || started != TIME_UNKNOWN)
                html_time(report->out, ended != TIME_UNKNOWN ? ended : started);
        if (id && *id) {
                html_raw(report->out, " <br><small class=mono>");
                html_text(report->out, id, 64);
                html_raw(report->out, "</small>");
        }
        end_fact(report);
}

static void write_mode(Report *report) {
        const char *mode = status_text(report->file->head, "mode");

        write_fact(report, "Mode");
        if (!mode)
                html_raw(report->out, "not known");
        else if (streq(mode, "observe"))
                html_raw(report->out, "observe: it looks and plans, and writes nothing");
        else {
                html_text(report->out, mode, 32);
                if (streq(mode, "enforce"))
                        html_raw(report->out, ": it sends what is declared");
        }
        end_fact(report);
}

static void write_next(Report *report) {
        int64_t next = status_time(report->file->head, "next_pass");

        if (next == TIME_UNKNOWN)
                return;
        write_fact(report, "Next pass");
        html_time(report->out, next);
        if (next + USEC_PER_MINUTE < report->now_usec)
                html_raw(report->out,
                                " <br><strong class=bad>overdue: is the service running?</strong>");
        end_fact(report);
}

static void write_facts(Report *report, const char *host) {
        html_raw(report->out, "<dl class=facts>\n");
        write_fact(report, "Host");
        html_text(report->out, host, 255);
        end_fact(report);
        write_fact(report, "Report made");
        html_time(report->out, report->now_usec);
        html_raw(report->out, " <br><small>all times are UTC</small>");
        end_fact(report);
        write_fact(report, "Status written");
        html_time(report->out, report->file->written_usec);
        end_fact(report);
        write_pass(report);
        write_next(report);
        write_mode(report);
        html_raw(report->out, "</dl>\n");
}

static void write_source(Report *report, const json_t *source) {
        const char *error = status_text(source, "error");

        html_raw(report->out, "<tr><th scope=row>");
        html_name(report->out, status_text(source, "name"));
        html_raw(report->out, "</th><td class=id>");
        html_name(report->out, status_text(source, "account"));
        html_raw(report->out, "</td><td class=id>");
        html_name(report->out, status_text(source, "region"));
        html_raw(report->out, error ? "</td><td><strong class=bad>" : "</td><td>");
        html_text(report->out, error ? error : "listed completely", ERROR_MAX_CHARACTERS);
        html_raw(report->out, error ? "</strong></td></tr>\n" : "</td></tr>\n");
}

static void write_sources(Report *report) {
        static const char *const headings[] = { "Source", "Account", "Region", "Last looked at",
                NULL };
        json_t *source, *sources = json_object_get(report->file->head, "sources");
        size_t i;

        if (json_array_size(sources) == 0)
                return;
        report_table_begin(report, "plain");
        html_raw(report->out, "Sources: the accounts that own the frameworks");
        report_table_head(report, headings);
        json_array_foreach(sources, i, source) {
                write_source(report, source);
        }
        report_table_end(report);
}

void report_head(Report *report) {
        char host[256] = "";
        char day[TIME_TEXT_MAX];

        if (gethostname(host, sizeof(host) - 1) < 0)
                host[0] = '\0';
        (void) time_format(report->now_usec, day);
        day[10] = '\0';

        html_raw(report->out,
                        "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\""
                        "default-src 'none'; style-src 'unsafe-inline'; "
                        "base-uri 'none'; form-action 'none'\">\n"
                        "<meta name=viewport content=\"width=device-width, "
                        "initial-scale=1\">\n"
                        "<meta name=color-scheme content=\"light dark\">\n"
                        "<meta name=referrer content=no-referrer>\n"
                        "<meta name=robots content=noindex>\n"
                        "<title>Framework shares of ");
        html_text(report->out, host, 255);
        html_rawf(report->out, ", %s</title>\n<style>\n", day);
        for (const char *const *piece = report_css; *piece; piece++)
                html_raw(report->out, *piece);
        html_raw(report->out,
                        "</style>\n</head>\n<body>\n"
                        "<a class=skip href=\"#main\">Skip to the report</a>\n"
                        "<header>\n<p class=kicker>AWS Audit Manager</p>\n"
                        "<h1>Framework shares</h1>\n");
        write_facts(report, host);
        write_sources(report);
        html_raw(report->out, "</header>\n");
}

/* --- at a glance --- */

static void write_number(Report *report, uint64_t n, const char *noun) {
        html_count(report->out, n);
        html_rawf(report->out, " %s%s", noun, plural(n));
}

/* Whom the shares wait for. */
static void write_waits(Report *report) {
        uint64_t theirs = report->conditions[CONDITION_PENDING];
        uint64_t ours = report->conditions[CONDITION_HELD] + report->conditions[CONDITION_STALLED];

        if (theirs > 0) {
                html_count(report->out, theirs);
                html_rawf(report->out, " wait%s for the recipient. ", theirs == 1 ? "s" : "");
        }
        if (ours > 0) {
                html_raw(report->out, "<strong>");
                html_count(report->out, ours);
                html_rawf(report->out, " wait%s for a decision here</strong>.",
                                ours == 1 ? "s" : "");
        } else
                html_raw(report->out, "Nothing waits for a decision here.");
}

/* All of it in a sentence. */
static void write_sentence(Report *report) {
        html_raw(report->out, "<p class=lede>");
        if (report->n_shares == 0)
                html_raw(report->out, "No share is declared, and none was found.");
        else {
                write_number(report, report->n_shares, "share");
                html_raw(report->out, " of ");
                write_number(report, report->n_frameworks, "framework");
                html_raw(report->out, " with ");
                write_number(report, report->n_recipients, "recipient");
                html_raw(report->out, ": ");
                report_counts(report->out, report->conditions);
                html_raw(report->out, ". ");
                write_waits(report);
        }
        html_raw(report->out, "</p>\n");
}

static void write_tile(Report *report, Condition condition) {
        const ConditionLook *look = &report_looks[condition];

        html_rawf(report->out,
                        "<li class=\"tile%s\"><span class=\"sign %s\" aria-hidden=true>%s"
                        "</span><span class=number>",
                        report->conditions[condition] == 0 ? " zero" : "", look->style, look->sign);
        html_count(report->out, report->conditions[condition]);
        html_rawf(report->out,
                        "</span> <span class=name>%s</span> <span class=what>%s</span></li>\n",
                        look->name, look->meaning);
}

int report_summary(Report *report) {
        write_sentence(report);
        html_raw(report->out, "<ul class=tiles>\n");
        for (size_t i = 0; i < ELEMENTSOF(report_order); i++)
                if (report_order[i] != CONDITION_UNKNOWN
                                || report->conditions[CONDITION_UNKNOWN] > 0)
                        write_tile(report, report_order[i]);
        html_raw(report->out, "</ul>\n");
        return 0;
}

void report_foot(Report *report) {
        const char *program = status_text(report->file->head, "program");

        html_raw(report->out,
                        "<footer>\n<p>Made by auditsharectl " AUDITSHARED_VERSION " from what ");
        html_text(report->out, program ? program : "the service", 64);
        html_raw(report->out,
                        " saw last. AWS sends no event when a share changes: what is not in this "
                        "report or in the journal of this host is recorded nowhere. The page loads "
                        "nothing and runs nothing. What is folded is printed only where it was "
                        "opened before.</p>\n</footer>\n</body>\n</html>\n");
}

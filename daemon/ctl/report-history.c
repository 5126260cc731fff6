/* SPDX-License-Identifier: Apache-2.0 */

/* The history of transitions, from the journal. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/history.h"
#include "ctl/html.h"
#include "ctl/report.h"
#include "util/mem.h"
#include "util/time.h"

#define TRANSITIONS_MAX 1000
#define LOOK_BACK_USEC  (400 * USEC_PER_DAY)

typedef struct Transition {
        int64_t at_usec;
        StringId fields[HISTORY_FIELD_MAX];
} Transition;

typedef struct Transitions {
        Transition *items; /* newest first */
        size_t n, capacity;
        bool more; /* there are older ones */
} Transitions;

static void journal_closep(sd_journal **journal) {
        if (*journal)
                sd_journal_close(*journal);
}

/* --- reading --- */

static int keep(Report *report, const HistoryEntry *entry, Transitions *transitions) {
        Transition item = { .at_usec = entry->time_usec };
        int r = 0;

        for (unsigned i = 0; i < HISTORY_FIELD_MAX && r >= 0; i++)
                r = strings_add(report->strings, history_text(entry, (HistoryField) i),
                                &item.fields[i]);
        if (r >= 0)
                r = ARRAY_RESERVE(transitions->items, transitions->capacity, transitions->n + 1);
        if (r >= 0)
                transitions->items[transitions->n++] = item;
        return r;
}

/* From the newest backwards. */
static int read_backwards(Report *report, sd_journal *journal, Transitions *transitions) {
        _cleanup_(history_entry_done) HistoryEntry entry = { 0 };
        int64_t since = report->now_usec - LOOK_BACK_USEC;
        int r;

        r = sd_journal_seek_tail(journal);
        while (r >= 0 && (r = sd_journal_previous(journal)) > 0) {
                r = history_read(journal, &entry);
                if (r > 0 && entry.time_usec < since)
                        return 0;
                if (r > 0 && transitions->n == TRANSITIONS_MAX) {
                        transitions->more = true;
                        return 0;
                }
                if (r > 0)
                        r = keep(report, &entry, transitions);
        }
        return r;
}

/* The newest changes of a status, at most TRANSITIONS_MAX of them. 0, or a negative errno. */
static int read_transitions(Report *report, Transitions *transitions) {
        HistoryQuery query = { .since_usec = TIME_UNKNOWN, .statuses_only = true };
        _cleanup_(journal_closep) sd_journal *journal = NULL;
        int r;

        if (history_access() != HISTORY_READABLE)
                return -EACCES;
        r = history_open(&query, &journal);
        return r < 0 ? r : read_backwards(report, journal, transitions);
}

/* --- writing --- */

static void begin_table(Report *report, const char *caption) {
        static const char *const headings[] = { "Time (UTC)", "Framework", "Account", "Region",
                "From", "To", NULL };

        report_table_begin(report, "list history");
        html_raw(report->out, caption);
        report_table_head(report, headings);
}

static void write_transition(const Report *report, const Transition *item) {
        const StringId *fields = item->fields;
        StringId framework = fields[HISTORY_FRAMEWORK_NAME] ? fields[HISTORY_FRAMEWORK_NAME]
                                                            : fields[HISTORY_FRAMEWORK_ID];

        html_raw(report->out, "<tr><th scope=row class=when>");
        html_time(report->out, item->at_usec);
        html_raw(report->out, "</th><td>");
        html_name(report->out, report_text(report, framework));
        if (report->several_sources) {
                html_raw(report->out, " <small>");
                html_name(report->out, report_text(report, fields[HISTORY_SOURCE]));
                html_raw(report->out, "</small>");
        }
        html_raw(report->out, "</td><td class=id>");
        html_name(report->out, report_text(report, fields[HISTORY_ACCOUNT]));
        html_raw(report->out, "</td><td class=id>");
        html_name(report->out, report_text(report, fields[HISTORY_REGION]));
        html_raw(report->out, "</td><td class=status>");
        if (fields[HISTORY_STATUS_OLD])
                html_text(report->out, report_text(report, fields[HISTORY_STATUS_OLD]), 40);
        else
                html_raw(report->out, "first seen");
        html_raw(report->out, "</td><td class=status>");
        html_text(report->out, report_text(report, fields[HISTORY_STATUS]), 40);
        html_raw(report->out, "</td></tr>\n");
}

static void write_transitions(Report *report, const Transitions *transitions) {
        bool folded = transitions->n > REPORT_ROWS_OPEN + 5;

        begin_table(report, "Changes of a status, newest first");
        for (size_t i = 0; i < transitions->n; i++) {
                if (folded && i == REPORT_ROWS_OPEN) {
                        report_table_end(report);
                        html_raw(report->out, "<details><summary>The ");
                        html_count(report->out, transitions->n - i);
                        html_raw(report->out, " before these</summary>\n");
                        begin_table(report, "Changes of a status before these");
                }
                write_transition(report, &transitions->items[i]);
        }
        report_table_end(report);
        html_raw(report->out, folded ? "</details>\n" : "");
        if (transitions->more)
                html_rawf(report->out,
                                "<p class=note>These are the newest %d; <code>journalctl -u "
                                "auditshared</code> has the older ones.</p>\n",
                                TRANSITIONS_MAX);
}

static void write_unreadable(const Report *report, int error) {
        html_raw(report->out, "<p class=note>The history is not part of this report: ");
        if (error == -EACCES || error == -EPERM || error == -ENOENT)
                html_raw(report->out, "there was no journal of the system that could be read");
        else {
                html_raw(report->out, "the journal could not be read (");
                html_text(report->out, strerror(-error), 200);
                html_raw(report->out, ")");
        }
        html_raw(report->out,
                        ". Made by root or by a member of the group "
                        "<code>systemd-journal</code> on the host of the service, as with "
                        "<code>sudo auditsharectl report</code>, it has one.</p>\n");
}

int report_history(Report *report) {
        Transitions transitions = { 0 };
        int r = read_transitions(report, &transitions);

        if (r < 0 && r != -ENOMEM)
                write_unreadable(report, r);
        else if (transitions.n == 0)
                html_rawf(report->out,
                                "<p class=note>The journal has no change of a status from the last "
                                "%d days.</p>\n",
                                (int) (LOOK_BACK_USEC / USEC_PER_DAY));
        else
                write_transitions(report, &transitions);
        free(transitions.items);
        return r == -ENOMEM ? r : 0;
}

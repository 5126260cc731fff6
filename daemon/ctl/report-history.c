/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The history of transitions, from the journal
 *
 * Anybody may write an entry with our MESSAGE_ID; what journald itself noted of the sender, the
 * fields that begin with an underscore, tells whether it was the service or root.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/html.h"
#include "ctl/report.h"
#include "record/journal.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define TRANSITIONS_MAX 1000
#define LOOK_BACK_USEC  (400 * USEC_PER_DAY)

/* What is read of entries at most, that of others among them: a journal can hold any number of
 * them. */
#define ENTRIES_MAX 100000

#define FIELD_MAX 1024

typedef enum Field {
        FIELD_SOURCE,
        FIELD_FRAMEWORK,
        FIELD_FRAMEWORK_ID,
        FIELD_ACCOUNT,
        FIELD_REGION,
        FIELD_OLD,
        FIELD_NEW,
        FIELD_MAX_
} Field;

typedef struct Transition {
        int64_t at_usec;
        StringId fields[FIELD_MAX_];
} Transition;

typedef struct History {
        Transition *items; /* newest first */
        size_t n, capacity;
        bool more; /* there are older ones */
} History;

static const char *const field_names[FIELD_MAX_] = {
        [FIELD_SOURCE] = "SHARE_SOURCE",
        [FIELD_FRAMEWORK] = "SHARE_FRAMEWORK_NAME",
        [FIELD_FRAMEWORK_ID] = "SHARE_FRAMEWORK_ID",
        [FIELD_ACCOUNT] = "SHARE_ACCOUNT",
        [FIELD_REGION] = "SHARE_REGION",
        [FIELD_OLD] = "SHARE_STATUS_OLD",
        [FIELD_NEW] = "SHARE_STATUS",
};

static void journal_closep(sd_journal **journal) {
        if (*journal)
                sd_journal_close(*journal);
}

/* --- reading --- */

/* The value of a field, "" where the entry has none. */
static void read_field(sd_journal *journal, const char *name, char value[static FIELD_MAX]) {
        const void *data;
        size_t length, skip = strlen(name) + 1;

        value[0] = '\0';
        if (sd_journal_get_data(journal, name, &data, &length) < 0 || length < skip)
                return;
        length = MIN(length - skip, (size_t) FIELD_MAX - 1);
        memcpy(value, (const char *) data + skip, length);
        value[length] = '\0';
}

static bool is_trusted(sd_journal *journal) {
        char value[FIELD_MAX];

        read_field(journal, "_SYSTEMD_UNIT", value);
        if (streq(value, "auditshared.service"))
                return true;
        read_field(journal, "_UID", value);
        return streq(value, "0");
}

static int read_transition(Report *report, sd_journal *journal, int64_t at, History *history) {
        Transition item = { .at_usec = at };
        char value[FIELD_MAX];
        int r = 0;

        for (unsigned i = 0; i < FIELD_MAX_ && r >= 0; i++) {
                read_field(journal, field_names[i], value);
                r = strings_add(report->strings, *value ? value : NULL, &item.fields[i]);
        }
        if (r >= 0)
                r = ARRAY_RESERVE(history->items, history->capacity, history->n + 1);
        if (r >= 0)
                history->items[history->n++] = item;
        return r;
}

/* From the newest backwards. */
static int read_backwards(Report *report, sd_journal *journal, History *history) {
        int64_t since = report->now_usec - LOOK_BACK_USEC;
        uint64_t at;
        int r;

        (void) sd_journal_set_data_threshold(journal, FIELD_MAX);
        r = sd_journal_seek_tail(journal);
        for (unsigned i = 0; r >= 0 && i < ENTRIES_MAX; i++) {
                r = sd_journal_previous(journal);
                if (r <= 0)
                        return r;
                r = sd_journal_get_realtime_usec(journal, &at);
                if (r < 0 || (int64_t) at < since)
                        return r;
                if (!is_trusted(journal))
                        continue;
                if (history->n == TRANSITIONS_MAX) {
                        history->more = true;
                        return 0;
                }
                r = read_transition(report, journal, (int64_t) at, history);
        }
        return r;
}

/* Whether the journal of the system, which has the service's entries, may be read: libsystemd
 * passes over files that it must not open without a word. */
static bool system_journal_is_readable(void) {
        static const char *const folders[] = { "/var/log/journal", "/run/log/journal" };
        char id[SD_ID128_STRING_MAX], path[128];
        sd_id128_t machine;

        if (sd_id128_get_machine(&machine) < 0)
                return false;
        (void) sd_id128_to_string(machine, id);
        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s/system.journal", folders[i], id);
                if (access(path, R_OK) == 0)
                        return true;
        }
        return false;
}

static int open_journal(sd_journal **ret) {
        const char *folder = getenv("AUDITSHARED_JOURNAL");

        if (!is_blank(folder))
                return sd_journal_open_directory(ret, folder, 0);
        if (!system_journal_is_readable())
                return -EACCES;
        return sd_journal_open(ret, SD_JOURNAL_LOCAL_ONLY);
}

/* The newest changes of a status, at most TRANSITIONS_MAX of them. 0, or a negative errno. */
static int read_history(Report *report, History *history) {
        _cleanup_(journal_closep) sd_journal *journal = NULL;
        char match[64];
        int r;

        r = open_journal(&journal);
        if (r < 0)
                return r;
        (void) snprintf(match, sizeof(match), "MESSAGE_ID=%s",
                        journal_event_id(EVENT_STATUS_CHANGED));
        r = sd_journal_add_match(journal, match, 0);
        return r < 0 ? r : read_backwards(report, journal, history);
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
        StringId framework = fields[FIELD_FRAMEWORK] ? fields[FIELD_FRAMEWORK]
                                                     : fields[FIELD_FRAMEWORK_ID];

        html_raw(report->out, "<tr><th scope=row class=when>");
        html_time(report->out, item->at_usec);
        html_raw(report->out, "</th><td>");
        html_name(report->out, report_text(report, framework));
        if (report->several_sources) {
                html_raw(report->out, " <small>");
                html_name(report->out, report_text(report, fields[FIELD_SOURCE]));
                html_raw(report->out, "</small>");
        }
        html_raw(report->out, "</td><td class=id>");
        html_name(report->out, report_text(report, fields[FIELD_ACCOUNT]));
        html_raw(report->out, "</td><td class=id>");
        html_name(report->out, report_text(report, fields[FIELD_REGION]));
        html_raw(report->out, "</td><td class=status>");
        if (fields[FIELD_OLD])
                html_text(report->out, report_text(report, fields[FIELD_OLD]), 40);
        else
                html_raw(report->out, "first seen");
        html_raw(report->out, "</td><td class=status>");
        html_text(report->out, report_text(report, fields[FIELD_NEW]), 40);
        html_raw(report->out, "</td></tr>\n");
}

static void write_transitions(Report *report, const History *history) {
        bool folded = history->n > REPORT_ROWS_OPEN + 5;

        begin_table(report, "Changes of a status, newest first");
        for (size_t i = 0; i < history->n; i++) {
                if (folded && i == REPORT_ROWS_OPEN) {
                        report_table_end(report);
                        html_raw(report->out, "<details><summary>The ");
                        html_count(report->out, history->n - i);
                        html_raw(report->out, " before these</summary>\n");
                        begin_table(report, "Changes of a status before these");
                }
                write_transition(report, &history->items[i]);
        }
        report_table_end(report);
        html_raw(report->out, folded ? "</details>\n" : "");
        if (history->more)
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
        History history = { 0 };
        int r = read_history(report, &history);

        if (r < 0 && r != -ENOMEM)
                write_unreadable(report, r);
        else if (history.n == 0)
                html_rawf(report->out,
                                "<p class=note>The journal has no change of a status from the last "
                                "%d days.</p>\n",
                                (int) (LOOK_BACK_USEC / USEC_PER_DAY));
        else
                write_transitions(report, &history);
        free(history.items);
        return r == -ENOMEM ? r : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* history: what became of shares, from the journal; once through it to measure, once to print. */

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "ctl/ctl.h"
#include "ctl/history.h"
#include "ctl/table.h"
#include "util/json.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/since.h"
#include "util/string-util.h"
#include "util/time.h"

typedef struct History {
        const Ctl *ctl;
        Output output;
        Filter filter;
        HistoryQuery query;
        sd_journal *journal;
        Table table;
        Buffer text; /* of the event at hand */
        char *source; /* of the first entry */
        bool several_sources;
        uint64_t n_entries, n_printed;
} History;

static void history_done(History *history) {
        filter_done(&history->filter);
        sd_journal_close(history->journal);
        table_done(&history->table);
        buffer_done(&history->text);
        free(history->source);
}

/* --- JSON --- */

static int on_json(const HistoryEntry *entry, void *userdata) {
        History *history = userdata;
        _cleanup_json_ json_t *object = history_to_json(entry);

        /* C1 controls are no more welcome at a terminal than escapes are. */
        return output_json(&history->output, history->n_entries++ > 0 ? ",\n" : "\n", object,
                        history->output.columns > 0 ? JSON_ENSURE_ASCII : 0);
}

static int print_json(History *history) {
        int r;

        (void) fputs("[", stdout);
        r = history_visit(history->journal, &history->query, on_json, history);
        (void) fputs(history->n_entries > 0 ? "\n]\n" : "]\n", stdout);
        return r;
}

/* --- table --- */

static const char *format_local(int64_t usec, char text[static TIME_TEXT_MAX]) {
        time_t seconds = (time_t) (usec / USEC_PER_SEC);
        struct tm tm;

        if (!localtime_r(&seconds, &tm) || strftime(text, TIME_TEXT_MAX, "%F %T", &tm) == 0)
                return "?";
        return text;
}

static int for_row(History *history,
                const HistoryEntry *entry,
                int (*function)(Table *table, const TableCell *cells)) {
        const char *name = history_text(entry, HISTORY_FRAMEWORK_NAME);
        char time[TIME_TEXT_MAX];

        buffer_clear(&history->text);
        history_describe(entry, &history->text);
        if (buffer_status(&history->text) < 0)
                return -ENOMEM;
        return function(&history->table,
                        (const TableCell[]){
                                        { format_local(entry->time_usec, time), COLOUR_GREY },
                                        { history_text(entry, HISTORY_SOURCE), COLOUR_NONE },
                                        { name ? name : history_text(entry, HISTORY_FRAMEWORK_ID),
                                                        COLOUR_NONE },
                                        { history_text(entry, HISTORY_ACCOUNT), COLOUR_NONE },
                                        { history_text(entry, HISTORY_REGION), COLOUR_NONE },
                                        { buffer_text(&history->text), history_colour(entry) },
                        });
}

static int on_measure(const HistoryEntry *entry, void *userdata) {
        const char *source = history_text(entry, HISTORY_SOURCE);
        History *history = userdata;

        if (history->n_entries++ == 0 && text_copy(source, &history->source) < 0)
                return -ENOMEM;
        history->several_sources |= !streq_null(source, history->source);
        return for_row(history, entry, table_measure);
}

/* What came since is left out: nobody has measured it. */
static int on_print(const HistoryEntry *entry, void *userdata) {
        History *history = userdata;

        if (history->n_printed == history->n_entries)
                return 1;
        history->n_printed++;
        return for_row(history, entry, table_print);
}

static int print_table(History *history) {
        int r;

        table_add_column(&history->table, "TIME", false);
        table_add_column(&history->table, "SOURCE", true);
        table_add_column(&history->table, "FRAMEWORK", true);
        table_add_column(&history->table, "ACCOUNT", false);
        table_add_column(&history->table, "REGION", false);
        table_add_column(&history->table, "EVENT", true);
        r = history_visit(history->journal, &history->query, on_measure, history);
        if (r < 0 || history->n_entries == 0)
                return r;
        if (!history->several_sources)
                table_hide_column(&history->table, 1);
        r = table_begin(&history->table);
        if (r >= 0)
                r = history_visit(history->journal, &history->query, on_print, history);
        return MIN(r, 0);
}

/* --- the verb --- */

/* 0, or the exit status. */
static int read_arguments(History *history) {
        const Ctl *ctl = history->ctl;
        int r = 0;

        if (ctl->since && since_parse(ctl->since, now_usec(), &history->query.since_usec) < 0) {
                log_error("auditsharectl: --since wants a time such as " SINCE_FORMS ", not '%s'",
                                ctl->since);
                return EXIT_USAGE;
        }
        if (ctl->n_arguments > 0) {
                r = filter_parse(ctl->arguments[0], &history->filter);
                history->query.filter = &history->filter;
        }
        if (r == -EINVAL) {
                log_error("auditsharectl: '%s' is no share; want "
                          "[SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]], "
                          "and for a framework with a slash in its name its id",
                                ctl->arguments[0]);
                return EXIT_USAGE;
        }
        if (r < 0) {
                (void) log_oom();
                return EXIT_FAILURE;
        }
        return 0;
}

static void say_nothing_found(const Ctl *ctl) {
        switch (history_access()) {
        case HISTORY_DENIED:
                log_error("Nothing found: this user may not read the journal of the system; use "
                          "sudo, or join the group systemd-journal or adm");
                return;
        case HISTORY_ABSENT:
                log_error("Nothing found: no journal is kept here, neither in /var/log/journal nor "
                          "in /run/log/journal");
                return;
        case HISTORY_READABLE:
                log_error("Nothing found: the journal has no entry about %s%s%s%s%s",
                                ctl->n_arguments > 0 ? "'" : "a share",
                                ctl->n_arguments > 0 ? ctl->arguments[0] : "",
                                ctl->n_arguments > 0 ? "'" : "", ctl->since ? " since " : "",
                                ctl->since ? ctl->since : "");
                return;
        }
}

int verb_history(const Ctl *ctl) {
        _cleanup_(history_done) History history = {
                .ctl = ctl,
                .output = output_of(stdout),
                .query = { .since_usec = TIME_UNKNOWN },
        };
        int r;

        r = read_arguments(&history);
        if (r != 0)
                return r;
        r = history_open(&history.query, &history.journal);
        if (r < 0) {
                (void) log_error_errno(r, "Cannot open the journal");
                return EXIT_FAILURE;
        }
        table_init(&history.table, &history.output);
        r = ctl_has(ctl, OPTION_JSON) ? print_json(&history) : print_table(&history);
        if (r < 0 && r != -ENOMEM && output_error(&history.output) == 0) {
                (void) output_flush(&history.output);
                (void) log_error_errno(r, "Cannot read the journal");
                return EXIT_FAILURE;
        }
        if (r >= 0 && history.n_entries == 0) {
                (void) output_flush(&history.output);
                say_nothing_found(ctl);
        }
        return output_end(r, history.n_entries > 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

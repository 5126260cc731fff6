/* SPDX-License-Identifier: Apache-2.0 */

/* status: what the service saw last, from the file that it leaves for whoever asks. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "ctl/ctl.h"
#include "ctl/status-file.h"
#include "ctl/table.h"
#include "model/action.h"
#include "model/filter.h"
#include "model/share.h"
#include "record/status.h"
#include "util/file.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* As with systemctl: 3 where it does not run, 4 where something is wrong. */
#define EXIT_NO_SERVICE 3
#define EXIT_STALLED    4

/* How often --watch looks; and how often times are brought up to date where nothing changed. */
#define WATCH_USEC  (USEC_PER_SEC / 2)
#define REDRAW_USEC (10 * USEC_PER_SEC)

typedef struct Status {
        const Ctl *ctl;
        Output output;
        StatusFile *file;
        Filter filter;
        bool filtered;
        int64_t now_usec;
        uint64_t n_shares, conditions[CONDITION_MAX];
        Table table;
        bool any;
        bool grouped; /* the framework is a heading, where a column has no room for it */
        Buffer group; /* the last heading */
} Status;

/* The first two of the table. */
enum { COLUMN_SOURCE, COLUMN_FRAMEWORK };

static bool has_several_sources(const Status *status) {
        return json_array_size(json_object_get(status->file->head, "sources")) > 1;
}

static bool is_wanted(const Status *status, const json_t *share) {
        return !status->filtered
                        || filter_matches(&status->filter, status_text(share, "source"),
                                        status_text(share, "framework_id"),
                                        status_text(share, "framework_name"),
                                        status_text(share, "account"),
                                        status_text(share, "region"));
}

/* --- JSON --- */

static int on_json(const json_t *share, void *userdata) {
        Status *status = userdata;
        const char *before = status->any ? ",\n" : "\n";

        if (!is_wanted(status, share))
                return 0;
        status->any = true;
        return output_json(&status->output, before, share, 0);
}

static int print_json(Status *status) {
        const char *key;
        json_t *value;
        int r = 0;

        (void) fputs("{", stdout);
        json_object_foreach(status->file->head, key, value) {
                json_t *name = json_string(key);

                r = output_json(&status->output, "", name, 0);
                json_decref(name);
                if (r >= 0)
                        r = output_json(&status->output, ": ", value, 0);
                if (r < 0)
                        return r;
                (void) fputs(",\n", stdout);
        }
        (void) fputs("\"shares\": [", stdout);
        status->any = false;
        r = status_file_visit(status->file, on_json, status);
        (void) fputs(status->any ? "\n]}\n" : "]}\n", stdout);
        return r;
}

/* --- table --- */

static Colour condition_colour(const char *name) {
        static const Colour colours[CONDITION_MAX] = {
                [CONDITION_UNKNOWN] = COLOUR_NONE,
                [CONDITION_READY] = COLOUR_GREEN,
                [CONDITION_PENDING] = COLOUR_NONE,
                [CONDITION_PROGRESSING] = COLOUR_NONE,
                [CONDITION_HELD] = COLOUR_YELLOW,
                [CONDITION_STALLED] = COLOUR_BOLD_RED,
                [CONDITION_ORPHANED] = COLOUR_YELLOW,
                [CONDITION_UNMANAGED] = COLOUR_GREY,
        };

        return name ? colours[condition_from_name(name)] : COLOUR_NONE;
}

/* An invitation that was answered does not expire, whatever time its record still carries. */
static bool can_expire(const char *name) {
        ShareStatus status = name ? share_status_from_name(name) : SHARE_STATUS_NONE;

        return status == SHARE_STATUS_ACTIVE || status == SHARE_STATUS_EXPIRING;
}

static int for_row(Status *status,
                const json_t *share,
                int (*function)(Table *table, const TableCell *cells)) {
        const Output *output = &status->output;
        const char *name = status_text(share, "framework_name"),
                   *state = status_text(share, "status");
        const char *condition = status_text(share, "condition");
        int64_t since_usec = status_time(share, "since"),
                expires_usec = status_time(share, "expires");
        char since[AGE_TEXT_MAX], expires[AGE_TEXT_MAX];
        const TableCell cells[] = {
                { status_text(share, "source"), COLOUR_NONE },
                { name ? name : status_text(share, "framework_id"), COLOUR_NONE },
                { status_text(share, "account"), COLOUR_NONE },
                { status_text(share, "region"), COLOUR_NONE },
                { state, COLOUR_NONE },
                { condition, condition_colour(condition) },
                { status_text(share, "reason"), COLOUR_NONE },
                { age_format_cell(output, since_usec, status->now_usec, since), COLOUR_NONE },
                { can_expire(state) ? age_format_cell(
                                  output, expires_usec, status->now_usec, expires)
                                    : NULL,
                                state && streq(state, "EXPIRING") ? COLOUR_YELLOW : COLOUR_NONE },
        };

        return function(&status->table, cells);
}

/* The first time through the file: counts, and what the columns must hold. */
static int on_measure(const json_t *share, void *userdata) {
        Status *status = userdata;
        const char *condition = status_text(share, "condition");

        if (!is_wanted(status, share))
                return 0;
        status->n_shares++;
        status->conditions[condition ? condition_from_name(condition) : CONDITION_UNKNOWN]++;
        return ctl_has(status->ctl, OPTION_JSON) ? 0 : for_row(status, share, table_measure);
}

static int add_group(const Status *status, const json_t *share, Buffer *buffer) {
        const char *source = status_text(share, "source"),
                   *name = status_text(share, "framework_name"),
                   *id = status_text(share, "framework_id");

        (void) text_add(buffer, name ? name : id ? id : "-", UINT32_MAX);
        if (source && has_several_sources(status)) {
                (void) buffer_add(buffer, " (source ");
                (void) text_add(buffer, source, UINT32_MAX);
                (void) buffer_add(buffer, ")");
        }
        return buffer_status(buffer);
}

/* Shares come in the order of their frameworks. */
static int print_group(Status *status, const json_t *share) {
        _cleanup_buffer_ Buffer heading = { 0 };
        int r;

        r = add_group(status, share, &heading);
        if (r < 0 || (status->any && streq(buffer_text(&heading), buffer_text(&status->group))))
                return r;
        (void) printf("%s%s%s\n", colour_on(&status->output, COLOUR_BOLD), buffer_text(&heading),
                        colour_off(&status->output, COLOUR_BOLD));
        status->any = true;
        buffer_clear(&status->group);
        return buffer_add(&status->group, buffer_text(&heading));
}

static int on_print(const json_t *share, void *userdata) {
        Status *status = userdata;
        int r;

        if (!is_wanted(status, share))
                return 0;
        r = status->grouped ? print_group(status, share) : 0;
        return r < 0 ? r : for_row(status, share, table_print);
}

static void begin_table(Status *status) {
        static const char *const headings[] = {
                "SOURCE",
                "FRAMEWORK",
                "ACCOUNT",
                "REGION",
                "STATUS",
                "CONDITION",
                "REASON",
                "SINCE",
                "EXPIRES",
        };

        table_init(&status->table, &status->output);
        for (size_t i = 0; i < ELEMENTSOF(headings); i++)
                table_add_column(
                                &status->table, headings[i], i < 2 || streq(headings[i], "REASON"));
}

static int print_rows(Status *status) {
        int r;

        if (!has_several_sources(status))
                table_hide_column(&status->table, COLUMN_SOURCE);
        status->grouped = table_is_cramped(&status->table);
        if (status->grouped) {
                table_hide_column(&status->table, COLUMN_SOURCE);
                table_hide_column(&status->table, COLUMN_FRAMEWORK);
        }
        status->any = false;
        r = table_begin(&status->table);
        if (r >= 0)
                r = status_file_visit(status->file, on_print, status);
        (void) fputc('\n', stdout);
        return r;
}

/* A line of text that the file may have made up. */
static void print_text(const char *before, const char *text) {
        _cleanup_buffer_ Buffer buffer = { 0 };

        (void) text_add(&buffer, text ? text : "?", UINT32_MAX);
        (void) printf("%s%s", before, buffer_text(&buffer));
}

static void print_source_errors(const Status *status, const json_t *sources) {
        bool any = false;
        json_t *source;
        size_t i;

        json_array_foreach(sources, i, source) {
                const char *error = status_text(source, "error");

                if (!error)
                        continue;
                (void) fputs(colour_on(&status->output, COLOUR_RED), stdout);
                print_text("Source ", status_text(source, "name"));
                print_text(": ", error);
                (void) printf("%s\n", colour_off(&status->output, COLOUR_RED));
                any = true;
        }
        if (any)
                (void) fputc('\n', stdout);
}

static void print_counts(const Status *status) {
        const char *separator = ": ";

        (void) printf("%llu share%s", (unsigned long long) status->n_shares,
                        plural(status->n_shares));
        for (unsigned i = CONDITION_UNKNOWN; i < CONDITION_MAX; i++) {
                const char *name = i == CONDITION_UNKNOWN ? "not known"
                                                          : condition_name((Condition) i);
                Colour colour = i == CONDITION_UNKNOWN ? COLOUR_NONE : condition_colour(name);

                if (status->conditions[i] == 0)
                        continue;
                (void) printf("%s%s%llu %s%s", separator, colour_on(&status->output, colour),
                                (unsigned long long) status->conditions[i], name,
                                colour_off(&status->output, colour));
                separator = ", ";
        }
        (void) printf("\n");
}

static void print_times(const Status *status) {
        const json_t *pass = json_object_get(status->file->head, "pass");
        int64_t ended = status_time(pass, "ended"), started = status_time(pass, "started");
        int64_t next = status_time(status->file->head, "next_pass");
        const char *result = status_text(pass, "result");
        char age[AGE_TEXT_MAX];

        if (ended == TIME_UNKNOWN && started != TIME_UNKNOWN)
                (void) printf("A pass is under way, begun %s.",
                                age_format(started, status->now_usec, age));
        else if (ended != TIME_UNKNOWN && result && streq(result, "completed"))
                (void) printf("Last pass completed %s", age_format(ended, status->now_usec, age));
        else if (ended != TIME_UNKNOWN)
                (void) printf("%sLast pass refused or cut short%s %s",
                                colour_on(&status->output, COLOUR_RED),
                                colour_off(&status->output, COLOUR_RED),
                                age_format(ended, status->now_usec, age));
        if (ended != TIME_UNKNOWN && next != TIME_UNKNOWN
                        && next + USEC_PER_MINUTE < status->now_usec)
                (void) printf("; %sthe next one was due %s: is the service running?%s",
                                colour_on(&status->output, COLOUR_YELLOW),
                                age_format(next, status->now_usec, age),
                                colour_off(&status->output, COLOUR_YELLOW));
        else if (ended != TIME_UNKNOWN && next != TIME_UNKNOWN)
                (void) printf("; next one %s",
                                next <= status->now_usec ? "now"
                                                         : age_format(next, status->now_usec, age));
        (void) printf("%s\n", ended != TIME_UNKNOWN ? "." : "");
}

static int print_text_status(Status *status) {
        const json_t *sources = json_object_get(status->file->head, "sources");
        int r = 0;

        print_source_errors(status, sources);
        if (status->n_shares > 0)
                r = print_rows(status);
        if (r < 0)
                return r;
        if (status->n_shares > 0)
                (void) printf("%sCONDITION: pending waits for the recipient, held and stalled for "
                              "you.%s\n",
                                colour_on(&status->output, COLOUR_GREY),
                                colour_off(&status->output, COLOUR_GREY));
        print_counts(status);
        print_times(status);
        return 0;
}

/* --- once, and again --- */

static int no_service(const char *why) {
        log_error("No service has reported yet: %s; 'systemctl start auditshared' starts it", why);
        return EXIT_NO_SERVICE;
}

/* Prints what was read; returns the exit status. */
static int print_status(Status *status) {
        int r;

        if (status->filtered && status->n_shares == 0) {
                log_error("No share matches '%s'", status->ctl->arguments[0]);
                return EXIT_FAILURE;
        }
        r = ctl_has(status->ctl, OPTION_JSON) ? print_json(status) : print_text_status(status);
        /* What standard output refused is for output_end() to say. */
        if (r < 0 && output_error(&status->output) == 0) {
                (void) log_error_errno(r, "Cannot show what the service saw");
                return EXIT_FAILURE;
        }
        return status->conditions[CONDITION_STALLED] > 0 ? EXIT_STALLED : EXIT_SUCCESS;
}

/* Reads and prints once; returns the exit status. */
static int show(Status *status) {
        _cleanup_free_ char *why = NULL;
        int r;

        status->now_usec = now_usec();
        status->n_shares = 0;
        memset(status->conditions, 0, sizeof(status->conditions));
        begin_table(status);

        r = status_file_read(status_default_directory(), on_measure, status, &status->file, &why);
        if (r == -ENOENT)
                r = no_service(why ? why : "there is no status file");
        else if (r < 0) {
                log_error("%s", why ? why : "Out of memory");
                r = EXIT_FAILURE;
        } else
                r = print_status(status);
        status->file = status_file_free(status->file);
        table_done(&status->table);
        buffer_done(&status->group);
        return r;
}

/* What tells one status file from the next; zeroes where there is none. */
static struct stat look(void) {
        _cleanup_free_ char *path = path_join(status_default_directory(), STATUS_FILE_NAME);
        struct stat st;

        if (!path || stat(path, &st) < 0)
                return (struct stat){ 0 };
        return st;
}

static bool is_same(const struct stat *a, const struct stat *b) {
        return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size
                        && a->st_mtim.tv_sec == b->st_mtim.tv_sec
                        && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* True where somebody asked for the end. */
static bool wait_a_while(const sigset_t *mask) {
        struct timespec pause = { .tv_nsec = WATCH_USEC * 1000 };

        return sigtimedwait(mask, NULL, &pause) > 0;
}

static int watch(Status *status) {
        struct stat shown, now = look();
        int64_t shown_usec;
        int exit_status;
        bool redraw;
        sigset_t mask;

        (void) sigemptyset(&mask);
        (void) sigaddset(&mask, SIGINT);
        (void) sigaddset(&mask, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &mask, NULL);

        for (;;) {
                if (status->output.terminal && !ctl_has(status->ctl, OPTION_JSON))
                        (void) printf("\x1b[H\x1b[2J\x1b[3J");
                shown = now;
                shown_usec = monotonic_usec();
                exit_status = show(status);
                (void) output_flush(&status->output);

                do {
                        if (ferror(stdout) || wait_a_while(&mask))
                                return exit_status;
                        now = look();
                        redraw = status->output.terminal && !ctl_has(status->ctl, OPTION_JSON)
                                        && monotonic_usec() - shown_usec >= REDRAW_USEC;
                } while (!redraw && is_same(&shown, &now));
                if (!status->output.terminal && !ctl_has(status->ctl, OPTION_JSON))
                        (void) printf("\n");
        }
}

int verb_status(const Ctl *ctl) {
        Status status = {
                .ctl = ctl, .output = output_of(stdout), .filtered = ctl->n_arguments > 0
        };
        int r = status.filtered ? filter_parse(ctl->arguments[0], &status.filter) : 0;

        if (r == -EINVAL) {
                log_error("auditsharectl: '%s' is no filter; want "
                          "[SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]], "
                          "and for a framework with a slash in its name its id",
                                ctl->arguments[0]);
                return EXIT_USAGE;
        }
        if (r < 0) {
                (void) log_oom();
                return EXIT_FAILURE;
        }

        r = ctl_has(ctl, OPTION_WATCH) ? watch(&status) : show(&status);
        filter_done(&status.filter);
        return output_end(0, r);
}

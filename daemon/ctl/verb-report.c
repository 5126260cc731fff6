/* SPDX-License-Identifier: Apache-2.0 */

/* report: what the service saw last, as one page for those who have no terminal. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/html.h"
#include "ctl/output.h"
#include "ctl/report.h"
#include "record/status.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* As status has it. */
#define EXIT_NO_SERVICE 3

/* --- the page --- */

static const struct {
        const char *id, *heading;
        int (*write)(Report *report);
} sections[] = {
        { "glance", "At a glance", report_summary },
        { "matrix", "Frameworks and recipients", report_matrix },
        { "waiting", "Waiting for recipients", report_waiting },
        { "expiry", "What expires when", report_expiry },
        { "decisions", "Waiting for a decision here", report_decisions },
        { "progress", "Under way", report_under_way },
        { "undeclared", "Not declared", report_undeclared },
        { "history", "History", report_history },
};

static int write_page(Report *report) {
        int r = 0;

        report_head(report);
        html_raw(report->out, "<nav aria-label=Contents><ol>\n");
        for (size_t i = 0; i < ELEMENTSOF(sections); i++)
                html_rawf(report->out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id,
                                sections[i].heading);
        html_raw(report->out, "</ol></nav>\n<main id=main tabindex=-1>\n");
        for (size_t i = 0; i < ELEMENTSOF(sections) && r >= 0; i++) {
                html_rawf(report->out, "<section aria-labelledby=%s>\n<h2 id=%s>%s</h2>\n",
                                sections[i].id, sections[i].id, sections[i].heading);
                r = sections[i].write(report);
                html_raw(report->out, "</section>\n");
        }
        html_raw(report->out, "</main>\n");
        report_foot(report);
        return r;
}

/* --- where it goes --- */

/* A file beside the one that it takes the place of. */
typedef struct Replacement {
        FILE *file;
        char *path; /* where it goes in the end, links followed */
        char *temporary;
} Replacement;

static void replacement_done(Replacement *replacement) {
        if (replacement->file)
                (void) fclose(replacement->file);
        if (replacement->temporary)
                (void) unlink(replacement->temporary);
        free(replacement->temporary);
        free(replacement->path);
}

/* What is there must be a file: a device or a pipe would be gone after the renaming. */
static int check_target(const char *path, char **ret_path) {
        struct stat st;

        if (stat(path, &st) < 0) {
                if (errno != ENOENT)
                        return -errno;
                *ret_path = strdup(path);
                return *ret_path ? 0 : -ENOMEM;
        }
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EBADFD;
        *ret_path = realpath(path, NULL);
        return *ret_path ? 0 : -errno;
}

static int replacement_open(const char *path, Replacement *ret) {
        const char *slash;
        int fd, r;

        r = check_target(path, &ret->path);
        if (r < 0 || !ret->path)
                return r;
        slash = strrchr(ret->path, '/');
        if (asprintf(&ret->temporary, "%.*s.%s.XXXXXX", slash ? (int) (slash + 1 - ret->path) : 0,
                            ret->path, slash ? slash + 1 : ret->path)
                        < 0) {
                ret->temporary = NULL;
                return -ENOMEM;
        }
        fd = mkostemp(ret->temporary, O_CLOEXEC);
        if (fd < 0) {
                r = -errno;
                free(ret->temporary);
                ret->temporary = NULL;
                return r;
        }
        ret->file = fdopen(fd, "w");
        if (!ret->file) {
                (void) close(fd);
                return -ENOMEM;
        }
        return fchmod(fd, 0644) < 0 ? -errno : 0;
}

/* All of it on the disk, then in its place. */
static int replacement_commit(Replacement *replacement) {
        if (fflush(replacement->file) != 0 || ferror(replacement->file)
                        || fsync(fileno(replacement->file)) < 0)
                return errno > 0 ? -errno : -EIO;
        if (rename(replacement->temporary, replacement->path) < 0)
                return -errno;
        free(replacement->temporary);
        replacement->temporary = NULL;
        return 0;
}

static int write_file(Report *report, const char *path) {
        _cleanup_(replacement_done) Replacement replacement = { 0 };
        int r;

        r = replacement_open(path, &replacement);
        if (r >= 0) {
                report->out = replacement.file;
                r = write_page(report);
        }
        if (r >= 0)
                r = replacement_commit(&replacement);
        if (r == -EBADFD)
                log_error("Cannot write '%s': it is no regular file", path);
        else if (r < 0)
                (void) log_error_errno(r, "Cannot write '%s'", path);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- what it is made of --- */

/* What is now; or what SOURCE_DATE_EPOCH says, for pages that are to be the same again
 * (https://reproducible-builds.org/specs/source-date-epoch/). */
static int64_t page_time(void) {
        const char *epoch = getenv("SOURCE_DATE_EPOCH");
        uint64_t seconds;

        if (epoch && parse_uint(epoch, INT64_C(253402300799), &seconds) >= 0)
                return (int64_t) seconds * USEC_PER_SEC;
        return now_usec();
}

static int explain(int error, const char *why) {
        if (error == -ENOENT) {
                log_error("No service has reported yet: %s; 'systemctl start auditshared' starts "
                          "it",
                                why ? why : "there is no status file");
                return EXIT_NO_SERVICE;
        }
        log_error("%s", why ? why : error == -ENOMEM ? "Out of memory" : strerror(-error));
        return EXIT_FAILURE;
}

int verb_report(const Ctl *ctl) {
        _cleanup_(report_done) Report report = { .out = stdout, .now_usec = page_time() };
        _cleanup_free_ char *why = NULL;
        int r;

        if (!ctl->output && isatty(STDOUT_FILENO)) {
                log_error("A page is not for a terminal: name a file with '--output report.html'");
                return EXIT_FAILURE;
        }
        r = report_read(&report, status_default_directory(), &why);
        if (r < 0)
                return explain(r, why);
        if (ctl->output)
                return write_file(&report, ctl->output);
        r = write_page(&report);
        return output_end(r, EXIT_SUCCESS);
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The report of a status file that others wrote
 *
 * Whatever the texts in it are, the page has no element but those that the program writes, no text
 * of theirs leaves its place, and no character is on it that a browser or a reader would be led
 * astray by.
 */

#include "ctl/html.h"
#include "ctl/output.h"
#include "ctl/report.h"
#include "fuzz-folder.h"
#include "util/mem.h"
#include "util/time.h"

#define NOW (INT64_C(1795355579) * USEC_PER_SEC)

/* All that it writes. */
static const char *const elements[] = { "a", "bdi", "body", "caption", "code", "dd", "desc",
        "details", "div", "dl", "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "head",
        "header", "html", "i", "li", "main", "nav", "ol", "p", "path", "section", "small", "span",
        "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "time",
        "title", "tr", "ul", "br", "meta", "!DOCTYPE" };

static bool is_among(const char *const *names, size_t n, const char *name, size_t length) {
        for (size_t i = 0; i < n; i++)
                if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
                        return true;
        return false;
}

/* Behind the tag, whose quotes are even, so that no text has left its attribute. */
static const char *check_tag(const char *p) {
        size_t length;
        const char *end;
        unsigned quotes = 0;

        p += *p == '/';
        length = strcspn(p, " \n>/");
        CHECK(is_among(elements, ELEMENTSOF(elements), p, length));
        for (end = p + length; *end && (*end != '>' || quotes % 2 == 1); end++) {
                quotes += *end == '"';
                CHECK(*end != '<');
        }
        CHECK(*end == '>');
        return end + 1;
}

static void check_page(const char *page, size_t length) {
        CHECK(strlen(page) == length && fuzz_is_clean(page, length, true));
        for (const char *p = page; (p = strchr(p, '<'));)
                p = check_tag(p + 1);
}

static int write_page(Report *report) {
        int r = 0;

        report_head(report);
        r = report_summary(report);
        if (r >= 0)
                r = report_matrix(report);
        if (r >= 0)
                r = report_waiting(report);
        if (r >= 0)
                r = report_expiry(report);
        if (r >= 0)
                r = report_decisions(report);
        if (r >= 0)
                r = report_under_way(report);
        if (r >= 0)
                r = report_undeclared(report);
        report_foot(report);
        return r;
}

/* Rows as report.h promises them. */
static void check_rows(const Report *report) {
        size_t next = 0;

        for (size_t i = 0; i < report->n_frameworks; i++) {
                CHECK(report->frameworks[i].first_share == next);
                next += report->frameworks[i].n_shares;
        }
        CHECK(next == report->n_shares);
        for (size_t i = 0; i < report->n_shares; i++)
                CHECK(report->shares[i].recipient < report->n_recipients);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(report_done) Report report = { .now_usec = NOW };
        _cleanup_free_ char *why = NULL, *page = NULL;
        static bool ready;
        size_t length = 0;

        if (!ready)
                output_init();
        ready = true;
        fuzz_folder_write("status.json", data, size);
        if (report_read(&report, fuzz_folder(), &why) < 0)
                return 0;
        check_rows(&report);

        report.out = open_memstream(&page, &length);
        if (!report.out)
                return 0;
        CHECK(write_page(&report) >= 0);
        (void) fclose(report.out);
        check_page(page, length);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What expires when: a bar a day, and the same as a table
 *
 * Days are those of UTC. The plot is for the eye alone; whoever cannot see it, or wants the
 * figures, has the table below it.
 */

#include <errno.h>
#include <stdlib.h>

#include "ctl/html.h"
#include "ctl/report.h"
#include "util/mem.h"
#include "util/time.h"

/* In units of the plot, of which a day takes six. */
#define LEFT   48
#define TOP    28
#define STEP   6
#define HEIGHT 150
#define WIDTH  (LEFT + (REPORT_DAYS + 1) * STEP + 12)
#define BASE   (TOP + HEIGHT)
#define BOTTOM (BASE + 40)

/* A day's row names this many shares. */
#define NAMED_MAX 2

/* More days than this are folded. */
#define DAYS_OPEN 14

typedef struct Days {
        uint64_t counts[REPORT_DAYS + 1];
        uint64_t past, later, most;
        const uint32_t *order; /* soonest first */
        size_t n;
} Days;

/* From today's midnight on; negative where it is past. */
static int64_t day_of(const Report *report, const ReportShare *share) {
        int64_t today = report->now_usec / USEC_PER_DAY;

        return share->expires_usec < report->now_usec ? -1
                                                      : share->expires_usec / USEC_PER_DAY - today;
}

static int compare_expiry(const void *a, const void *b, void *userdata) {
        const Report *report = userdata;
        uint32_t i = *(const uint32_t *) a, j = *(const uint32_t *) b;
        int64_t x = report->shares[i].expires_usec, y = report->shares[j].expires_usec;

        return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

static void count_days(const Report *report, Days *days) {
        for (size_t i = 0; i < days->n; i++) {
                int64_t day = day_of(report, &report->shares[days->order[i]]);

                if (day < 0)
                        days->past++;
                else if (day > REPORT_DAYS)
                        days->later++;
                else {
                        days->counts[day]++;
                        days->most = MAX(days->most, days->counts[day]);
                }
        }
}

/* --- the plot --- */

/* 2, 4, 6, 10, 20, …: the least of them that is enough; each has a half. */
static uint64_t round_up(uint64_t n) {
        static const uint64_t steps[] = { 2, 4, 6, 10 };
        uint64_t unit = 1;

        for (;; unit *= 10)
                for (size_t i = 0; i < ELEMENTSOF(steps); i++)
                        if (n <= unit * steps[i])
                                return unit * steps[i];
}

static int x_of(int day) {
        return LEFT + day * STEP;
}

static void write_label(const Report *report, int day) {
        char text[TIME_TEXT_MAX];

        (void) time_format(time_add(report->now_usec, day * USEC_PER_DAY), text);
        text[10] = '\0';
        html_rawf(report->out, "<text x=%d y=%d class=%s>%s</text>", x_of(day), BASE + 16,
                        day == 0                             ? "start"
                                        : day == REPORT_DAYS ? "end"
                                                             : "middle",
                        text);
        html_rawf(report->out, "<text x=%d y=%d class=\"%s soft\">%s%d%s</text>\n", x_of(day),
                        BASE + 31,
                        day == 0                             ? "start"
                                        : day == REPORT_DAYS ? "end"
                                                             : "middle",
                        day == 0 ? "today, day " : "day ", day, "");
}

static void write_axes(const Report *report, uint64_t scale) {
        for (unsigned i = 0; i <= 2; i++) {
                int y = BASE - (int) (HEIGHT / 2 * i);

                html_rawf(report->out, "<path class=%s d=\"M%d %dH%d\"/>", i == 0 ? "axis" : "grid",
                                LEFT, y, WIDTH - 12);
                html_rawf(report->out, "<text x=%d y=%d class=end>", LEFT - 8, y + 4);
                html_count(report->out, scale * i / 2);
                html_raw(report->out, "</text>\n");
        }
        for (int day = 0; day <= REPORT_DAYS; day += 30)
                write_label(report, day);
}

static void write_bars(const Report *report, const Days *days, uint64_t scale) {
        for (int day = 0; day <= REPORT_DAYS; day++) {
                int height = (int) (days->counts[day] * HEIGHT / scale);

                if (days->counts[day] == 0)
                        continue;
                /* One in a thousand is seen, too. */
                height = MAX(height, 2);
                html_rawf(report->out, "<path class=%s d=\"M%d %dv%dh%dv%dz\"/>",
                                day <= REPORT_DAYS_EXPIRING ? "soon" : "bar", x_of(day), BASE,
                                -height, STEP - 1, height);
        }
        html_raw(report->out, "\n");
}

static void write_plot(const Report *report, const Days *days) {
        uint64_t scale = round_up(days->most), soon = 0;

        for (int day = 0; day <= REPORT_DAYS_EXPIRING; day++)
                soon += days->counts[day];
        html_rawf(report->out,
                        "<figure class=scroll role=group aria-labelledby=plot-caption tabindex=0>\n"
                        "<svg class=plot viewBox=\"0 0 %d %d\" role=img "
                        "aria-labelledby=\"plot-title plot-text\">\n"
                        "<title id=plot-title>Invitations that expire, by day</title>\n"
                        "<desc id=plot-text>",
                        WIDTH, BOTTOM);
        html_count(report->out, soon);
        html_rawf(report->out, " expire within %d days, at most ", REPORT_DAYS_EXPIRING);
        html_count(report->out, days->most);
        html_rawf(report->out,
                        " on one day of the next %d. The table below has each day.</desc>\n"
                        "<path class=window d=\"M%d %dv%dh%dv%dz\"/>"
                        "<text x=%d y=%d class=\"start strong\">EXPIRING: %d "
                        "days left or fewer</text>\n",
                        REPORT_DAYS, LEFT, BASE, -HEIGHT - 20, (REPORT_DAYS_EXPIRING + 1) * STEP,
                        HEIGHT + 20, LEFT + 6, TOP - 6, REPORT_DAYS_EXPIRING);
        write_axes(report, scale);
        write_bars(report, days, scale);
        html_rawf(report->out,
                        "</svg>\n<figcaption id=plot-caption>Invitations that expire on each of "
                        "the next %d days</figcaption></figure>\n",
                        REPORT_DAYS);
}

/* --- the table --- */

static void name_share(const Report *report, const ReportShare *share) {
        html_name(report->out, report_framework_name(report, share));
        html_raw(report->out, " &#8594; <span class=id>");
        html_name(report->out, report_text(report, share->account));
        html_raw(report->out, " ");
        html_name(report->out, report_text(report, share->region));
        html_raw(report->out, "</span>");
}

static void write_names(const Report *report, const uint32_t *order, uint64_t n) {
        for (uint64_t i = 0; i < MIN(n, (uint64_t) NAMED_MAX); i++) {
                html_raw(report->out, i > 0 ? "; " : "");
                name_share(report, &report->shares[order[i]]);
        }
        if (n <= NAMED_MAX)
                return;
        html_raw(report->out, "; and ");
        html_count(report->out, n - NAMED_MAX);
        html_raw(report->out, " more");
}

static void begin_days(Report *report, const char *caption) {
        static const char *const headings[] = { "Date (UTC)", "Days left", "Invitations", "Which",
                NULL };

        report_table_begin(report, "days");
        html_raw(report->out, caption);
        report_table_head(report, headings);
}

static void write_day(Report *report, int day, const uint32_t *order, uint64_t n) {
        html_raw(report->out, "<tr><th scope=row>");
        html_date(report->out, time_add(report->now_usec, day * USEC_PER_DAY));
        html_rawf(report->out, "</th><td class=num>%d</td><td class=num>", day);
        html_count(report->out, n);
        html_raw(report->out, "</td><td>");
        write_names(report, order, n);
        html_raw(report->out, "</td></tr>\n");
}

static void write_days(Report *report, const Days *days) {
        const uint32_t *order = days->order + days->past;
        unsigned all = 0, written = 0;

        for (int day = 0; day <= REPORT_DAYS; day++)
                all += days->counts[day] > 0;
        if (all == 0)
                return;
        begin_days(report, "Invitations that expire, by day");
        for (int day = 0; day <= REPORT_DAYS; order += days->counts[day++]) {
                if (days->counts[day] == 0)
                        continue;
                if (written == DAYS_OPEN) {
                        report_table_end(report);
                        html_rawf(report->out, "<details><summary>The other %u days</summary>\n",
                                        all - written);
                        begin_days(report, "Invitations that expire, by day, the later ones");
                }
                write_day(report, day, order, days->counts[day]);
                written++;
        }
        report_table_end(report);
        html_raw(report->out, written > DAYS_OPEN ? "</details>\n" : "");
}

static void write_sentence(Report *report, const Days *days) {
        html_rawf(report->out,
                        "<p>An invitation that nobody answers ends after %d days. In its last %d "
                        "days Audit Manager calls it EXPIRING, and the service sends it again "
                        "where policy lets it.",
                        REPORT_DAYS, REPORT_DAYS_EXPIRING);
        if (days->past > 0) {
                html_raw(report->out, " <strong>");
                html_count(report->out, days->past);
                html_raw(report->out,
                                " should have ended by now</strong>: the status is older "
                                "than that.");
        }
        if (days->later > 0) {
                html_raw(report->out, " ");
                html_count(report->out, days->later);
                html_rawf(report->out, " end%s later than the plot goes.",
                                days->later == 1 ? "s" : "");
        }
        html_raw(report->out, "</p>\n");
}

int report_expiry(Report *report) {
        _cleanup_free_ uint32_t *order = NULL;
        Days days = { .most = 0 };

        if (report_select(report, report_can_expire, compare_expiry, &order, &days.n) < 0)
                return -ENOMEM;
        days.order = order;
        count_days(report, &days);
        if (days.n == 0)
                html_raw(report->out,
                                "<p class=note>No invitation is open, so none expires.</p>\n");
        else {
                write_sentence(report, &days);
                if (days.most > 0)
                        write_plot(report, &days);
                write_days(report, &days);
        }
        return 0;
}

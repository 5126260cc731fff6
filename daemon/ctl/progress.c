/* SPDX-License-Identifier: Apache-2.0 */

/* A bar on the terminal. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/output.h"
#include "ctl/progress.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/time.h"

#define REDRAW_USEC (100 * USEC_PER_MSEC)
#define BAR_MAX     30
#define TEXT_MAX    160

struct Progress {
        const Pass *pass;
        uint32_t planned;
        sd_event_source *timer;
        unsigned columns;
        FILE *plain; /* what stderr was */
        bool shown, changed;
};

static void put(const char *text) {
        (void) write_all(STDERR_FILENO, text, strlen(text));
}

static void erase_bar(Progress *progress) {
        if (!progress->shown)
                return;
        put("\r\x1b[K");
        progress->shown = false;
        progress->changed = true;
}

static void draw(Progress *progress) {
        PassCounts counts = pass_counts(progress->pass);
        char text[TEXT_MAX], line[TEXT_MAX + BAR_MAX + 16], revoked[32] = "";
        unsigned bar, filled;
        int n;

        if (counts.revoked > 0)
                (void) snprintf(revoked, sizeof(revoked), " revoked %u", counts.revoked);
        n = snprintf(text, sizeof(text), "%u/%u started %u resent %u%s failed %u", counts.done,
                        progress->planned, counts.started, counts.resent, revoked, counts.failed);
        if ((unsigned) n + 8 >= progress->columns)
                return; /* no room for a bar */

        bar = MIN(progress->columns - (unsigned) n - 4, (unsigned) BAR_MAX);
        filled = (unsigned) ((uint64_t) bar * MIN(counts.done, progress->planned)
                        / MAX(progress->planned, UINT32_C(1)));
        (void) snprintf(line, sizeof(line), "\r[%.*s%s%*s] %s\x1b[K",
                        (int) (filled > 0 ? filled - 1 : 0), "==============================",
                        filled == bar                ? "="
                                        : filled > 0 ? ">"
                                                     : "",
                        (int) (bar - filled), "", text);
        put(line);
        progress->shown = true;
        progress->changed = false;
}

static int on_redraw(sd_event_source *s, uint64_t usec, void *userdata) {
        Progress *progress = userdata;

        (void) usec;
        if (progress->changed)
                draw(progress);
        (void) sd_event_source_set_time_relative(s, REDRAW_USEC);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/*
 * Whoever writes to stderr (events, warnings) knows nothing of a bar. glibc documents that stderr
 * may be assigned; where it may not, a message overwrites the bar's line, and the bar comes back on
 * the next.
 */
#ifdef __GLIBC__
static ssize_t on_write(void *cookie, const char *data, size_t n) {
        bool shown = ((Progress *) cookie)->shown;

        erase_bar(cookie);
        if (write_all(STDERR_FILENO, data, n) < 0)
                return 0;
        /* Below the message again at once: with many messages it would hardly ever be seen. */
        if (shown && n > 0 && data[n - 1] == '\n')
                draw(cookie);
        return (ssize_t) n;
}

static int redirect(Progress *progress) {
        FILE *file = fopencookie(progress, "w", (cookie_io_functions_t){ .write = on_write });

        if (!file)
                return -ENOMEM;
        (void) setvbuf(file, NULL, _IONBF, 0);
        progress->plain = stderr;
        stderr = file;
        return 0;
}

static void restore(Progress *progress) {
        FILE *file = stderr;

        if (!progress->plain)
                return;
        stderr = progress->plain;
        (void) fclose(file);
}
#else
static int redirect(Progress *progress) {
        (void) progress;
        return 0;
}

static void restore(Progress *progress) {
        (void) progress;
}
#endif

int progress_new(sd_event *event, const Pass *pass, uint32_t planned, Progress **ret) {
        _cleanup_(progress_freep) Progress *progress = NULL;
        Output output = output_of(stderr);
        int r;

        *ret = NULL;
        if (!output.terminal)
                return 0;
        progress = calloc(1, sizeof(Progress));
        if (!progress)
                return -ENOMEM;
        *progress = (Progress){ .pass = pass, .planned = planned, .columns = output.columns };
        r = sd_event_add_time_relative(event, &progress->timer, CLOCK_MONOTONIC, REDRAW_USEC,
                        10 * USEC_PER_MSEC, on_redraw, progress);
        if (r < 0)
                return r;
        r = redirect(progress);
        if (r < 0)
                return r;
        draw(progress);
        *ret = TAKE_PTR(progress);
        return 0;
}

void progress_move(Progress *progress) {
        if (progress)
                progress->changed = true;
}

Progress *progress_free(Progress *progress) {
        if (!progress)
                return NULL;

        restore(progress);
        erase_bar(progress);
        (void) sd_event_source_disable_unref(progress->timer);
        free(progress);
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Messages on standard error. */

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/json.h"
#include "util/log.h"
#include "util/mem.h"

static LogLevel level_max = LOG_LEVEL_INFO;
static LogFormat format_now = LOG_FORMAT_TEXT;

void log_set_level(LogLevel most_verbose) {
        level_max = most_verbose;
}

void log_set_format(LogFormat format) {
        format_now = format;
}

LogFormat log_format(void) {
        return format_now;
}

bool log_to_journal(void) {
        static int known = -1;
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long dev, ino;
        struct stat st;

        /* The variable is inherited by what we start; only if device and inode match is it our
         * standard error. */
        if (known < 0)
                known = stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2
                                && fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev
                                && st.st_ino == ino;
        return known > 0;
}

static void write_json(LogLevel level, const char *text) {
        json_t *object = json_pack("{s:s, s:s, s:s}", "PRIORITY",
                        (char[]){ (char) ('0' + level), '\0' }, "SYSLOG_IDENTIFIER", "auditshared",
                        "MESSAGE", text);
        _cleanup_free_ char *line = NULL;

        if (json_write(object, JSON_COMPACT, &line) >= 0)
                (void) fprintf(stderr, "%s\n", line);
        else
                (void) fprintf(stderr, "%s\n", text);
        json_decref(object);
}

/* Short of memory: as much of it as a buffer takes. Whoever has to hear why we end hears it. */
static void write_short(LogLevel level, int error, const char *format, va_list args) {
        char text[512], prefix[8] = "";

        if (log_to_journal())
                (void) snprintf(prefix, sizeof(prefix), "<%d>", level);
        (void) vsnprintf(text, sizeof(text), format, args);
        (void) fprintf(stderr, "%s%s%s%s\n", prefix, text, error != 0 ? ": " : "",
                        error != 0 ? strerror(-error) : "");
}

int log_internal(LogLevel level, int error, const char *format, ...) {
        _cleanup_free_ char *plain = NULL, *text = NULL;
        va_list args;
        int n;

        if (error > 0)
                error = -error;
        if (level > level_max)
                return error;

        va_start(args, format);
        n = vasprintf(&plain, format, args);
        va_end(args);
        if (n < 0)
                plain = NULL;
        if (plain && error == 0)
                text = TAKE_PTR(plain);
        else if (plain && asprintf(&text, "%s: %s", plain, strerror(-error)) < 0)
                text = NULL;
        if (!text) {
                va_start(args, format);
                write_short(level, error, format, args);
                va_end(args);
                return error;
        }

        if (format_now == LOG_FORMAT_JSON)
                write_json(level, text);
        else if (log_to_journal())
                (void) fprintf(stderr, "<%d>%s\n", level, text);
        else
                (void) fprintf(stderr, "%s\n", text);
        return error;
}

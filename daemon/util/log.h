#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Messages for whoever runs the program, on standard error
 *
 * Under systemd (standard error is the journal) each line carries its priority as sd-daemon(3) has
 * it; at a terminal it is plain text. What happens to shares goes through record/journal.h instead,
 * with fields.
 */

#include <errno.h>
#include <stdbool.h>

#include "util/macro.h"

/* syslog(3)'s numbers. */
typedef enum LogLevel {
        LOG_LEVEL_ERROR = 3,
        LOG_LEVEL_WARNING = 4,
        LOG_LEVEL_NOTICE = 5,
        LOG_LEVEL_INFO = 6,
        LOG_LEVEL_DEBUG = 7,
} LogLevel;

typedef enum LogFormat {
        LOG_FORMAT_TEXT,
        LOG_FORMAT_JSON, /* one object a line */
        LOG_FORMAT_MAX
} LogFormat;

void log_set_level(LogLevel most_verbose);
void log_set_format(LogFormat format);
LogFormat log_format(void);

/* Whether standard error is a stream into the journal ($JOURNAL_STREAM, systemd.exec(5)). */
bool log_to_journal(void);

/* Returns the negative error, so that a caller can log and return at once; its text is added behind
 * a colon. 0: no error. */
int log_internal(LogLevel level, int error, const char *format, ...) _printf_(3, 4);

#define log_error(...)            ((void) log_internal(LOG_LEVEL_ERROR, 0, __VA_ARGS__))
#define log_warning(...)          ((void) log_internal(LOG_LEVEL_WARNING, 0, __VA_ARGS__))
#define log_notice(...)           ((void) log_internal(LOG_LEVEL_NOTICE, 0, __VA_ARGS__))
#define log_info(...)             ((void) log_internal(LOG_LEVEL_INFO, 0, __VA_ARGS__))
#define log_debug(...)            ((void) log_internal(LOG_LEVEL_DEBUG, 0, __VA_ARGS__))
#define log_error_errno(r, ...)   log_internal(LOG_LEVEL_ERROR, r, __VA_ARGS__)
#define log_warning_errno(r, ...) log_internal(LOG_LEVEL_WARNING, r, __VA_ARGS__)
#define log_oom()                 log_internal(LOG_LEVEL_ERROR, -ENOMEM, "Out of memory")

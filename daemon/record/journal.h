#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Journal: one event, with fields, for everything an operator may ask about later
 *
 * Under systemd through sd_journal_sendv(); elsewhere the same events on standard error, as a line
 * of text or as a JSON object with the fields as keys. An entry lives on the stack of whoever logs:
 * begin, add fields, send.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "model/identifiers.h"
#include "util/log.h"
#include "util/macro.h"

typedef enum JournalEvent {
        EVENT_STATUS_CHANGED,
        EVENT_STARTED,
        EVENT_RESENT,
        EVENT_REVOKED, /* or its record deleted */
        EVENT_REQUEST_FAILED,
        EVENT_HELD, /* or stalled, orphaned, replicating for long */
        EVENT_PASS_COMPLETED,
        EVENT_PASS_REFUSED, /* or cut short */
        EVENT_OUTCOME_UNKNOWN,
        EVENT_SEVERAL_REQUESTS,
        EVENT_CREDENTIALS,
        EVENT_CLOCK_SKEW,
        EVENT_MEMORY_REBUILT,
        EVENT_CONFIGURATION_LOADED,
        EVENT_CONFIGURATION_REFUSED,
        EVENT_MAX
} JournalEvent;

/* The MESSAGE_ID, as in systemd/auditshared.catalog. */
const char *journal_event_id(JournalEvent event);

#define JOURNAL_FIELDS_MAX 32
#define JOURNAL_TEXT_MAX   8192

typedef struct JournalEntry {
        LogLevel level;
        struct iovec fields[JOURNAL_FIELDS_MAX];
        size_t n_fields;
        char text[JOURNAL_TEXT_MAX]; /* "NAME=value", NUL-terminated, one after another */
        size_t used;
} JournalEntry;

/* Where events go besides standard error or the journal, as log_to_journal() decides. */
typedef enum JournalTarget {
        JOURNAL_TARGET_DEFAULT, /* the journal where standard error is connected to it, else
                                   standard error */
        JOURNAL_TARGET_BOTH, /* standard error, and the journal where one runs: for a pass by a
                                person at a terminal */
} JournalTarget;

void journal_set_target(JournalTarget target);

/* Begins an entry with MESSAGE_ID, PRIORITY, SYSLOG_IDENTIFIER and MESSAGE. */
void journal_begin(JournalEntry *entry, JournalEvent event, LogLevel level, const char *format, ...)
                _printf_(4, 5);

/* Adds a field; NULL and "" are left out. A value that does not fit any more is cut. */
void journal_add(JournalEntry *entry, const char *name, const char *value);
void journal_add_count(JournalEntry *entry, const char *name, uint64_t value);

void journal_send(const JournalEntry *entry);

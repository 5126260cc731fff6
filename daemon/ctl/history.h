#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What became of shares, by the journal
 *
 * Anybody can write entries with our MESSAGE_IDs. Those count that journald itself (in fields whose
 * names begin with "_", systemd.journal-fields(7)) says are the unit's or root's: the service, and
 * whoever runs 'auditsharectl apply' as root. Entries are read one at a time; none is kept.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-journal.h>

#include "ctl/output.h"
#include "model/filter.h"
#include "record/journal.h"
#include "util/buffer.h"
#include "util/macro.h"

typedef enum HistoryField {
        HISTORY_MESSAGE_ID,
        HISTORY_SOURCE,
        HISTORY_FRAMEWORK_ID,
        HISTORY_FRAMEWORK_NAME,
        HISTORY_ACCOUNT,
        HISTORY_REGION,
        HISTORY_REQUEST_ID,
        HISTORY_STATUS,
        HISTORY_STATUS_OLD,
        HISTORY_CONDITION,
        HISTORY_REASON,
        HISTORY_ACTION,
        HISTORY_ERROR,
        HISTORY_FIELD_MAX
} HistoryField;

/* One entry; its room is used again for the next. Zeroes are an empty one. */
typedef struct HistoryEntry {
        int64_t time_usec;
        JournalEvent event;
        Buffer fields[HISTORY_FIELD_MAX];
} HistoryEntry;

void history_entry_done(HistoryEntry *entry);

/* NULL where the entry does not have it. */
const char *history_text(const HistoryEntry *entry, HistoryField field);

/* Appends what happened, in words: "ACTIVE → SHARED", "resent (Expiring)". */
void history_describe(const HistoryEntry *entry, Buffer *buffer);
Colour history_colour(const HistoryEntry *entry);

/* The object of auditsharectl(1); NULL when out of memory. */
json_t *history_to_json(const HistoryEntry *entry);

/* Reads the entry that the journal stands at. 1; 0 where it is none of a share's, or cannot be
 * read; -ENOMEM. */
int history_read(sd_journal *journal, HistoryEntry *entry);

typedef struct HistoryQuery {
        const Filter *filter; /* NULL: all shares */
        int64_t since_usec; /* TIME_UNKNOWN: ever */
        bool statuses_only; /* changes of a status, and nothing else */
} HistoryQuery;

/* Opens the journal of the system for the query, or the one in $AUDITSHARED_JOURNAL. 0 or a
 * negative errno. */
int history_open(const HistoryQuery *query, sd_journal **ret);

/* Calls function for each entry of the query, the oldest first, until it does not return 0. Returns
 * what it did, else 0 or a negative errno. May be called again. */
int history_visit(sd_journal *journal,
                const HistoryQuery *query,
                int (*function)(const HistoryEntry *entry, void *userdata),
                void *userdata);

typedef enum HistoryAccess {
        HISTORY_READABLE,
        HISTORY_DENIED, /* there is a journal, and this user may not read it */
        HISTORY_ABSENT, /* there is none */
} HistoryAccess;

HistoryAccess history_access(void);

#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The journal: every API call so far, for tests to read
 */

#include "call.h"
#include "fault.h"

#define JOURNAL_MAX 200000

typedef struct JournalEntry {
        char *json;
        const char *operation;
} JournalEntry;

typedef struct Journal {
        JournalEntry *entries; /* a ring: entry number seq lives at seq % JOURNAL_MAX */
        size_t size;
        uint64_t n;
        Table counts; /* of operations, and of what became of them */
} Journal;

/* A status of 0 means that the client saw none. */
void journal_add(Journal *j, const Call *c, const Fault *fault, unsigned status);

/* The calls after one with this number, as members of a JSON array; operation can be NULL. */
void journal_append(const Journal *j, uint64_t after, const char *operation, Buffer *b);
json_t *journal_counts(const Journal *j);
void journal_clear(Journal *j);
void journal_done(Journal *j);

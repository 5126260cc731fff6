#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What people declare in the two files: drawn, edited, written as YAML, and kept as values for the
 * checker, which never asks the loaders what they read. */

#include "aws.h"
#include "model/policy.h"

#define ENTRIES_MAX 5

typedef struct Entry {
        unsigned source;
        bool by_id;
        unsigned framework; /* by_id */
        char name[TEXT_MAX]; /* else */
        unsigned recipients; /* a bit for each */
        char comment[TEXT_MAX]; /* "": none */
        int64_t pin_usec; /* TIME_UNKNOWN: none */
        bool suspend;
        Policy policy;
} Entry;

typedef struct Declared {
        Entry entries[ENTRIES_MAX];
        unsigned n_entries;
        bool observe;
        PolicyChoice undesired;
        unsigned writes_max, revokes_max, concurrency, rate;
        int64_t settle_usec, interval_usec;
} Declared;

void declare_begin(Declared *d, int64_t settle_usec, int64_t interval_usec);

/* One edit of somebody. */
void declare_edit(Declared *d);

/* As the two files have it; the caller frees. broken: with an error that a loader must find. */
char *declare_settings(const Declared *d, bool broken);
char *declare_shares(const Declared *d, bool broken);

/* What was in force is so no longer, and d is: the sends of shares whose entry changed count anew.
 */
void declare_take_over(const Declared *before, const Declared *d);

/*
 * The entries that speak of a share, by what the sources list now; a name that no framework has
 * speaks of the one that had it last. Returns how many; *ret is the last of them.
 */
unsigned declare_find(const Declared *d, const Aws *aws, unsigned key, const Entry **ret);

/* Whether an entry may be taken to speak of it: by a name that its framework has or ever had. */
bool declare_may_mean(const Declared *d, const Aws *aws, unsigned key);

/* As declare_find(), of those whose framework is listed under exactly that name, or with that id.
 */
unsigned declare_find_resolved(const Declared *d, const Aws *aws, unsigned key, const Entry **ret);

/* A listing is known: which framework has which name. */
void declare_learn(const Aws *aws);
void declare_forget_names(void);

/* What memory knows of the meaning of names is what is known now; or it knows no more than that, or
 * nothing at all. */
void declare_remember(void);
void declare_forget(bool all);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Groups of recipients
 *
 * Declared under `recipients:` of any shares file, usable from all of them. A group holds
 * recipients and no groups.
 */

#include <stdbool.h>
#include <stddef.h>

#include "desired/recipients.h"
#include "desired/share-list.h"
#include "util/strings.h"

typedef struct Group {
        Position position;
        size_t first, n; /* in Groups.members */
        size_t user; /* 1 + the index of the framework that used it last; 0: none has */
        Position used_at; /* where it did */
} Group;

typedef struct Groups {
        Strings *names;
        Group *items; /* by StringId - 1 */
        size_t n_items, items_capacity;
        ShareList members;
} Groups;

int groups_init(Groups *groups);
void groups_done(Groups *groups);

/* Reads what `recipients:` of one file holds. */
void groups_read(Groups *groups,
                Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const RecipientRules *rules);

/* The group of that name, or NULL with a fault unless `quiet`. */
Group *groups_find(Groups *groups,
                Reader *reader,
                const Node *raw,
                const KeyPath *path,
                bool quiet);

/* Notes the groups that nothing has used. 0 or -ENOMEM. */
int groups_note_unused(const Groups *groups, Faults *faults);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* One load of the shares files: what its parts fill and look things up in. */

#include <stdbool.h>
#include <stddef.h>

#include "desired/groups.h"
#include "desired/quota.h"
#include "desired/reader.h"
#include "desired/recipients.h"
#include "desired/share-list.h"
#include "model/desired-state.h"
#include "model/settings.h"

typedef struct Loader {
        const Settings *settings; /* NULL: they could not be read */
        Faults *faults;
        RecipientRules rules;
        Groups groups;
        Document **documents; /* NULL where one could not be read */
        size_t n_documents;
        bool incomplete; /* a file or its groups could not be read: a group that is not known may be
                            there */
        DesiredState *desired;
        size_t frameworks_capacity;
        Strings *identities; /* of frameworks: source, and id or name */
        ShareList shares;
        size_t n_declared; /* shares, those declared twice among them: what bounds the work */
        Quota *quotas; /* by source */
} Loader;

/* One file's place in it. */
typedef struct FileReader {
        Loader *loader;
        Reader reader;
} FileReader;

/* Reads what `frameworks:` of one file holds; all groups must have been read. */
void read_frameworks(FileReader *file, const Node *raw, const KeyPath *path);

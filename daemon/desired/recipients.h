#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading recipients
 *
 * A recipient is an account with its Regions. It stands in a group or in a framework, and means one
 * share for each Region. What the settings do not allow is a fault where it is written, used or
 * not.
 */

#include <stdbool.h>

#include "desired/reader.h"
#include "desired/values.h"
#include "model/settings.h"

/* A comment's longest, from the API's model: in characters. */
#define COMMENT_MAX 500

/* Where something is declared: behind an alias, that is where the alias stands. */
typedef struct Place {
        Position position;
        bool by_alias;
} Place;

/* The place of a node that stands within another place (NULL: within none). */
Place place_within(const Reader *reader, const Place *outer, const Node *raw);

/* The two halves of settings_allow(); NULL settings allow all. */
typedef struct RecipientRules {
        Settings accounts;
        Settings regions;
} RecipientRules;

/* Borrows from the settings. */
void recipient_rules_init(RecipientRules *rules, const Settings *settings);

typedef struct RecipientEntry {
        AccountId account;
        RegionList regions;
        const char *comment; /* of the document; NULL: none */
        const Node *raw_regions;
} RecipientEntry;

/*
 * Reads one mapping; `with_comment` is for those of frameworks. True where account and Regions
 * can be used.
 */
bool read_recipient(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const RecipientRules *rules,
                bool with_comment,
                RecipientEntry *ret);

/* Where the share with the i-th Region is declared, the recipient being at `outer`. */
Position recipient_position(const Reader *reader,
                const RecipientEntry *entry,
                const Place *outer,
                size_t i);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Readers of single values
 *
 * Each is a ValueReader (see reader.h) and can stand in a table of keys; `ret` is what its comment
 * says.
 */

#include "desired/reader.h"
#include "model/identifiers.h"
#include "model/policy.h"

/* Adds "want …; found …" for a value that is not what was wanted; returns false. */
bool fault_unwanted(Reader *reader, const Node *raw, const KeyPath *path, const char *wanted);

/*
 * The text of a scalar that is a text, and neither number, bool nor nothing; NULL with a fault.
 * Owned by the document.
 */
const char *read_text(Reader *reader, const Node *raw, const KeyPath *path);

/* char **: a copy of a text of min to max characters. */
bool read_string(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* const char **: the same, owned by the document. */
bool read_borrowed(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* As read_string(), of a certain form. */
bool read_role_arn(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);
bool read_url(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);
bool read_absolute_path(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret);

/* bool: true and false, as YAML 1.2 has them. */
bool read_bool(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* uint32_t: a whole number in decimal, min to max. */
bool read_count(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* int64_t: a time span, `min` microseconds at least. */
bool read_timespan(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* AccountId: twelve digits as written; a note where they stand without quotes. */
bool read_account(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* RegionId: one that Audit Manager has. */
bool read_region(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* A list of Regions, each of them once, with where it stands. */
#define REGION_LIST_MAX 64

typedef struct RegionListItem {
        const Node *node;
        size_t index;
        RegionId region;
} RegionListItem;

typedef struct RegionList {
        size_t n;
        RegionListItem items[REGION_LIST_MAX];
} RegionList;

/* RegionList *: the good ones of a list; true where all were. */
bool read_regions(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret);

/* Faults a text that is none of n words; returns its index, or n. */
size_t read_choice(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const char *const *words,
                size_t n);

/* One bit for each policy key that was given. */
typedef uint32_t PolicyGiven;

/* Puts what the mapping gives over *policy. `in_settings`: undesired may stand there. */
bool read_policy(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                bool in_settings,
                Policy *policy,
                PolicyGiven *ret_given);

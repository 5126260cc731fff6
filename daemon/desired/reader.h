#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading a tree by tables of keys
 *
 * A mapping is described by an array of Key; read_mapping() does the rest: unknown, repeated and
 * missing keys, and a value reader per key. Every reader takes the node as it stands (aliases are
 * followed inside), reports all that is wrong with it, and returns whether the value was good.
 * Memory that ran out is remembered in the reader.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desired/wording.h"
#include "desired/yaml.h"
#include "model/fault.h"
#include "util/macro.h"

/* Regions found lately, by the place of their text: a file writes few texts a great many times. */
#define REGIONS_SEEN_BITS 6
#define REGIONS_SEEN      (1u << REGIONS_SEEN_BITS)

typedef struct RegionSeen {
        uint32_t text;
        uint16_t region; /* 0: none is kept here */
} RegionSeen;

typedef struct Reader {
        Document *document;
        Faults *faults;
        int error; /* 0, or -ENOMEM from the first time on */
        RegionSeen regions[REGIONS_SEEN];
} Reader;

/* Adds a fault; returns false, so that a value reader can fault and return at once. */
bool reader_fault_at(Reader *reader,
                Position position,
                const KeyPath *path,
                const char *format,
                ...) _printf_(4, 5);

/* reader_fault(reader, node, path, format, ...): the same, at a node. */
#define reader_fault(reader, node, ...)                                                            \
        reader_fault_at((reader), node_position((reader)->document, (node)), __VA_ARGS__)

/* Adds a note, once for each node. */
void reader_note(Reader *reader, const Node *node, const KeyPath *path, const char *format, ...)
                _printf_(4, 5);

/* "given twice" with the place of the first. */
bool reader_fault_twice(Reader *reader, const Node *node, const KeyPath *path, Position first);

/* Faults the key `<<`, which YAML 1.1 merges with; returns whether it was one. */
bool reader_fault_merge_key(Reader *reader, const Node *key, const KeyPath *path);

/* Remembers an errno that is negative. */
void reader_fail(Reader *reader, int error);

typedef struct Key Key;

typedef bool (*ValueReader)(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret);

struct Key {
        const char *name;
        const char *wanted; /* required, and what it is: shown where the key is missing. NULL:
                               optional */
        ValueReader read; /* NULL: the caller reads the value */
        size_t offset; /* of what `read` fills, in the target */
        uint32_t min, max; /* for the readers that have bounds */
};

#define KEYS_MAX 16

/* What a mapping holds, by index into the table. */
typedef struct Fields {
        const Node *key[KEYS_MAX]; /* NULL: not given */
        const Node *value[KEYS_MAX];
        uint32_t good; /* a bit for each key that was given and has been read without a fault */
} Fields;

static inline bool field_is_good(const Fields *fields, unsigned index) {
        return fields->good & UINT32_C(1) << index;
}

/*
 * Whether it is a mapping at all; what is wrong with its keys and values is reported, and shows
 * in fields->good.
 */
bool read_mapping(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *keys,
                size_t n_keys,
                void *target,
                Fields *ret);

/* The resolved node where it is of that kind, else NULL with a fault. */
const Node *read_kind(Reader *reader, const Node *raw, const KeyPath *path, NodeKind kind);

/* "a list", "a number", "nothing": what was found, for a message. */
const char *found_name(Reader *reader, const Node *raw);

/*
 * The nearest of n words as `; did you mean "…"?`, or a list of all of them; "" where there is
 * none, or too many, or where a fault would not be kept anyway.
 */
const char *hint_text(const Reader *reader,
                const char *word,
                const char *const *words,
                size_t n,
                char hint[static SHOWN_MAX * 2]);

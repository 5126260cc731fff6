/* SPDX-License-Identifier: Apache-2.0 */

/* Reading a tree by tables of keys: the walker. */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desired/reader.h"
#include "util/mem.h"
#include "util/string-util.h"

#define HINT_MAX (SHOWN_MAX * 2)

/* Words beyond this are not searched for the nearest: a hint must not take longer than the load. */
#define HINT_WORDS_MAX 1000

void reader_fail(Reader *reader, int error) {
        if (error < 0 && reader->error == 0)
                reader->error = error;
}

static bool is_full(const Reader *reader) {
        return faults_count(reader->faults) >= FAULTS_KEPT_MAX;
}

bool reader_fault_at(Reader *reader,
                Position position,
                const KeyPath *path,
                const char *format,
                ...) {
        _cleanup_free_ char *where = NULL, *text = NULL;
        va_list args;
        int n;

        /* Beyond what is kept, a fault only counts. */
        if (is_full(reader)) {
                reader_fail(reader, faults_add(reader->faults, position, "", "%s", ""));
                return false;
        }

        where = key_path_format(path);
        va_start(args, format);
        n = vasprintf(&text, format, args);
        va_end(args);
        if (n < 0)
                text = NULL;

        /* A fault without its text still counts: a load must not pass by running out of memory. */
        reader_fail(reader,
                        faults_add(reader->faults, position, where ? where : "", "%s",
                                        text ? text : "out of memory"));
        return false;
}

void reader_note(Reader *reader, const Node *node, const KeyPath *path, const char *format, ...) {
        _cleanup_free_ char *where = NULL, *text = NULL;
        va_list args;
        int n;

        if (!node_note_once(reader->document, node))
                return;

        where = key_path_format(path);
        va_start(args, format);
        n = vasprintf(&text, format, args);
        va_end(args);
        if (n < 0)
                text = NULL;

        reader_fail(reader,
                        where && text ? faults_add_note(reader->faults,
                                        node_position(reader->document, node), where, "%s", text)
                                      : -ENOMEM);
}

bool reader_fault_twice(Reader *reader, const Node *node, const KeyPath *path, Position first) {
        return reader_fault(reader, node, path, "given twice; first at %s:%u:%u",
                        faults_file(reader->faults, first.file), first.line, first.column);
}

bool reader_fault_merge_key(Reader *reader, const Node *key, const KeyPath *path) {
        if (!streq(node_text(reader->document, key), "<<"))
                return false;
        (void) reader_fault(reader, key, path,
                        "unknown key; YAML 1.2 has no merge key, write the keys out or use an "
                        "alias");
        return true;
}

const char *found_name(Reader *reader, const Node *raw) {
        static const char *const scalars[SCALAR_TYPE_MAX] = {
                [SCALAR_TEXT] = "a text",
                [SCALAR_NULL] = "nothing",
                [SCALAR_BOOL] = "true or false",
                [SCALAR_INTEGER] = "a number",
                [SCALAR_FLOAT] = "a number",
        };
        const Node *node = node_resolve(reader->document, raw);

        if (node->kind == NODE_SCALAR)
                return scalars[node_scalar_type(reader->document, node)];
        return node->kind == NODE_LIST ? "a list" : "a mapping";
}

const Node *read_kind(Reader *reader, const Node *raw, const KeyPath *path, NodeKind kind) {
        static const char *const wanted[NODE_KIND_MAX] = {
                [NODE_SCALAR] = "a single value",
                [NODE_LIST] = "a list",
                [NODE_MAPPING] = "a mapping",
        };
        const Node *node = node_resolve(reader->document, raw);

        assert(kind < NODE_ALIAS);
        if (node->kind == kind)
                return node;
        (void) reader_fault(reader, raw, path, "want %s; found %s", wanted[kind],
                        found_name(reader, raw));
        return NULL;
}

const char *hint_text(const Reader *reader,
                const char *word,
                const char *const *words,
                size_t n,
                char hint[static SHOWN_MAX * 2]) {
        const char *nearest;
        char shown[SHOWN_MAX];
        size_t length = 0;

        hint[0] = '\0';
        if (is_full(reader))
                return hint;
        nearest = nearest_word(word, words, MIN(n, (size_t) HINT_WORDS_MAX));
        if (nearest) {
                (void) snprintf(hint, HINT_MAX, "; did you mean %s?", show_text(nearest, shown));
                return hint;
        }

        for (size_t i = 0; i < n; i++) {
                int added = snprintf(hint + length, HINT_MAX - length, "%s%s",
                                i == 0 ? "; want one of " : ", ", show_text(words[i], shown));

                length += (size_t) added;
                if (length >= HINT_MAX) {
                        hint[0] = '\0';
                        break;
                }
        }
        return hint;
}

/* Mappings */

static size_t find_key(const char *name, const Key *keys, size_t n_keys) {
        size_t i = 0;

        while (i < n_keys && !streq(keys[i].name, name))
                i++;
        return i;
}

static void fault_unknown_key(Reader *reader,
                const Node *key,
                const KeyPath *path,
                const Key *keys,
                size_t n_keys) {
        const char *name = node_text(reader->document, key), *words[KEYS_MAX];
        KeyPath place = { path, name, 0 };
        char hint[HINT_MAX];

        if (reader_fault_merge_key(reader, key, &place))
                return;
        for (size_t i = 0; i < n_keys; i++)
                words[i] = keys[i].name;
        (void) reader_fault(reader, key, &place, "unknown key%s",
                        hint_text(reader, name, words, n_keys, hint));
}

static void collect_fields(Reader *reader,
                const Node *mapping,
                const KeyPath *path,
                const Key *keys,
                size_t n_keys,
                Fields *fields) {
        const Node *key = node_first(mapping), *value;

        for (uint32_t i = 0; i < mapping->count; i++, key = node_next(reader->document, value)) {
                size_t index;

                value = node_next(reader->document, key);
                if (node_resolve(reader->document, key)->kind != NODE_SCALAR)
                        continue; /* has been reported */

                index = find_key(node_text(reader->document, key), keys, n_keys);
                if (index == n_keys)
                        fault_unknown_key(reader, key, path, keys, n_keys);
                else if (fields->key[index])
                        (void) reader_fault_twice(reader, key,
                                        &(KeyPath){ path, keys[index].name, 0 },
                                        node_position(reader->document, fields->key[index]));
                else {
                        fields->key[index] = key;
                        fields->value[index] = value;
                }
        }
}

bool read_mapping(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *keys,
                size_t n_keys,
                void *target,
                Fields *ret) {
        const Node *mapping = read_kind(reader, raw, path, NODE_MAPPING);

        assert(n_keys <= KEYS_MAX);
        *ret = (Fields){ .good = 0 };
        if (!mapping)
                return false;

        collect_fields(reader, mapping, path, keys, n_keys, ret);
        for (size_t i = 0; i < n_keys; i++) {
                KeyPath place = { path, keys[i].name, 0 };

                if (!ret->key[i]) {
                        if (keys[i].wanted)
                                (void) reader_fault(reader, mapping, &place, "missing; want %s",
                                                keys[i].wanted);
                } else if (keys[i].read
                                && keys[i].read(reader, ret->value[i], &place, &keys[i],
                                                (char *) target + keys[i].offset))
                        ret->good |= UINT32_C(1) << i;
        }
        return true;
}

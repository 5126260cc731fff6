/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading the values of one entry of `frameworks:`
 *
 * What can be said about an entry by itself: which keys it has and whether each value is one. What
 * needs the settings, the groups or other entries is said in frameworks.c.
 */

#include <string.h>

#include "desired/framework-entry.h"
#include "desired/recipients.h"
#include "desired/values.h"
#include "util/time.h"

static bool read_framework_name(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const char *name;

        if (!read_borrowed(reader, raw, path, key, &name))
                return false;
        if (strchr(name, '\\'))
                return reader_fault(reader, raw, path,
                                "a backslash; the API allows none in a framework's name");
        *(const char **) ret = name;
        return true;
}

static bool read_id(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const Node *node = node_resolve(reader->document, raw);

        (void) key;
        if (node->kind != NODE_SCALAR || uuid_parse(node_text(reader->document, node), ret) < 0
                        || uuid_is_null(ret))
                return fault_unwanted(reader, raw, path, "a UUID in lower case");
        return true;
}

static bool read_acknowledged(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        bool acknowledged;

        (void) ret;
        if (!read_bool(reader, raw, path, key, &acknowledged))
                return false;
        if (!acknowledged)
                return reader_fault(reader, raw, path,
                                "not acknowledged; true declares that the framework is not derived "
                                "from a standard "
                                "framework that AWS marks as not eligible for sharing, or that its "
                                "owner has agreed");
        return true;
}

static bool read_pin(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const Node *node = node_resolve(reader->document, raw);
        bool whole_second;
        int64_t usec;

        (void) key;
        if (node->kind != NODE_SCALAR
                        || time_parse(node_text(reader->document, node), &usec, &whole_second) < 0)
                return fault_unwanted(reader, raw, path, "a time such as 2026-10-01T09:00:00Z");

        /* A pin of whole seconds includes that whole second. */
        *(int64_t *) ret = whole_second ? time_add(usec, USEC_PER_SEC - 1) : usec;
        return true;
}

static const Key framework_keys[FRAMEWORK_KEY_MAX] = {
        [FRAMEWORK_NAME] = { .name = "name",
                        .read = read_framework_name,
                        .offset = offsetof(FrameworkEntry, name),
                        .min = 1,
                        .max = FRAMEWORK_NAME_MAX },
        [FRAMEWORK_ID] = { .name = "id", .read = read_id, .offset = offsetof(FrameworkEntry, id) },
        [FRAMEWORK_SOURCE] = { .name = "source",
                        .read = read_borrowed,
                        .offset = offsetof(FrameworkEntry, source),
                        .min = 1,
                        .max = UINT32_MAX },
        [FRAMEWORK_COMMENT] = { .name = "comment",
                        .read = read_borrowed,
                        .offset = offsetof(FrameworkEntry, comment),
                        .min = 1,
                        .max = COMMENT_MAX },
        [FRAMEWORK_ELIGIBILITY] = { .name = "eligibility_acknowledged",
                        .wanted = "true, which declares that the framework is not derived from a "
                                  "standard framework "
                                  "that AWS marks as not eligible for sharing, or that its owner "
                                  "has agreed",
                        .read = read_acknowledged,
                        .offset = offsetof(FrameworkEntry, acknowledged) },
        [FRAMEWORK_PIN] = { .name = "pin",
                        .read = read_pin,
                        .offset = offsetof(FrameworkEntry, pin_usec) },
        [FRAMEWORK_SUSPEND] = { .name = "suspend",
                        .read = read_bool,
                        .offset = offsetof(FrameworkEntry, suspend) },
        [FRAMEWORK_POLICY] = { .name = "policy" },
        [FRAMEWORK_RECIPIENTS] = { .name = "recipients",
                        .wanted = "a list of groups and recipients" },
};

static void check_identity(Reader *reader,
                const Node *mapping,
                const KeyPath *path,
                const Fields *fields) {
        bool has_name = fields->key[FRAMEWORK_NAME], has_id = fields->key[FRAMEWORK_ID];

        if (has_name && has_id)
                (void) reader_fault(reader, fields->key[FRAMEWORK_ID], &(KeyPath){ path, "id", 0 },
                                "both a name and an id; want exactly one of them");
        if (!has_name && !has_id)
                (void) reader_fault(reader, mapping, &(KeyPath){ path, "name", 0 },
                                "missing; want exactly one of name and id");
}

bool read_framework_entry(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                FrameworkEntry *ret,
                Fields *ret_fields) {
        *ret = (FrameworkEntry){ .pin_usec = TIME_UNKNOWN };
        if (!read_mapping(reader, raw, path, framework_keys, FRAMEWORK_KEY_MAX, ret, ret_fields))
                return false;
        check_identity(reader, node_resolve(reader->document, raw), path, ret_fields);
        return true;
}

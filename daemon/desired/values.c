/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Readers of single values
 *
 * Types are strict, as the JSON Schemas are: a number is no text and a text in quotes is no number.
 * The exception is an account: it is read as its characters stand, since its leading zeros count.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desired/url-check.h"
#include "desired/values.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

bool fault_unwanted(Reader *reader, const Node *raw, const KeyPath *path, const char *wanted) {
        const Node *node = node_resolve(reader->document, raw);
        char shown[SHOWN_MAX];

        if (node->kind != NODE_SCALAR || node_scalar_type(reader->document, node) == SCALAR_NULL)
                return reader_fault(reader, raw, path, "want %s; found %s", wanted,
                                found_name(reader, raw));
        return reader_fault(reader, raw, path, "want %s; found %s", wanted,
                        show_text(node_text(reader->document, node), shown));
}

const char *read_text(Reader *reader, const Node *raw, const KeyPath *path) {
        const Node *node = node_resolve(reader->document, raw);
        ScalarType type;

        if (node->kind != NODE_SCALAR) {
                (void) reader_fault(reader, raw, path, "want a text; found %s",
                                found_name(reader, raw));
                return NULL;
        }
        type = node_scalar_type(reader->document, node);
        if (type != SCALAR_TEXT) {
                (void) reader_fault(reader, raw, path, "want a text; found %s%s",
                                found_name(reader, raw),
                                type == SCALAR_NULL ? "" : ", put it in quotes");
                return NULL;
        }
        return node_text(reader->document, node);
}

static bool copy_text(Reader *reader, const char *text, void *ret) {
        char *copy;

        assert(text);

        copy = strdup(text);
        if (!copy) {
                reader_fail(reader, -ENOMEM);
                return false;
        }
        *(char **) ret = copy;
        return true;
}

bool read_borrowed(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const char *text = read_text(reader, raw, path);
        size_t n;

        if (!text)
                return false;

        n = utf8_count(text);
        if (n < key->min)
                return reader_fault(reader, raw, path,
                                "the text is empty; write one, or leave the key out");
        if (n > key->max)
                return reader_fault(
                                reader, raw, path, "%zu characters; want at most %u", n, key->max);
        *(const char **) ret = text;
        return true;
}

bool read_string(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        const char *text = NULL;

        return read_borrowed(reader, raw, path, key, &text) && copy_text(reader, text, ret);
}

/* https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html: path and name of a role. */
#define ROLE_PATH_MAX 512
#define ROLE_NAME_MAX 64

static bool role_name_is_good(const char *text) {
        static const char letters[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
        const char *name = strrchr(text, '/');
        size_t n;

        name = name ? name + 1 : text;
        if (name - text > ROLE_PATH_MAX)
                return false;
        for (const char *p = text; p < name; p++)
                if (*p <= ' ' || *p > '~')
                        return false;

        n = strspn(name, letters);
        return n > 0 && n <= ROLE_NAME_MAX && name[n] == '\0';
}

static bool role_arn_is_good(const char *text) {
        char account[ACCOUNT_TEXT_MAX];
        AccountId id;

        text = starts_with(text, "arn:aws:iam::");
        if (!text || strlen(text) < sizeof(account))
                return false;
        memcpy(account, text, sizeof(account) - 1);
        account[sizeof(account) - 1] = '\0';
        if (account_parse(account, &id) < 0)
                return false;

        text = starts_with(text + sizeof(account) - 1, ":role/");
        return text && role_name_is_good(text);
}

bool read_role_arn(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const char *text = read_text(reader, raw, path);

        (void) key;
        if (!text)
                return false;
        if (!role_arn_is_good(text))
                return fault_unwanted(
                                reader, raw, path, "a role as arn:aws:iam::ACCOUNT:role/NAME");
        return copy_text(reader, text, ret);
}

bool read_url(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        const char *text = read_text(reader, raw, path), *wrong;
        char shown[SHOWN_MAX];

        (void) key;
        if (!text)
                return false;
        wrong = url_check(text);
        if (wrong)
                return reader_fault(reader, raw, path,
                                "%s: %s; want https://HOST[:PORT], http:// on loopback only",
                                show_text(text, shown), wrong);
        return copy_text(reader, text, ret);
}

bool read_absolute_path(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const char *text = read_text(reader, raw, path);

        (void) key;
        if (!text)
                return false;
        if (*text != '/')
                return fault_unwanted(
                                reader, raw, path, "a path from the root, such as /etc/ssl/ca.pem");
        return copy_text(reader, text, ret);
}

static bool has_type(Reader *reader, const Node *raw, ScalarType type) {
        const Node *node = node_resolve(reader->document, raw);

        return node->kind == NODE_SCALAR && node_scalar_type(reader->document, node) == type;
}

bool read_bool(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        const Node *node = node_resolve(reader->document, raw);

        (void) key;
        if (has_type(reader, raw, SCALAR_BOOL)) {
                const char *text = node_text(reader->document, raw);

                *(bool *) ret = *text == 't' || *text == 'T';
                return true;
        }
        return fault_unwanted(reader, raw, path,
                        node->flags & NODE_IS_TEXT ? "true or false without quotes"
                                                   : "true or false");
}

bool read_count(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        const char *text = node_text(reader->document, raw);
        uint64_t value;
        char wanted[96];

        /* 010 is eight to YAML 1.1 and ten to YAML 1.2: nobody writes it on purpose. */
        if (has_type(reader, raw, SCALAR_INTEGER) && (*text != '0' || text[1] == '\0')
                        && parse_uint(text, key->max, &value) == 0 && value >= key->min) {
                *(uint32_t *) ret = (uint32_t) value;
                return true;
        }

        (void) snprintf(wanted, sizeof(wanted), "a whole number from %u to %u%s", key->min,
                        key->max,
                        node_resolve(reader->document, raw)->flags & NODE_IS_TEXT
                                        ? " without quotes"
                                        : "");
        return fault_unwanted(reader, raw, path, wanted);
}

bool read_timespan(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const char *text = node_text(reader->document, raw);
        int64_t usec;
        int r;

        if (node_resolve(reader->document, raw)->kind != NODE_SCALAR
                        || has_type(reader, raw, SCALAR_NULL))
                return fault_unwanted(reader, raw, path, "a time span such as 90s or 1h 30min");

        r = timespan_parse(text, &usec);
        if (r == -ERANGE)
                return fault_unwanted(reader, raw, path, "a time span of less than 1000 years");
        if (r < 0)
                return fault_unwanted(reader, raw, path, "a time span such as 90s or 1h 30min");
        if (usec < (int64_t) key->min)
                return fault_unwanted(reader, raw, path, "a time span longer than 0");

        *(int64_t *) ret = usec;
        return true;
}

bool read_account(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        const Node *node = node_resolve(reader->document, raw);

        (void) key;
        if (node->kind != NODE_SCALAR || account_parse(node_text(reader->document, node), ret) < 0)
                return fault_unwanted(reader, raw, path, "an account of 12 digits");
        if (!(node->flags & NODE_IS_TEXT))
                reader_note(reader, node, path,
                                "an account without quotes; put it in quotes, other YAML tools "
                                "read a number");
        return true;
}

/* As region_find(), for the text of a node. */
static RegionId find_region_of(Reader *reader, const Node *node) {
        /* By the upper bits: texts that were met one after another lie apart then. */
        RegionSeen *seen = &reader->regions[node->link * UINT32_C(0x9e3779b9)
                        >> (32 - REGIONS_SEEN_BITS)];

        if (node->kind != NODE_SCALAR)
                return 0;
        if (seen->region == 0 || seen->text != node->link)
                *seen = (RegionSeen){ node->link, region_find(node_text(reader->document, node)) };
        return seen->region;
}

/* Apart, for its room: there may be a million good ones. */
static bool fault_region(Reader *reader, const Node *raw, const KeyPath *path) {
        const Node *node = node_resolve(reader->document, raw);
        const char *text = node_text(reader->document, raw);
        char shown[SHOWN_MAX], hint[SHOWN_MAX * 2], all[SHOWN_MAX * 2];
        bool is_near;

        if (node->kind != NODE_SCALAR || has_type(reader, raw, SCALAR_NULL))
                return fault_unwanted(reader, raw, path, "a Region such as eu-west-1");

        /* A real Region that Audit Manager is not in is often near one that it is in, and is none
         * the less what was meant: the whole list, always. */
        (void) hint_text(reader, text, region_names, n_region_names, hint);
        (void) hint_text(reader, "", region_names, n_region_names, all);
        is_near = *hint && !streq(hint, all);
        return reader_fault(reader, raw, path, "%s is not a Region of Audit Manager%s%s",
                        show_text(text, shown), all, is_near ? hint : "");
}

bool read_region(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        RegionId region = find_region_of(reader, node_resolve(reader->document, raw));

        (void) key;
        if (region == 0)
                return fault_region(reader, raw, path);
        *(RegionId *) ret = region;
        return true;
}

static const RegionListItem *find_in_list(const RegionList *list, RegionId region) {
        for (size_t i = 0; i < list->n; i++)
                if (list->items[i].region == region)
                        return &list->items[i];
        return NULL;
}

bool read_regions(Reader *reader, const Node *raw, const KeyPath *path, const Key *key, void *ret) {
        const Node *list = read_kind(reader, raw, path, NODE_LIST), *item;
        RegionList *regions = ret;
        bool good = true;

        assert(n_region_names <= REGION_LIST_MAX);
        regions->n = 0;
        if (!list)
                return false;

        item = node_first(list);
        for (size_t i = 0; i < list->count; i++, item = node_next(reader->document, item)) {
                KeyPath place = { path, NULL, i };
                const RegionListItem *twin;
                RegionId region = 0;

                if (!read_region(reader, item, &place, key, &region))
                        good = false;
                else if ((twin = find_in_list(regions, region)))
                        good = reader_fault_twice(reader, item, &place,
                                        node_position(reader->document, twin->node));
                else
                        regions->items[regions->n++] = (RegionListItem){ item, i, region };
        }
        return good;
}

size_t read_choice(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const char *const *words,
                size_t n) {
        const Node *node = node_resolve(reader->document, raw);
        char shown[SHOWN_MAX], hint[SHOWN_MAX * 2];
        const char *text;
        size_t i = 0;

        if (node->kind != NODE_SCALAR || has_type(reader, raw, SCALAR_NULL)) {
                (void) reader_fault(reader, raw, path, "found %s%s", found_name(reader, raw),
                                hint_text(reader, "", words, n, hint));
                return n;
        }

        text = node_text(reader->document, node);
        while (i < n && !streq(words[i], text))
                i++;
        if (i == n)
                (void) reader_fault(reader, raw, path, "unknown value %s%s", show_text(text, shown),
                                hint_text(reader, text, words, n, hint));
        return i;
}

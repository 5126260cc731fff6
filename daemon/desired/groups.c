/* SPDX-License-Identifier: Apache-2.0 */

/* Groups of recipients. */

#include <errno.h>
#include <stdlib.h>

#include "desired/groups.h"
#include "util/mem.h"

/* A fault names no more candidates than this, see hint_text(). */
#define CANDIDATES_MAX 1000

int groups_init(Groups *groups) {
        *groups = (Groups){ .names = NULL };
        return strings_new(SIZE_MAX / 2, &groups->names);
}

void groups_done(Groups *groups) {
        (void) strings_free(groups->names);
        free(groups->items);
        share_list_done(&groups->members);
        *groups = (Groups){ .names = NULL };
}

static void add_members(Groups *groups,
                Reader *reader,
                const RecipientEntry *entry,
                const KeyPath *path,
                const Place *place) {
        KeyPath regions = { path, "regions", 0 };

        for (size_t i = 0; i < entry->regions.n; i++) {
                const RegionListItem *item = &entry->regions.items[i];
                const DesiredShare member = {
                        .recipient = recipient_make(entry->account, item->region),
                };
                Position position = recipient_position(reader, entry, place, i), first;
                int r;

                r = share_list_add(&groups->members, &member, position, &first);
                if (r > 0)
                        (void) reader_fault_at(reader, position,
                                        &(KeyPath){ &regions, NULL, item->index },
                                        "this account and Region stand twice in the group; first "
                                        "at %s:%u:%u",
                                        faults_file(reader->faults, first.file), first.line,
                                        first.column);
                else if (r == -EFBIG)
                        (void) reader_fault_at(reader, position, path,
                                        "too many recipients; want at most %zu", SHARES_MAX);
                else
                        reader_fail(reader, r);
        }
}

static void read_members(Groups *groups,
                Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const RecipientRules *rules) {
        const Node *list = read_kind(reader, raw, path, NODE_LIST), *item;
        Place outer = place_within(reader, NULL, raw);
        RecipientEntry entry;

        if (!list)
                return;
        if (list->count == 0)
                (void) reader_fault(
                                reader, raw, path, "an empty group; want one recipient or more");

        item = node_first(list);
        for (size_t i = 0; i < list->count; i++, item = node_next(reader->document, item)) {
                KeyPath place = { path, NULL, i };
                Place at = place_within(reader, &outer, item);

                if (node_resolve(reader->document, item)->kind == NODE_SCALAR)
                        (void) reader_fault(reader, item, &place,
                                        "a group holds no groups; want a recipient with account "
                                        "and regions");
                else if (read_recipient(reader, item, &place, rules, false, &entry))
                        add_members(groups, reader, &entry, &place, &at);
        }
}

/* A new group of that name; NULL with a fault where there is one already. */
static Group *declare(Groups *groups,
                Reader *reader,
                const Node *key,
                const KeyPath *path,
                StringId *ret_id) {
        const char *name = node_text(reader->document, key);
        int r;

        if (reader_fault_merge_key(reader, key, path))
                return NULL;
        if (*name == '\0') {
                (void) reader_fault(reader, key, path, "a group without a name; want one");
                return NULL;
        }
        r = strings_add(groups->names, name, ret_id);
        if (r == 0 && *ret_id <= groups->n_items) {
                (void) reader_fault_twice(reader, key, path, groups->items[*ret_id - 1].position);
                return NULL;
        }
        if (r == 0)
                r = ARRAY_RESERVE(groups->items, groups->items_capacity, *ret_id);
        if (r == 0)
                r = share_list_begin(&groups->members, *ret_id);
        if (r < 0) {
                reader_fail(reader, r);
                return NULL;
        }

        groups->n_items = *ret_id;
        groups->items[*ret_id - 1] = (Group){
                .position = node_position(reader->document, key),
                .first = groups->members.n_shares,
        };
        return &groups->items[*ret_id - 1];
}

void groups_read(Groups *groups,
                Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const RecipientRules *rules) {
        const Node *mapping = read_kind(reader, raw, path, NODE_MAPPING), *key, *value;

        if (!mapping)
                return;

        key = node_first(mapping);
        for (uint32_t i = 0; i < mapping->count && reader->error == 0;
                        i++, key = node_next(reader->document, value)) {
                KeyPath place = { path, node_text(reader->document, key), 0 };
                StringId id;
                Group *group;

                value = node_next(reader->document, key);
                if (node_resolve(reader->document, key)->kind != NODE_SCALAR)
                        continue; /* has been reported */
                group = declare(groups, reader, key, &place, &id);
                if (!group)
                        continue;
                read_members(groups, reader, value, &place, rules);
                group->n = groups->members.n_shares - group->first;
        }
}

static void fault_unknown(Groups *groups, Reader *reader, const Node *raw, const KeyPath *path) {
        const char *name = node_text(reader->document, raw), *candidates[CANDIDATES_MAX];
        size_t n = MIN(groups->n_items, (size_t) CANDIDATES_MAX);
        char shown[SHOWN_MAX], hint[SHOWN_MAX * 2] = "";
        AccountId account;

        if (account_parse(name, &account) == 0) {
                (void) reader_fault(reader, raw, path,
                                "an account alone; want a group's name, or account and regions");
                return;
        }

        for (size_t i = 0; i < n; i++)
                candidates[i] = strings_get(groups->names, (StringId) (i + 1));
        (void) hint_text(reader, name, candidates, n, hint);
        (void) reader_fault(reader, raw, path, "unknown group %s%s", show_text(name, shown),
                        *hint ? hint : "; groups are declared under recipients");
}

Group *groups_find(Groups *groups,
                Reader *reader,
                const Node *raw,
                const KeyPath *path,
                bool quiet) {
        size_t before = groups->n_items;
        StringId id;
        int r;

        /*
         * Names that are asked for and unknown get ids too, behind those of all groups: all files
         * have been read.
         */
        r = strings_add(groups->names, node_text(reader->document, raw), &id);
        if (r < 0) {
                reader_fail(reader, r);
                return NULL;
        }
        if (id <= before)
                return &groups->items[id - 1];
        if (!quiet)
                fault_unknown(groups, reader, raw, path);
        return NULL;
}

int groups_note_unused(const Groups *groups, Faults *faults) {
        for (size_t i = 0; i < groups->n_items; i++) {
                KeyPath top = { NULL, "recipients", 0 },
                        place = { &top, strings_get(groups->names, (StringId) (i + 1)), 0 };
                _cleanup_free_ char *path = NULL;

                if (groups->items[i].user > 0)
                        continue;
                path = key_path_format(&place);
                if (!path
                                || faults_add_note(faults, groups->items[i].position, path,
                                                   "no framework uses this group; remove it, or "
                                                   "use it")
                                                < 0)
                        return -ENOMEM;
        }
        return 0;
}

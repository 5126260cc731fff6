/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading `frameworks:` of a shares file
 *
 * What an entry declares goes into one list as it is read, in which a share that stands there
 * already is found at once, whichever file declared it.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desired/framework-entry.h"
#include "desired/loader.h"
#include "desired/values.h"
#include "util/hash.h"
#include "util/mem.h"

#define SOURCE_UNKNOWN UINT32_MAX

static void fault_source(FileReader *file,
                const Node *node,
                const KeyPath *path,
                const char *found) {
        const Settings *settings = file->loader->settings;
        char shown[SHOWN_MAX], hint[SHOWN_MAX * 2];
        const char *names[SETTINGS_SOURCES_MAX];

        assert(settings->n_sources <= SETTINGS_SOURCES_MAX);
        for (size_t i = 0; i < settings->n_sources; i++)
                names[i] = settings->sources[i].name;

        if (found)
                (void) reader_fault(&file->reader, node, path, "unknown source %s%s",
                                show_text(found, shown),
                                hint_text(&file->reader, found, names, settings->n_sources, hint));
        else
                (void) reader_fault(&file->reader, node, path,
                                "missing, and there are several sources%s",
                                hint_text(&file->reader, "", names, settings->n_sources, hint));
}

/* The index of the entry's source, or SOURCE_UNKNOWN. */
static uint32_t find_source(FileReader *file,
                const Node *mapping,
                const KeyPath *path,
                const Fields *fields,
                const FrameworkEntry *entry) {
        const Settings *settings = file->loader->settings;
        KeyPath place = { path, "source", 0 };
        const Source *source;

        if (!settings)
                return SOURCE_UNKNOWN;
        if (!fields->key[FRAMEWORK_SOURCE]) {
                if (settings->n_sources == 1)
                        return 0;
                fault_source(file, mapping, &place, NULL);
                return SOURCE_UNKNOWN;
        }
        if (!field_is_good(fields, FRAMEWORK_SOURCE))
                return SOURCE_UNKNOWN;

        source = settings_find_source(settings, entry->source);
        if (source)
                return (uint32_t) (source - settings->sources);
        fault_source(file, fields->value[FRAMEWORK_SOURCE], &place, entry->source);
        return SOURCE_UNKNOWN;
}

/*
 * A number that entries have in common when they speak of the same framework, as far as files can
 * tell.
 */
static int find_number(FileReader *file,
                const FrameworkEntry *entry,
                const Fields *fields,
                uint32_t source,
                uint32_t *ret) {
        char identity[32 + FRAMEWORK_NAME_MAX * 4], id[UUID_TEXT_MAX];
        Loader *loader = file->loader;
        int n;

        /* Nothing is known of it: a number of its own. */
        if (source == SOURCE_UNKNOWN
                        || (!field_is_good(fields, FRAMEWORK_NAME)
                                        && !field_is_good(fields, FRAMEWORK_ID))) {
                *ret = UINT32_MAX - (uint32_t) loader->desired->n_frameworks;
                return 0;
        }

        if (field_is_good(fields, FRAMEWORK_ID))
                n = snprintf(identity, sizeof(identity), "%u id %s", source,
                                uuid_format(&entry->id, id));
        else
                n = snprintf(identity, sizeof(identity), "%u name %s", source, entry->name);
        assert(n > 0 && (size_t) n < sizeof(identity));
        return strings_add(loader->identities, identity, ret);
}

/* What was written for the entry and changes what is done about its shares. */
static uint64_t hash_declaration(const Policy *policy, PolicyGiven given, int64_t pin_usec) {
        uint64_t hash = HASH_STABLE_SEED;

        for (unsigned key = 0; key < POLICY_MAX; key++)
                if (given & UINT32_C(1) << key) {
                        const uint16_t pair[] = { (uint16_t) key, policy->value[key] };

                        hash = hash_stable(hash, pair, sizeof(pair));
                }
        return hash_stable(hash, &pin_usec, sizeof(pin_usec));
}

/* Shares of a framework */

typedef struct Target {
        FileReader *file;
        const DesiredFramework *framework;
        StringId comment; /* of the framework */
} Target;

static const Source *target_source(const Target *target) {
        uint32_t source = target->framework->source;

        return source == SOURCE_UNKNOWN ? NULL : &target->file->loader->settings->sources[source];
}

static void fault_twin(const Target *target,
                const DesiredShare *share,
                const KeyPath *path,
                Position position,
                Position first) {
        char account[ACCOUNT_TEXT_MAX];

        (void) reader_fault_at(&target->file->reader, position, path,
                        "the share with %s in %s is declared twice; first at %s:%u:%u",
                        account_format(recipient_account(share->recipient), account),
                        region_name(recipient_region(share->recipient)),
                        faults_file(target->file->reader.faults, first.file), first.line,
                        first.column);
}

static bool is_own(const Target *target, Recipient recipient) {
        const Source *source = target_source(target);

        return source && recipient == recipient_make(source->account, source->region);
}

/* False once there are too many: then nothing more is added, or told about them. */
static bool take_room(const Target *target, Position position, const KeyPath *path) {
        Loader *loader = target->file->loader;

        if (loader->n_declared == SHARES_MAX)
                (void) reader_fault_at(&target->file->reader, position, path,
                                "more than %zu shares; declare fewer", SHARES_MAX);
        loader->n_declared += loader->n_declared <= SHARES_MAX;
        return loader->n_declared <= SHARES_MAX;
}

static void add_share(const Target *target,
                const DesiredShare *share,
                Position position,
                const KeyPath *path) {
        Loader *loader = target->file->loader;
        uint32_t source = target->framework->source;
        DesiredShare added = *share;
        Position first = { 0 };
        int r = 0;

        if (source != SOURCE_UNKNOWN)
                r = quota_take(&loader->quotas[source], recipient_account(share->recipient),
                                loader->settings->limits.recipient_accounts, &added.over_quota);
        if (r == 0)
                r = share_list_add(&loader->shares, &added, position, &first);
        if (r > 0)
                fault_twin(target, share, path, position, first);
        else
                reader_fail(&target->file->reader, r);
}

static void add_recipient(const Target *target,
                const Node *raw,
                const KeyPath *path,
                const Place *outer) {
        Loader *loader = target->file->loader;
        Reader *reader = &target->file->reader;
        KeyPath regions = { path, "regions", 0 };
        StringId comment = target->comment;
        RecipientEntry entry;

        if (!read_recipient(reader, raw, path, &loader->rules, true, &entry))
                return;
        if (entry.comment)
                reader_fail(reader, strings_add(loader->desired->strings, entry.comment, &comment));

        for (size_t i = 0; i < entry.regions.n; i++) {
                const RegionListItem *item = &entry.regions.items[i];
                KeyPath place = { &regions, NULL, item->index };
                const DesiredShare share = {
                        .recipient = recipient_make(entry.account, item->region),
                        .comment = comment,
                };
                Position position = recipient_position(reader, &entry, outer, i);

                if (is_own(target, share.recipient))
                        (void) reader_fault(reader, item->node, &place,
                                        "the source's own account and Region; want another account "
                                        "or Region");
                else if (take_room(target, position, &place))
                        add_share(target, &share, position, &place);
        }
}

static void add_group(const Target *target,
                const Node *raw,
                const KeyPath *path,
                const Place *outer) {
        Loader *loader = target->file->loader;
        Reader *reader = &target->file->reader;
        size_t user = loader->desired->n_frameworks + 1;
        Group *group;

        group = groups_find(&loader->groups, reader, raw, path, loader->incomplete);
        if (!group)
                return;
        if (group->user == user) {
                (void) reader_fault_twice(reader, raw, path, group->used_at);
                return;
        }
        group->user = user;
        group->used_at = outer->position;

        for (size_t i = group->first; i < group->first + group->n; i++) {
                const DesiredShare share = {
                        .recipient = loader->groups.members.shares[i].recipient,
                        .comment = target->comment,
                };

                if (is_own(target, share.recipient))
                        (void) reader_fault_at(reader, outer->position, path,
                                        "the group holds the source's own account and Region; want "
                                        "another group");
                else if (!take_room(target, outer->position, path))
                        break;
                else
                        add_share(target, &share, outer->position, path);
        }
}

static void add_recipients(const Target *target,
                const Node *raw,
                const KeyPath *path,
                const Place *outer) {
        Reader *reader = &target->file->reader;
        const Node *list = read_kind(reader, raw, path, NODE_LIST), *item;
        Place within = place_within(reader, outer, raw);

        if (!list)
                return;
        if (list->count == 0)
                (void) reader_fault(reader, raw, path,
                                "an empty list; want one recipient or more, or no entry at all");

        item = node_first(list);
        for (size_t i = 0; i < list->count && reader->error == 0;
                        i++, item = node_next(reader->document, item)) {
                const Node *node = node_resolve(reader->document, item);
                Place at = place_within(reader, &within, item);
                KeyPath place = { path, NULL, i };

                if (node->kind == NODE_MAPPING)
                        add_recipient(target, item, &place, &at);
                else if (node->kind == NODE_LIST
                                || node_scalar_type(reader->document, node) == SCALAR_NULL)
                        (void) fault_unwanted(reader, item, &place,
                                        "a group's name, or account and regions");
                else
                        add_group(target, item, &place, &at);
        }
}

/* Entries */

static int add_framework(FileReader *file,
                const FrameworkEntry *entry,
                const Fields *fields,
                const Position *position,
                uint32_t source,
                DesiredFramework **ret) {
        Loader *loader = file->loader;
        DesiredState *desired = loader->desired;
        DesiredFramework *framework;
        uint32_t number;
        int r;

        r = find_number(file, entry, fields, source, &number);
        if (r == 0)
                r = share_list_begin(&loader->shares, number);
        if (r == 0)
                r = ARRAY_RESERVE(desired->frameworks, loader->frameworks_capacity,
                                desired->n_frameworks + 1);
        if (r < 0)
                return r;

        framework = &desired->frameworks[desired->n_frameworks];
        *framework = (DesiredFramework){
                .source = source,
                .id = entry->id,
                .pin_usec = entry->pin_usec,
                .suspend = entry->suspend,
                .policy = loader->settings ? loader->settings->policy : policy_default,
                .position = *position,
                .first_share = loader->shares.n_shares,
        };
        r = strings_add(desired->strings, entry->name, &framework->name);
        if (r < 0)
                return r;

        *ret = framework;
        return 0;
}

static void read_framework(FileReader *file,
                const Node *raw,
                const KeyPath *path,
                const Place *outer) {
        Loader *loader = file->loader;
        Reader *reader = &file->reader;
        FrameworkEntry entry;
        const Node *mapping = node_resolve(reader->document, raw);
        Place at = place_within(reader, outer, raw);
        DesiredFramework *framework;
        PolicyGiven given = 0;
        Target target;
        Fields fields;
        uint32_t source;
        int r;

        if (!read_framework_entry(reader, raw, path, &entry, &fields))
                return;
        source = find_source(file, mapping, path, &fields, &entry);

        r = add_framework(file, &entry, &fields, &at.position, source, &framework);
        if (r < 0) {
                reader_fail(reader, r);
                return;
        }
        target = (Target){ .file = file, .framework = framework };
        reader_fail(reader, strings_add(loader->desired->strings, entry.comment, &target.comment));

        if (fields.key[FRAMEWORK_POLICY])
                (void) read_policy(reader, fields.value[FRAMEWORK_POLICY],
                                &(KeyPath){ path, "policy", 0 }, false, &framework->policy, &given);
        framework->declaration = hash_declaration(&framework->policy, given, framework->pin_usec);

        if (fields.key[FRAMEWORK_RECIPIENTS])
                add_recipients(&target, fields.value[FRAMEWORK_RECIPIENTS],
                                &(KeyPath){ path, "recipients", 0 }, &at);
        framework->n_shares = loader->shares.n_shares - framework->first_share;
        loader->desired->n_frameworks++;
}

void read_frameworks(FileReader *file, const Node *raw, const KeyPath *path) {
        Reader *reader = &file->reader;
        const Node *node = node_resolve(reader->document, raw), *item;
        Place within = place_within(reader, NULL, raw);

        if (node->kind == NODE_SCALAR && node_scalar_type(reader->document, node) == SCALAR_NULL) {
                (void) reader_fault(reader, raw, path,
                                "want a list; found nothing, \"frameworks: []\" is the way to "
                                "declare none");
                return;
        }
        node = read_kind(reader, raw, path, NODE_LIST);
        if (!node)
                return;

        item = node_first(node);
        for (size_t i = 0; i < node->count && reader->error == 0;
                        i++, item = node_next(reader->document, item))
                read_framework(file, item, &(KeyPath){ path, NULL, i }, &within);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Reading recipients. */

#include <assert.h>

#include "desired/recipients.h"

typedef enum RecipientKey {
        RECIPIENT_ACCOUNT,
        RECIPIENT_REGIONS,
        RECIPIENT_COMMENT, /* last, since a group's recipients have none */
        RECIPIENT_KEY_MAX
} RecipientKey;

static const Key keys[RECIPIENT_KEY_MAX] = {
        [RECIPIENT_ACCOUNT] = { .name = "account",
                        .wanted = "the 12 digits of the account to share with",
                        .read = read_account,
                        .offset = offsetof(RecipientEntry, account) },
        [RECIPIENT_REGIONS] = { .name = "regions",
                        .wanted = "a list of Regions",
                        .read = read_regions,
                        .offset = offsetof(RecipientEntry, regions) },
        [RECIPIENT_COMMENT] = { .name = "comment",
                        .read = read_borrowed,
                        .offset = offsetof(RecipientEntry, comment),
                        .min = 1,
                        .max = COMMENT_MAX },
};

Place place_within(const Reader *reader, const Place *outer, const Node *raw) {
        if (outer && outer->by_alias)
                return *outer;
        return (Place){ node_position(reader->document, raw), raw->kind == NODE_ALIAS };
}

void recipient_rules_init(RecipientRules *rules, const Settings *settings) {
        *rules = (RecipientRules){ .accounts = { .sources = NULL } };
        if (!settings)
                return;
        rules->accounts.allowed = rules->regions.allowed = settings->allowed;
        rules->accounts.allowed.regions_set = false;
        rules->regions.allowed.accounts_set = false;
}

static void check_allowed(Reader *reader,
                const Fields *fields,
                const KeyPath *path,
                const RecipientRules *rules,
                const RecipientEntry *entry) {
        KeyPath regions = { path, "regions", 0 };
        char account[ACCOUNT_TEXT_MAX];

        if (field_is_good(fields, RECIPIENT_ACCOUNT)
                        && !settings_allow(&rules->accounts, entry->account, 0))
                (void) reader_fault(reader, fields->value[RECIPIENT_ACCOUNT],
                                &(KeyPath){ path, "account", 0 },
                                "%s is not allowed; the settings list the accounts in "
                                "allowed_recipients.accounts",
                                account_format(entry->account, account));

        for (size_t i = 0; i < entry->regions.n; i++) {
                const RegionListItem *item = &entry->regions.items[i];

                if (!settings_allow(&rules->regions, 0, item->region))
                        (void) reader_fault(reader, item->node,
                                        &(KeyPath){ &regions, NULL, item->index },
                                        "%s is not allowed; the settings list the Regions in "
                                        "allowed_recipients.regions",
                                        region_name(item->region));
        }
}

bool read_recipient(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const RecipientRules *rules,
                bool with_comment,
                RecipientEntry *ret) {
        Fields fields;

        ret->comment = NULL;
        ret->regions.n = 0;
        if (!read_mapping(reader, raw, path, keys,
                            with_comment ? RECIPIENT_KEY_MAX : RECIPIENT_COMMENT, ret, &fields))
                return false;

        ret->raw_regions = fields.value[RECIPIENT_REGIONS];
        check_allowed(reader, &fields, path, rules, ret);
        if (field_is_good(&fields, RECIPIENT_REGIONS) && ret->regions.n == 0)
                (void) reader_fault(reader, ret->raw_regions, &(KeyPath){ path, "regions", 0 },
                                "an empty list; want one Region or more");
        return field_is_good(&fields, RECIPIENT_ACCOUNT) && ret->regions.n > 0;
}

Position recipient_position(const Reader *reader,
                const RecipientEntry *entry,
                const Place *outer,
                size_t i) {
        Place regions = place_within(reader, outer, entry->raw_regions);

        return place_within(reader, &regions, entry->regions.items[i].node).position;
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading the settings
 *
 * The top of the file, and all but its sources (sources.c) and the values themselves (values.c).
 * Everything absent has its default; everything present is checked, and whatever is wrong with the
 * file is reported at once.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desired/load.h"
#include "desired/reader.h"
#include "desired/sources.h"
#include "desired/url-check.h"
#include "desired/values.h"
#include "model/settings.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

typedef enum SettingsKey {
        SETTINGS_SOURCES,
        SETTINGS_MODE,
        SETTINGS_INTERVAL,
        SETTINGS_SETTLE,
        SETTINGS_POLICY,
        SETTINGS_LIMITS,
        SETTINGS_ALLOWED,
        SETTINGS_KEY_MAX
} SettingsKey;

typedef enum LimitKey {
        LIMIT_REQUESTS,
        LIMIT_CONCURRENCY,
        LIMIT_WRITES,
        LIMIT_REVOKES,
        LIMIT_ACCOUNTS,
        LIMIT_KEY_MAX
} LimitKey;

typedef enum AllowedKey { ALLOWED_ACCOUNTS, ALLOWED_REGIONS, ALLOWED_KEY_MAX } AllowedKey;

static bool read_mode(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        size_t mode = read_choice(reader, raw, path, settings_mode_names, MODE_MAX);

        (void) key;
        if (mode == MODE_MAX)
                return false;
        *(Mode *) ret = (Mode) mode;
        return true;
}

/* A count, or the word that stands for none. */
static bool read_rate(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        if (streq(node_text(reader->document, raw), "unlimited")) {
                *(uint32_t *) ret = 0;
                return true;
        }
        return read_count(reader, raw, path, key, ret);
}

static const Key settings_keys[SETTINGS_KEY_MAX] = {
        [SETTINGS_SOURCES] = { .name = "sources",
                        .wanted = "the accounts that own frameworks, one or more" },
        [SETTINGS_MODE] = { .name = "mode", .read = read_mode, .offset = offsetof(Settings, mode) },
        [SETTINGS_INTERVAL] = { .name = "interval",
                        .read = read_timespan,
                        .offset = offsetof(Settings, interval_usec),
                        .min = 1 },
        [SETTINGS_SETTLE] = { .name = "settle",
                        .read = read_timespan,
                        .offset = offsetof(Settings, settle_usec) },
        [SETTINGS_POLICY] = { .name = "policy" },
        [SETTINGS_LIMITS] = { .name = "limits" },
        [SETTINGS_ALLOWED] = { .name = "allowed_recipients" },
};

/* The quota of the API is 20 calls a second of an account and a Region. */
static const Key limit_keys[LIMIT_KEY_MAX] = {
        [LIMIT_REQUESTS] = { "requests_per_second", NULL, read_rate,
                        offsetof(Limits, requests_per_second), 1, 20 },
        [LIMIT_CONCURRENCY] = { "concurrency", NULL, read_count, offsetof(Limits, concurrency), 1,
                        1000 },
        [LIMIT_WRITES] = { "writes_per_pass", NULL, read_count, offsetof(Limits, writes_per_pass),
                        1, 1000000 },
        [LIMIT_REVOKES] = { "revokes_per_pass", NULL, read_count,
                        offsetof(Limits, revokes_per_pass), 1, 1000000 },
        [LIMIT_ACCOUNTS] = { "recipient_accounts", NULL, read_count,
                        offsetof(Limits, recipient_accounts), 1, 1000000 },
};

/* Without a limit, and so without respect for the quota, only where a simulator is asked. */
static bool all_on_loopback(const Settings *settings) {
        for (size_t i = 0; i < settings->n_sources; i++) {
                const char *url = settings->sources[i].endpoint_url;

                if (!url || !url_is_on_loopback(url))
                        return false;
        }
        return true;
}

static void read_limits(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                Settings *settings,
                bool sources_good) {
        Fields fields;

        if (!read_mapping(reader, raw, path, limit_keys, LIMIT_KEY_MAX, &settings->limits, &fields))
                return;
        if (field_is_good(&fields, LIMIT_REQUESTS) && settings->limits.requests_per_second == 0
                        && sources_good && !all_on_loopback(settings))
                (void) reader_fault(reader, fields.value[LIMIT_REQUESTS],
                                &(KeyPath){ path, "requests_per_second", 0 },
                                "unlimited is for endpoint_url on loopback only; want a whole "
                                "number from 1 to 20");
}

/* Allowed recipients */

typedef struct AllowedAccount {
        AccountId account;
        size_t index;
        const Node *node;
} AllowedAccount;

static int compare_allowed(const void *x, const void *y) {
        const AllowedAccount *a = x, *b = y;

        if (a->account != b->account)
                return a->account < b->account ? -1 : 1;
        return (a->index > b->index) - (a->index < b->index);
}

/* Keeps each account once, in order, and reports the others. */
static void keep_accounts(Reader *reader,
                const KeyPath *path,
                AllowedAccount *items,
                size_t n,
                AllowedRecipients *allowed) {
        const AllowedAccount *first = items;

        if (n > 0)
                qsort(items, n, sizeof(*items), compare_allowed);
        for (size_t i = 0; i < n; i++)
                if (i > 0 && items[i].account == first->account)
                        (void) reader_fault_twice(reader, items[i].node,
                                        &(KeyPath){ path, NULL, items[i].index },
                                        node_position(reader->document, first->node));
                else {
                        first = &items[i];
                        allowed->accounts[allowed->n_accounts++] = first->account;
                }
}

static bool read_allowed_accounts(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const Node *list = read_kind(reader, raw, path, NODE_LIST), *item;
        _cleanup_free_ AllowedAccount *items = NULL;
        AllowedRecipients *allowed = ret;
        size_t n = 0;

        if (!list)
                return false;
        if (list->count == 0)
                reader_note(reader, raw, path, "an empty list; it allows no recipient at all");

        /* One more than needed, since an empty allocation may be NULL. */
        items = calloc((size_t) list->count + 1, sizeof(AllowedAccount));
        allowed->accounts = calloc((size_t) list->count + 1, sizeof(AccountId));
        if (!items || !allowed->accounts) {
                reader_fail(reader, -ENOMEM);
                return false;
        }

        item = node_first(list);
        for (size_t i = 0; i < list->count; i++, item = node_next(reader->document, item))
                if (read_account(reader, item, &(KeyPath){ path, NULL, i }, key,
                                    &items[n].account)) {
                        items[n].index = i;
                        items[n++].node = item;
                }
        keep_accounts(reader, path, items, n, allowed);
        allowed->accounts_set = true;
        return true;
}

static bool read_allowed_regions(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        AllowedRecipients *allowed = ret;
        RegionList regions;

        if (!read_regions(reader, raw, path, key, &regions))
                return false;
        if (regions.n == 0)
                reader_note(reader, raw, path, "an empty list; it allows no recipient at all");

        allowed->regions = calloc(regions.n + 1, sizeof(RegionId));
        if (!allowed->regions) {
                reader_fail(reader, -ENOMEM);
                return false;
        }
        for (size_t i = 0; i < regions.n; i++)
                allowed->regions[allowed->n_regions++] = regions.items[i].region;
        allowed->regions_set = true;
        return true;
}

static void read_allowed(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                AllowedRecipients *allowed) {
        static const Key keys[ALLOWED_KEY_MAX] = {
                [ALLOWED_ACCOUNTS] = { .name = "accounts", .read = read_allowed_accounts },
                [ALLOWED_REGIONS] = { .name = "regions", .read = read_allowed_regions },
        };
        Fields fields;

        if (read_mapping(reader, raw, path, keys, ALLOWED_KEY_MAX, allowed, &fields)
                        && !fields.key[ALLOWED_ACCOUNTS] && !fields.key[ALLOWED_REGIONS])
                reader_note(reader, raw, path,
                                "neither accounts nor regions; every recipient is allowed");
}

/* The file */

static void read_settings(Reader *reader, Settings *settings) {
        KeyPath places[SETTINGS_KEY_MAX];
        PolicyGiven given;
        Fields fields;
        bool sources_good;
        size_t before;

        for (unsigned i = 0; i < SETTINGS_KEY_MAX; i++)
                places[i] = (KeyPath){ NULL, settings_keys[i].name, 0 };
        if (!read_mapping(reader, document_root(reader->document), NULL, settings_keys,
                            SETTINGS_KEY_MAX, settings, &fields))
                return;

        before = faults_count(reader->faults);
        if (fields.key[SETTINGS_SOURCES])
                read_sources(reader, fields.value[SETTINGS_SOURCES], &places[SETTINGS_SOURCES],
                                settings);
        sources_good = fields.key[SETTINGS_SOURCES] && faults_count(reader->faults) == before;

        if (fields.key[SETTINGS_POLICY])
                (void) read_policy(reader, fields.value[SETTINGS_POLICY], &places[SETTINGS_POLICY],
                                true, &settings->policy, &given);
        if (fields.key[SETTINGS_LIMITS])
                read_limits(reader, fields.value[SETTINGS_LIMITS], &places[SETTINGS_LIMITS],
                                settings, sources_good);
        if (fields.key[SETTINGS_ALLOWED])
                read_allowed(reader, fields.value[SETTINGS_ALLOWED], &places[SETTINGS_ALLOWED],
                                &settings->allowed);
}

int settings_load(const YamlText *text, Faults *faults, Settings **ret) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(document_freep) Document *document = NULL;
        size_t before = faults_count(faults);
        Reader reader;
        int r;

        r = document_parse(text, faults, &document);
        if (r < 0)
                return r;

        settings = malloc(sizeof(Settings));
        if (!settings)
                return -ENOMEM;
        *settings = (Settings){
                .mode = MODE_ENFORCE,
                .interval_usec = SETTINGS_INTERVAL_DEFAULT,
                .settle_usec = SETTINGS_SETTLE_DEFAULT,
                .policy = policy_default,
                .limits = limits_default,
        };

        reader = (Reader){ .document = document, .faults = faults };
        read_settings(&reader, settings);
        if (reader.error < 0)
                return reader.error;
        if (faults_count(faults) > before)
                return -EINVAL;

        *ret = TAKE_PTR(settings);
        return 0;
}

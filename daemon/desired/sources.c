/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading `sources:` of the settings
 *
 * A source is an account, a Region, and how to sign in to them. What is checked across keys and
 * across sources stands here too: endpoints that exclude each other, and two sources that would
 * fight over one listing.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desired/sources.h"
#include "desired/values.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/strings.h"

#define NAME_MAX_LENGTH 64

typedef enum SourceKey {
        SOURCE_ACCOUNT,
        SOURCE_REGION,
        SOURCE_ROLE_ARN,
        SOURCE_EXTERNAL_ID,
        SOURCE_PROFILE,
        SOURCE_ENDPOINT_URL,
        SOURCE_STS_ENDPOINT_URL,
        SOURCE_USE_FIPS,
        SOURCE_USE_DUALSTACK,
        SOURCE_CA_BUNDLE,
        SOURCE_KEY_MAX
} SourceKey;

/* The bounds of an external id are STS's; those of a profile only stop a mistake early. */
static const Key keys[SOURCE_KEY_MAX] = {
        [SOURCE_ACCOUNT] = { .name = "account",
                        .wanted = "the 12 digits of the account that owns the frameworks",
                        .read = read_account,
                        .offset = offsetof(Source, account) },
        [SOURCE_REGION] = { .name = "region",
                        .wanted = "the Region where the frameworks live",
                        .read = read_region,
                        .offset = offsetof(Source, region) },
        [SOURCE_ROLE_ARN] = { .name = "role_arn",
                        .read = read_role_arn,
                        .offset = offsetof(Source, role_arn) },
        [SOURCE_EXTERNAL_ID] = { .name = "external_id",
                        .read = read_string,
                        .offset = offsetof(Source, external_id),
                        .min = 1,
                        .max = 1224 },
        [SOURCE_PROFILE] = { .name = "profile",
                        .read = read_string,
                        .offset = offsetof(Source, profile),
                        .min = 1,
                        .max = 1000 },
        [SOURCE_ENDPOINT_URL] = { .name = "endpoint_url",
                        .read = read_url,
                        .offset = offsetof(Source, endpoint_url) },
        [SOURCE_STS_ENDPOINT_URL] = { .name = "sts_endpoint_url",
                        .read = read_url,
                        .offset = offsetof(Source, sts_endpoint_url) },
        [SOURCE_USE_FIPS] = { .name = "use_fips_endpoint",
                        .read = read_bool,
                        .offset = offsetof(Source, use_fips_endpoint) },
        [SOURCE_USE_DUALSTACK] = { .name = "use_dualstack_endpoint",
                        .read = read_bool,
                        .offset = offsetof(Source, use_dualstack_endpoint) },
        [SOURCE_CA_BUNDLE] = { .name = "ca_bundle",
                        .read = read_absolute_path,
                        .offset = offsetof(Source, ca_bundle) },
};

static_assert(SOURCE_KEY_MAX <= KEYS_MAX, "a bit for each key");

/*
 * Those with a FIPS endpoint, by
 * https://docs.aws.amazon.com/general/latest/gr/audit-manager.html.
 */
static const char *const fips_regions[] = { "us-east-1", "us-east-2", "us-west-1", "us-west-2" };

/* Where a source was written, for what is said about two of them. */
typedef struct SourcePlace {
        const Node *name;
        const Node *account; /* NULL where account and Region are not both good */
} SourcePlace;

static bool region_has_fips(RegionId region) {
        for (size_t i = 0; i < ELEMENTSOF(fips_regions); i++)
                if (streq(fips_regions[i], region_name(region)))
                        return true;
        return false;
}

static void check_endpoints(Reader *reader,
                const KeyPath *path,
                const Fields *fields,
                const Source *source) {
        static const SourceKey excluded[] = { SOURCE_USE_FIPS, SOURCE_USE_DUALSTACK };
        const bool used[] = { source->use_fips_endpoint, source->use_dualstack_endpoint };

        for (size_t i = 0; i < ELEMENTSOF(excluded); i++)
                if (used[i] && fields->key[SOURCE_ENDPOINT_URL])
                        (void) reader_fault(reader, fields->value[excluded[i]],
                                        &(KeyPath){ path, keys[excluded[i]].name, 0 },
                                        "no use beside endpoint_url; leave one of them out");

        if (source->use_fips_endpoint && field_is_good(fields, SOURCE_REGION)
                        && !region_has_fips(source->region))
                (void) reader_fault(reader, fields->value[SOURCE_USE_FIPS],
                                &(KeyPath){ path, "use_fips_endpoint", 0 },
                                "%s has no FIPS endpoint; those that have one are us-east-1, "
                                "us-east-2, us-west-1, us-west-2",
                                region_name(source->region));
}

/* A role of another account signs in as that account, which every pass will then refuse. */
static void check_role(Reader *reader,
                const KeyPath *path,
                const Fields *fields,
                const Source *source) {
        char account[ACCOUNT_TEXT_MAX];

        if (!field_is_good(fields, SOURCE_ROLE_ARN) || !field_is_good(fields, SOURCE_ACCOUNT))
                return;
        (void) account_format(source->account, account);
        if (strncmp(source->role_arn + strlen("arn:aws:iam::"), account, sizeof(account) - 1) != 0)
                reader_note(reader, fields->value[SOURCE_ROLE_ARN],
                                &(KeyPath){ path, "role_arn", 0 },
                                "a role of another account than %s; whoever signs in with it will "
                                "be refused",
                                account);
}

static bool read_name(Reader *reader, const Node *key, const KeyPath *path, Source *source) {
        static const char letters[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
        const char *name = node_text(reader->document, key);
        size_t n = strspn(name, letters);
        char shown[SHOWN_MAX];

        if (reader_fault_merge_key(reader, key, path))
                return false;
        if (n == 0 || n > NAME_MAX_LENGTH || name[n] != '\0')
                return reader_fault(reader, key, path,
                                "%s is no name of a source; want 1 to 64 of A-Z a-z 0-9 _ . -",
                                show_text(name, shown));
        source->name = strdup(name);
        if (!source->name)
                reader_fail(reader, -ENOMEM);
        return source->name;
}

static void read_source(Reader *reader,
                const Node *key,
                const Node *value,
                const KeyPath *path,
                Source *source,
                SourcePlace *ret_place) {
        Fields fields;

        ret_place->name = key;
        if (!read_name(reader, key, path, source)
                        || !read_mapping(
                                        reader, value, path, keys, SOURCE_KEY_MAX, source, &fields))
                return;

        check_endpoints(reader, path, &fields, source);
        check_role(reader, path, &fields, source);
        if (field_is_good(&fields, SOURCE_ACCOUNT) && field_is_good(&fields, SOURCE_REGION))
                ret_place->account = fields.value[SOURCE_ACCOUNT];
}

static void check_twins(Reader *reader,
                const KeyPath *path,
                const Settings *settings,
                const SourcePlace *places,
                size_t i) {
        const Source *source = &settings->sources[i];

        for (size_t j = 0; j < i; j++) {
                const Source *other = &settings->sources[j];
                Position first;

                if (!places[j].name)
                        continue; /* a key that is no scalar */
                first = node_position(reader->document, places[j].name);
                if (source->name && other->name && streq(source->name, other->name)) {
                        (void) reader_fault_twice(reader, places[i].name, path, first);
                        return;
                }
                if (!places[i].account || !places[j].account || source->account != other->account
                                || source->region != other->region)
                        continue;
                (void) reader_fault(reader, places[i].account, &(KeyPath){ path, "account", 0 },
                                "account and Region of the source %s at %s:%u:%u too; want one "
                                "source for both",
                                other->name, faults_file(reader->faults, first.file), first.line,
                                first.column);
                return;
        }
}

void read_sources(Reader *reader, const Node *raw, const KeyPath *path, Settings *settings) {
        const Node *mapping = read_kind(reader, raw, path, NODE_MAPPING), *key, *value;
        _cleanup_free_ SourcePlace *places = NULL;

        if (!mapping)
                return;
        if (mapping->count == 0 || mapping->count > SETTINGS_SOURCES_MAX) {
                (void) reader_fault(reader, raw, path, "%u sources; want 1 to %d", mapping->count,
                                SETTINGS_SOURCES_MAX);
                return;
        }

        settings->sources = calloc(mapping->count, sizeof(Source));
        places = calloc(mapping->count, sizeof(SourcePlace));
        if (!settings->sources || !places) {
                reader_fail(reader, -ENOMEM);
                return;
        }

        key = node_first(mapping);
        for (uint32_t i = 0; i < mapping->count; i++, key = node_next(reader->document, value)) {
                KeyPath place = { path, node_text(reader->document, key), 0 };

                value = node_next(reader->document, key);
                if (node_resolve(reader->document, key)->kind != NODE_SCALAR)
                        continue; /* has been reported */
                settings->n_sources = i + 1;
                read_source(reader, key, value, &place, &settings->sources[i], &places[i]);
                check_twins(reader, &place, settings, places, i);
        }
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The settings: who we sign in as, how often, and what is allowed. files.md's first file, as
 * values. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/identifiers.h"
#include "model/policy.h"
#include "util/macro.h"

/* Strings are owned by the settings; optional ones are NULL where absent. */
typedef struct Source {
        char *name;
        AccountId account;
        RegionId region;
        char *role_arn;
        char *external_id;
        char *profile;
        char *endpoint_url;
        char *sts_endpoint_url;
        char *ca_bundle;
        bool use_fips_endpoint;
        bool use_dualstack_endpoint;
} Source;

typedef enum Mode { MODE_ENFORCE, MODE_OBSERVE, MODE_MAX } Mode;

/* "enforce", "observe". */
extern const char *const settings_mode_names[MODE_MAX];

typedef struct Limits {
        uint32_t requests_per_second; /* of each source; 0 is "unlimited", on loopback only */
        uint32_t concurrency; /* requests in flight, of each source */
        uint32_t writes_per_pass;
        uint32_t revokes_per_pass;
        uint32_t recipient_accounts;
} Limits;

typedef struct AllowedRecipients {
        bool accounts_set, regions_set; /* a list that is not there allows all */
        AccountId *accounts; /* sorted */
        size_t n_accounts;
        RegionId *regions;
        size_t n_regions;
} AllowedRecipients;

typedef struct Settings {
        Source *sources; /* in file order, one or more */
        size_t n_sources;
        Mode mode;
        int64_t interval_usec;
        int64_t settle_usec;
        Policy policy;
        Limits limits;
        AllowedRecipients allowed;
} Settings;

#define SETTINGS_INTERVAL_DEFAULT (15 * USEC_PER_MINUTE)
#define SETTINGS_SETTLE_DEFAULT   (15 * USEC_PER_MINUTE)
#define SETTINGS_SOURCES_MAX      1000

extern const Limits limits_default;

/* Whether a recipient may be sent to at all. */
bool settings_allow(const Settings *settings, AccountId account, RegionId region);

/* "ACCOUNT/REGION", under which memory keeps what it knows of a source: it may be given another
 * name. Returns text. */
#define SOURCE_KEY_TEXT_MAX 64
const char *source_key(const Source *source, char text[static SOURCE_KEY_TEXT_MAX]);

/* The source of a name, or NULL. */
const Source *settings_find_source(const Settings *settings, const char *name);

Settings *settings_free(Settings *settings);
DEFINE_CLEANUP(Settings, settings_free)

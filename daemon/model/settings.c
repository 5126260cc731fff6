/* SPDX-License-Identifier: Apache-2.0 */

/* The settings as values. */

#include <stdio.h>
#include <stdlib.h>

#include "model/settings.h"
#include "util/string-util.h"

const char *const settings_mode_names[MODE_MAX] = {
        [MODE_ENFORCE] = "enforce",
        [MODE_OBSERVE] = "observe",
};

const Limits limits_default = {
        .requests_per_second = 10,
        .concurrency = 8,
        .writes_per_pass = 500,
        .revokes_per_pass = 10,
        .recipient_accounts = 100,
};

static int compare_accounts(const void *a, const void *b) {
        AccountId x = *(const AccountId *) a, y = *(const AccountId *) b;

        return (x > y) - (x < y);
}

bool settings_allow(const Settings *settings, AccountId account, RegionId region) {
        const AllowedRecipients *allowed = &settings->allowed;
        bool found = false;

        if (allowed->accounts_set
                        && (allowed->n_accounts == 0
                                        || !bsearch(&account, allowed->accounts,
                                                        allowed->n_accounts, sizeof(AccountId),
                                                        compare_accounts)))
                return false;

        if (!allowed->regions_set)
                return true;
        for (size_t i = 0; i < allowed->n_regions && !found; i++)
                found = allowed->regions[i] == region;
        return found;
}

const char *source_key(const Source *source, char text[static SOURCE_KEY_TEXT_MAX]) {
        char account[ACCOUNT_TEXT_MAX];

        (void) snprintf(text, SOURCE_KEY_TEXT_MAX, "%s/%s",
                        account_format(source->account, account), region_name(source->region));
        return text;
}

const Source *settings_find_source(const Settings *settings, const char *name) {
        for (size_t i = 0; i < settings->n_sources; i++)
                if (streq(settings->sources[i].name, name))
                        return &settings->sources[i];
        return NULL;
}

static void source_done(Source *source) {
        free(source->name);
        free(source->role_arn);
        free(source->external_id);
        free(source->profile);
        free(source->endpoint_url);
        free(source->sts_endpoint_url);
        free(source->ca_bundle);
}

Settings *settings_free(Settings *settings) {
        if (!settings)
                return NULL;

        for (size_t i = 0; i < settings->n_sources; i++)
                source_done(&settings->sources[i]);
        free(settings->sources);
        free(settings->allowed.accounts);
        free(settings->allowed.regions);
        free(settings);
        return NULL;
}

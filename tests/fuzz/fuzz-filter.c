/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Shares as people name them, and the identifiers within
 *
 * What was taken apart, put together again, is taken apart in the same way, and matches itself.
 */

#include <errno.h>

#include "fuzz.h"
#include "model/filter.h"
#include "model/identifiers.h"
#include "util/mem.h"

static void check_parts(const Filter *filter) {
        AccountId account;

        CHECK(filter->framework && *filter->framework);
        CHECK(!filter->source || *filter->source);
        CHECK(!filter->account || account_parse(filter->account, &account) >= 0);
        CHECK(!filter->region || (filter->account && *filter->region));
        CHECK(filter_matches(filter, filter->source, NULL, filter->framework, filter->account,
                        filter->region));
        CHECK(filter_matches(filter, filter->source, filter->framework, NULL, filter->account,
                        filter->region));
        CHECK(!filter_matches(filter, NULL, NULL, NULL, NULL, NULL));
}

static void check_filter(const char *text) {
        _cleanup_filter_ Filter filter = { 0 }, again = { 0 };
        _cleanup_buffer_ Buffer whole = { 0 };
        int r;

        r = filter_parse(text, &filter);
        CHECK(r == 0 || r == -EINVAL || r == -ENOMEM);
        if (r < 0)
                return;
        check_parts(&filter);
        if (filter.source)
                (void) buffer_addf(&whole, "%s/", filter.source);
        (void) buffer_add(&whole, filter.framework);
        if (filter.account)
                (void) buffer_addf(&whole, "/%s", filter.account);
        if (filter.region)
                (void) buffer_addf(&whole, "/%s", filter.region);
        CHECK(streq(buffer_text(&whole), text) && filter_parse(text, &again) >= 0);
        CHECK(streq_null(filter.source, again.source));
}

static void check_identifiers(const char *text) {
        char uuid_text[UUID_TEXT_MAX], account_text[ACCOUNT_TEXT_MAX];
        AccountId account;
        RegionId region;
        Uuid uuid;

        if (uuid_parse(text, &uuid) >= 0)
                CHECK(streq(uuid_format(&uuid, uuid_text), text));
        if (account_parse(text, &account) >= 0)
                CHECK(account < UINT64_C(1000000000000)
                                && streq(account_format(account, account_text), text));
        if (region_intern(text, &region) < 0)
                return;
        CHECK(streq(region_name(region), text) && fuzz_is_printable(text) && strlen(text) <= 32);
        if (account_parse("444455556666", &account) >= 0)
                CHECK(recipient_region(recipient_make(account, region)) == region
                                && recipient_account(recipient_make(account, region)) == account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);

        if (!text)
                return 0;
        check_filter(text);
        check_identifiers(text);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Identifiers: reading and writing them. */

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/identifiers.h"
#include "util/macro.h"
#include "util/string-util.h"

/* How many bytes stand between dashes. */
static const size_t uuid_groups[] = { 4, 2, 2, 2, 6 };

int uuid_parse(const char *text, Uuid *ret) {
        Uuid uuid;
        size_t at = 0;

        for (size_t i = 0; i < ELEMENTSOF(uuid_groups); i++) {
                if (i > 0 && *text++ != '-')
                        return -EINVAL;
                for (size_t n = uuid_groups[i]; n > 0; n--, text += 2) {
                        int high = hex_value(text[0]), low = high < 0 ? -1 : hex_value(text[1]);

                        if (low < 0)
                                return -EINVAL;
                        uuid.bytes[at++] = (uint8_t) (high << 4 | low);
                }
        }
        if (*text != '\0')
                return -EINVAL;

        *ret = uuid;
        return 0;
}

const char *uuid_format(const Uuid *uuid, char text[static UUID_TEXT_MAX]) {
        const uint8_t *bytes = uuid->bytes;
        char *p = text;

        for (size_t i = 0; i < ELEMENTSOF(uuid_groups); i++) {
                if (i > 0)
                        *p++ = '-';
                hex_encode(bytes, uuid_groups[i], p);
                bytes += uuid_groups[i];
                p += 2 * uuid_groups[i];
        }
        return text;
}

bool uuid_is_null(const Uuid *uuid) {
        static const Uuid none;

        return uuid_equal(uuid, &none);
}

int account_parse(const char *text, AccountId *ret) {
        AccountId account = 0;

        for (size_t i = 0; i < ACCOUNT_TEXT_MAX - 1; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -EINVAL;
                account = account * 10 + (AccountId) (text[i] - '0');
        }
        if (text[ACCOUNT_TEXT_MAX - 1] != '\0')
                return -EINVAL;

        *ret = account;
        return 0;
}

const char *account_format(AccountId account, char text[static ACCOUNT_TEXT_MAX]) {
        for (size_t i = ACCOUNT_TEXT_MAX - 1; i-- > 0; account /= 10)
                text[i] = (char) ('0' + account % 10);
        text[ACCOUNT_TEXT_MAX - 1] = '\0';
        return text;
}

const char *const region_names[] = {
        "ap-northeast-1",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
};
const size_t n_region_names = ELEMENTSOF(region_names);

/* Regions met in listings that this version does not know. They only ever grow, as Regions do. */
static char *met[REGION_MAX - ELEMENTSOF(region_names)];
static size_t n_met;

RegionId region_find(const char *name) {
        for (size_t i = 0; i < n_region_names; i++)
                if (streq(region_names[i], name))
                        return (RegionId) (i + 1);
        return 0;
}

/* Longer than any Region's name is, and its letters; the API's pattern is
 * ^[a-z]{2}-[a-z]+-[0-9]{1}$. */
static bool could_be_region(const char *name) {
        size_t n = strlen(name);

        return n >= 6 && n <= 32 && islower((unsigned char) name[0])
                        && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n
                        && strchr(name, '-');
}

int region_intern(const char *name, RegionId *ret) {
        RegionId known = region_find(name);

        if (known > 0) {
                *ret = known;
                return 0;
        }
        if (!could_be_region(name))
                return -EINVAL;

        for (size_t i = 0; i < n_met; i++)
                if (streq(met[i], name)) {
                        *ret = (RegionId) (n_region_names + i + 1);
                        return 0;
                }
        if (n_met == ELEMENTSOF(met))
                return -EFBIG;
        met[n_met] = strdup(name);
        if (!met[n_met])
                return -ENOMEM;
        n_met++;

        *ret = (RegionId) (n_region_names + n_met);
        return 0;
}

const char *region_name(RegionId region) {
        if (region == 0)
                return "";
        if (region <= n_region_names)
                return region_names[region - 1];
        assert(region - n_region_names <= n_met);
        return met[region - n_region_names - 1];
}

bool region_is_known(RegionId region) {
        return region > 0 && region <= n_region_names;
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Identifiers: framework and request ids, accounts, Regions
 *
 * Parsed once, at the edge, into values that compare as integers and bytes. A million shares hold
 * these and nothing longer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The 16 bytes of a UUID; all zero means "none". */
typedef struct Uuid {
        uint8_t bytes[16];
} Uuid;

#define UUID_TEXT_MAX 37

/* Reads the 36 lower-case characters that the API's UUID pattern allows. 0 or -EINVAL. */
int uuid_parse(const char *text, Uuid *ret);
const char *uuid_format(const Uuid *uuid, char text[static UUID_TEXT_MAX]);
bool uuid_is_null(const Uuid *uuid);

static inline int uuid_compare(const Uuid *a, const Uuid *b) {
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static inline bool uuid_equal(const Uuid *a, const Uuid *b) {
        return uuid_compare(a, b) == 0;
}

/* Twelve digits, of which leading zeros count; below 10^12, so 40 bits hold it. */
typedef uint64_t AccountId;

#define ACCOUNT_TEXT_MAX 13

/* 0, or -EINVAL for anything but twelve digits. */
int account_parse(const char *text, AccountId *ret);
const char *account_format(AccountId account, char text[static ACCOUNT_TEXT_MAX]);

/*
 * A small number for a Region's name, 0 being none. The Regions of Audit Manager come first, in
 * alphabetical order (https://docs.aws.amazon.com/general/latest/gr/audit-manager.html); a name
 * that AWS adds later gets the next number of this process when it is first met in a listing.
 */
typedef uint16_t RegionId;

#define REGION_MAX 4096

/* The id of a Region that Audit Manager is known to have, or 0. */
RegionId region_find(const char *name);

/* As region_find(), but a name not known yet gets a number. 0; -EINVAL for no Region's name;
 * -EFBIG, -ENOMEM. */
int region_intern(const char *name, RegionId *ret);

/* The name, "" for 0. */
const char *region_name(RegionId region);

/* Whether it is one of those known to have Audit Manager. */
bool region_is_known(RegionId region);

/* The known names, for hints and messages. */
extern const char *const region_names[];
extern const size_t n_region_names;

/* Account and Region in one integer that sorts by account, then Region. */
typedef uint64_t Recipient;

static inline Recipient recipient_make(AccountId account, RegionId region) {
        return account << 16 | region;
}

static inline AccountId recipient_account(Recipient recipient) {
        return recipient >> 16;
}

static inline RegionId recipient_region(Recipient recipient) {
        return (RegionId) (recipient & 0xffff);
}

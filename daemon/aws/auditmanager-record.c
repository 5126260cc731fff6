/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Records of Audit Manager
 *
 * The hot path of a pass: a listing can have a million of them. Ids, accounts and times become
 * numbers here, and text is kept once; nothing is allocated for a record of its own.
 */

#include <errno.h>
#include <math.h>

#include "aws/auditmanager-json.h"
#include "aws/auditmanager-record.h"
#include "util/json.h"
#include "util/time.h"

/* 0001-01-01 to 9999-12-31, the years that RFC 3339 can write. */
#define SECONDS_MIN (-62135596800.0)
#define SECONDS_MAX 253402300799.0

/* To the nearest, to the even one of two, as everybody's default is. For |x| < 2^52. */
static int64_t round_even(double x) {
        int64_t n = (int64_t) x;
        double rest = x - (double) n;

        if (rest > 0.5 || (rest == 0.5 && n % 2 != 0))
                return n + 1;
        if (rest < -0.5 || (rest == -0.5 && n % 2 != 0))
                return n - 1;
        return n;
}

int api_timestamp_from_number(double seconds, int64_t *ret_usec) {
        int64_t whole;

        if (!isfinite(seconds) || seconds < SECONDS_MIN || seconds > SECONDS_MAX)
                return -EINVAL;

        /* Apart, the fraction keeps all its digits; times a million, the whole would round them. */
        whole = (int64_t) seconds;
        *ret_usec = whole * USEC_PER_SEC
                        + round_even((seconds - (double) whole) * (double) USEC_PER_SEC);
        return 0;
}

/* Absent and null alike are TIME_UNKNOWN. Returns false for what is no time. */
static bool read_time(const json_t *record, const char *key, int64_t *ret_usec) {
        const json_t *value = json_object_get(record, key);

        *ret_usec = TIME_UNKNOWN;
        if (!value || json_is_null(value))
                return true;
        return json_is_number(value)
                        && api_timestamp_from_number(json_number_value(value), ret_usec) >= 0;
}

static int add_text(Strings *strings, const char *text, StringId *ret) {
        *ret = 0;
        return strings ? strings_add(strings, text, ret) : 0;
}

/* The null UUID stands for "none" in this program, and is no id of anything. */
static bool read_uuid(const json_t *record, const char *key, Uuid *ret) {
        const char *text = json_text(record, key);

        return text && uuid_parse(text, ret) >= 0 && !uuid_is_null(ret);
}

static int read_region(const json_t *record, const char *key, RegionId *ret) {
        const char *text = json_text(record, key);
        int r = text ? region_intern(text, ret) : -EINVAL;

        return r == -ENOMEM ? r : r < 0 ? -EBADMSG : 0;
}

static int read_key(const json_t *record, ShareKey *ret, const char **ret_member) {
        const char *account_text = json_text(record, "destinationAccount");
        AccountId account;
        RegionId region;
        int r;

        if (!read_uuid(record, "frameworkId", &ret->framework_id)) {
                *ret_member = "frameworkId";
                return -EBADMSG;
        }
        if (!account_text || account_parse(account_text, &account) < 0) {
                *ret_member = "destinationAccount";
                return -EBADMSG;
        }
        r = read_region(record, "destinationRegion", &region);
        if (r < 0) {
                *ret_member = "destinationRegion";
                return r;
        }

        ret->recipient = recipient_make(account, region);
        return 0;
}

const char *const records_unread[] = { "frameworkDescription", "sourceAccount", "complianceType",
        "standardControlsCount", "customControlsCount", NULL };

int share_request_from_json(const json_t *record,
                Strings *strings,
                ShareRequest *ret,
                const char **ret_member) {
        const char *status = json_text(record, "status");
        ShareRequest request = { 0 };
        bool id, created, updated, expires;
        int r;

        if (!json_is_object(record))
                return -EBADMSG;
        r = read_key(record, &request.key, ret_member);
        if (r < 0)
                return r;

        id = read_uuid(record, "id", &request.id);
        created = read_time(record, "creationTime", &request.created_usec)
                        && request.created_usec != TIME_UNKNOWN;
        updated = read_time(record, "lastUpdated", &request.updated_usec);
        expires = read_time(record, "expirationTime", &request.expires_usec);
        request.readable = status && id && created && updated && expires;
        request.status = status ? (uint8_t) share_status_from_name(status) : SHARE_STATUS_UNKNOWN;

        r = add_text(strings, status, &request.status_name);
        if (r < 0)
                return r;
        r = add_text(strings, json_text(record, "comment"), &request.comment);
        if (r < 0)
                return r;
        r = add_text(strings, json_text(record, "frameworkName"), &request.framework_name);
        if (r < 0)
                return r;

        *ret = request;
        return 0;
}

int framework_from_json(const json_t *record,
                Strings *strings,
                Framework *ret,
                const char **ret_member) {
        Framework framework = { 0 };
        int r;

        if (!json_is_object(record))
                return -EBADMSG;
        if (!read_uuid(record, "id", &framework.id)) {
                *ret_member = "id";
                return -EBADMSG;
        }

        /* A time that cannot be read is one that is not known: no change of the framework is then
         * seen. */
        if (!read_time(record, "lastUpdatedAt", &framework.updated_usec))
                framework.updated_usec = TIME_UNKNOWN;
        r = add_text(strings, json_text(record, "name"), &framework.name);
        if (r < 0)
                return r;

        *ret = framework;
        return 0;
}

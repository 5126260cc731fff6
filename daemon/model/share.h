#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Shares, share requests and frameworks: what the API lists
 *
 * A share is a key; a share request is one record of the API for that key, and a key can have
 * several. All of one source: what belongs to different sources never meets in one array.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/identifiers.h"
#include "util/strings.h"

/* Which share of a source. Sorts by framework, then account, then Region. */
typedef struct ShareKey {
        Uuid framework_id;
        Recipient recipient;
} ShareKey;

int share_key_compare(const ShareKey *a, const ShareKey *b);

/* A status that AWS adds later is SHARE_STATUS_UNKNOWN, and is never acted on. */
typedef enum ShareStatus {
        SHARE_STATUS_NONE, /* no request is known */
        SHARE_STATUS_ACTIVE,
        SHARE_STATUS_REPLICATING,
        SHARE_STATUS_SHARED,
        SHARE_STATUS_EXPIRING,
        SHARE_STATUS_FAILED,
        SHARE_STATUS_EXPIRED,
        SHARE_STATUS_DECLINED,
        SHARE_STATUS_REVOKED,
        SHARE_STATUS_UNKNOWN,
        SHARE_STATUS_MAX
} ShareStatus;

/* The API's spelling; NULL for NONE and UNKNOWN. */
const char *share_status_name(ShareStatus status);
ShareStatus share_status_from_name(const char *name);

/* ACTIVE, EXPIRING, REPLICATING, SHARED: it has not ended. */
bool share_status_is_live(ShareStatus status);

/* ACTIVE, EXPIRING, REPLICATING: live, and still under way; two of these for one share are one too
 * many. */
bool share_status_is_pending(ShareStatus status);

/* FAILED, EXPIRED, DECLINED, REVOKED. */
bool share_status_is_ended(ShareStatus status);

/*
 * One record of ListAssessmentFrameworkShareRequests. Times are TIME_UNKNOWN where absent;
 * `readable` is false where status, id or a time could not be read, and then nothing but the key
 * may be relied on.
 */
typedef struct ShareRequest {
        ShareKey key;
        Uuid id;
        int64_t created_usec;
        int64_t updated_usec;
        int64_t expires_usec;
        StringId comment;
        StringId framework_name;
        StringId status_name; /* as spelled by the API, also when unknown */
        uint8_t status; /* ShareStatus */
        bool readable;
} ShareRequest;

/* By key, and within one key the effective request first: live before any other, then the newest;
 * unreadable ones before. */
int share_request_compare(const ShareRequest *a, const ShareRequest *b);

/* One record of ListAssessmentFrameworks. */
typedef struct Framework {
        Uuid id;
        int64_t updated_usec; /* lastUpdatedAt */
        StringId name;
} Framework;

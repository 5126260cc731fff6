#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Policy: what to do about each thing that can be observed. The first value of each key is its
 * default. */

#include <stdbool.h>
#include <stdint.h>

typedef enum PolicyKey {
        POLICY_EXPIRING, /* renew, hold */
        POLICY_EXPIRED, /* reshare, hold */
        POLICY_FAILED, /* retry, hold */
        POLICY_DECLINED, /* hold, reshare */
        POLICY_REVOKED, /* hold, reshare */
        POLICY_UPDATED, /* pending, never, always */
        POLICY_COMMENT, /* report, resend */
        POLICY_UNDESIRED, /* keep, revoke, revoke-and-delete; in the settings only */
        POLICY_MAX_RENEWALS, /* a count */
        POLICY_MAX_ATTEMPTS, /* a count */
        POLICY_MAX
} PolicyKey;

typedef enum PolicyChoice {
        POLICY_HOLD,
        POLICY_RENEW,
        POLICY_RESHARE,
        POLICY_RETRY,
        POLICY_PENDING,
        POLICY_NEVER,
        POLICY_ALWAYS,
        POLICY_REPORT,
        POLICY_RESEND,
        POLICY_KEEP,
        POLICY_REVOKE,
        POLICY_REVOKE_AND_DELETE,
        POLICY_CHOICE_MAX
} PolicyChoice;

/* By PolicyKey: a PolicyChoice, or a count for the two max_* keys. */
typedef struct Policy {
        uint16_t value[POLICY_MAX];
} Policy;

#define POLICY_COUNT_LIMIT 1000

extern const Policy policy_default;

const char *policy_key_name(PolicyKey key);
const char *policy_choice_name(PolicyChoice choice);

/* The choices of a key, its default first; returns how many there are, 0 for a count. */
unsigned policy_choices(PolicyKey key, const PolicyChoice **ret);

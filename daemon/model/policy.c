/* SPDX-License-Identifier: Apache-2.0 */

/* Policy: keys, choices and defaults, as one table. */

#include <assert.h>

#include "model/policy.h"

#define CHOICES_MAX 3

static const struct {
        const char *name;
        unsigned n_choices;
        PolicyChoice choices[CHOICES_MAX];
} keys[POLICY_MAX] = {
        [POLICY_EXPIRING] = { "expiring", 2, { POLICY_RENEW, POLICY_HOLD } },
        [POLICY_EXPIRED] = { "expired", 2, { POLICY_RESHARE, POLICY_HOLD } },
        [POLICY_FAILED] = { "failed", 2, { POLICY_RETRY, POLICY_HOLD } },
        [POLICY_DECLINED] = { "declined", 2, { POLICY_HOLD, POLICY_RESHARE } },
        [POLICY_REVOKED] = { "revoked", 2, { POLICY_HOLD, POLICY_RESHARE } },
        [POLICY_UPDATED] = { "updated", 3, { POLICY_PENDING, POLICY_NEVER, POLICY_ALWAYS } },
        [POLICY_COMMENT] = { "comment", 2, { POLICY_REPORT, POLICY_RESEND } },
        [POLICY_UNDESIRED] = { "undesired", 3,
                        { POLICY_KEEP, POLICY_REVOKE, POLICY_REVOKE_AND_DELETE } },
        [POLICY_MAX_RENEWALS] = { "max_renewals", 0, { POLICY_HOLD } },
        [POLICY_MAX_ATTEMPTS] = { "max_attempts", 0, { POLICY_HOLD } },
};

static const char *const choice_names[POLICY_CHOICE_MAX] = {
        [POLICY_HOLD] = "hold",
        [POLICY_RENEW] = "renew",
        [POLICY_RESHARE] = "reshare",
        [POLICY_RETRY] = "retry",
        [POLICY_PENDING] = "pending",
        [POLICY_NEVER] = "never",
        [POLICY_ALWAYS] = "always",
        [POLICY_REPORT] = "report",
        [POLICY_RESEND] = "resend",
        [POLICY_KEEP] = "keep",
        [POLICY_REVOKE] = "revoke",
        [POLICY_REVOKE_AND_DELETE] = "revoke-and-delete",
};

const Policy policy_default = { {
                [POLICY_EXPIRING] = POLICY_RENEW,
                [POLICY_EXPIRED] = POLICY_RESHARE,
                [POLICY_FAILED] = POLICY_RETRY,
                [POLICY_DECLINED] = POLICY_HOLD,
                [POLICY_REVOKED] = POLICY_HOLD,
                [POLICY_UPDATED] = POLICY_PENDING,
                [POLICY_COMMENT] = POLICY_REPORT,
                [POLICY_UNDESIRED] = POLICY_KEEP,
                [POLICY_MAX_RENEWALS] = 2,
                [POLICY_MAX_ATTEMPTS] = 5,
} };

const char *policy_key_name(PolicyKey key) {
        assert(key < POLICY_MAX);
        return keys[key].name;
}

const char *policy_choice_name(PolicyChoice choice) {
        assert(choice < POLICY_CHOICE_MAX);
        return choice_names[choice];
}

unsigned policy_choices(PolicyKey key, const PolicyChoice **ret) {
        assert(key < POLICY_MAX);
        *ret = keys[key].choices;
        return keys[key].n_choices;
}

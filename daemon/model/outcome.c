/* SPDX-License-Identifier: Apache-2.0 */

/* The outcome of one API call. */

#include <assert.h>
#include <string.h>

#include "model/outcome.h"
#include "util/string-util.h"

static const char *const names[OUTCOME_MAX] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_UNKNOWN] = "unknown",
        [OUTCOME_THROTTLED] = "throttled",
        [OUTCOME_UNREACHABLE] = "unreachable",
        [OUTCOME_UNREADABLE] = "unreadable",
        [OUTCOME_ACCESS_DENIED] = "access-denied",
        [OUTCOME_NOT_SET_UP] = "not-set-up",
        [OUTCOME_NOT_FOUND] = "not-found",
        [OUTCOME_INVALID] = "invalid",
        [OUTCOME_QUOTA] = "quota",
        [OUTCOME_CREDENTIALS] = "credentials",
        [OUTCOME_WRONG_IDENTITY] = "wrong-identity",
        [OUTCOME_CANCELLED] = "cancelled",
        [OUTCOME_ERROR] = "error",
};

const char *outcome_kind_name(OutcomeKind kind) {
        assert(kind < OUTCOME_MAX);
        return names[kind];
}

void outcome_set(ApiOutcome *outcome, OutcomeKind kind, const char *message) {
        size_t n = utf8_cut(message, sizeof(outcome->message) - 1);

        memcpy(outcome->message, message, n);
        text_flatten(outcome->message, n);
        outcome->message[n] = '\0';
        outcome->kind = kind;
}

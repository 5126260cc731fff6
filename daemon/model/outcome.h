#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The outcome of one API call: data, not errno. Callers switch on the kind. */

#include <stdbool.h>
#include <stdint.h>

typedef enum OutcomeKind {
        OUTCOME_OK,
        OUTCOME_UNKNOWN, /* it may have been processed: look before doing it again */
        OUTCOME_THROTTLED, /* refused for the rate, all retries used */
        OUTCOME_UNREACHABLE, /* nothing was processed: no name, no connection, no TLS, or transient
                                errors of a read */
        OUTCOME_UNREADABLE, /* an answer that makes no sense, to a call that changes nothing */
        OUTCOME_ACCESS_DENIED,
        OUTCOME_NOT_SET_UP, /* the account has not completed the set-up of Audit Manager */
        OUTCOME_NOT_FOUND,
        OUTCOME_INVALID,
        OUTCOME_QUOTA,
        OUTCOME_CREDENTIALS, /* none can be had, or AWS refuses them */
        OUTCOME_WRONG_IDENTITY,
        OUTCOME_CANCELLED, /* by us, before anything was sent */
        OUTCOME_ERROR, /* any other error that the service answered */
        OUTCOME_MAX
} OutcomeKind;

/* Long enough for every code and request id that AWS uses; longer ones are cut. */
#define OUTCOME_CODE_MAX    64
#define OUTCOME_MESSAGE_MAX 512

typedef struct ApiOutcome {
        OutcomeKind kind;
        int http_status; /* 0: no answer */
        char code[OUTCOME_CODE_MAX]; /* the error code, "" where none */
        char message[OUTCOME_MESSAGE_MAX]; /* one line without control characters, for people */
        char request_id[OUTCOME_CODE_MAX]; /* x-amzn-requestid */
} ApiOutcome;

/* A short name of the kind for metrics and messages: "ok", "unknown", "throttled", … */
const char *outcome_kind_name(OutcomeKind kind);

/* Sets kind and message; control characters become blanks, too long a text is cut at a character.
 */
void outcome_set(ApiOutcome *outcome, OutcomeKind kind, const char *message);

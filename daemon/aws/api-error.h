#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What an error answer says
 *
 * Errors are classed by their code, not by their HTTP status: the x-amzn-errortype header up to ":"
 * and behind "#", else
 * __type or code in the body
 * (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/outcome.h"

typedef struct ApiError {
        char code[OUTCOME_CODE_MAX]; /* "" where the answer has none */
        char message[OUTCOME_MESSAGE_MAX]; /* "" where the answer has none */
} ApiError;

/* Reads a rest-json error; error_type is the header's value or NULL. A body that is no JSON gives
 * what the header says. */
void api_error_from_json(const char *error_type, const void *body, size_t length, ApiError *ret);

/* Reads an STS (query protocol) error with a real XML parser: ErrorResponse/Error/Code and Message.
 */
void api_error_from_xml(const void *body, size_t length, ApiError *ret);

/*
 * Cuts from the message what must not reach a log: AWS explains a signature that does not match by
 * quoting what should have been signed, the session token among it, or the Authorization header.
 */
void api_error_cut_secrets(ApiError *error);

typedef enum RetryClass {
        RETRY_CLASS_NONE, /* final */
        RETRY_CLASS_TRANSIENT,
        RETRY_CLASS_THROTTLING,
        RETRY_CLASS_MAX
} RetryClass;

/* The transport's part of a failure; see aws/http.h for what each one means for a request that must
 * not be repeated. */
typedef enum TransportError {
        TRANSPORT_OK,
        TRANSPORT_CONNECTION, /* refused, reset, closed, no name, no TLS */
        TRANSPORT_TIMEOUT,
        TRANSPORT_MAX
} TransportError;

/* aws.md, "Retries": the lists of codes and statuses. code may be "". */
RetryClass api_error_retry_class(TransportError transport, int http_status, const char *code);

/* Whether credentials should be fetched anew and the call signed again, once: ExpiredToken and its
 * spellings. */
bool api_error_is_expired_credentials(const char *code);

/* Whether the code can be the fault of a wrong clock; only a Date header 4 minutes off makes it
 * one. */
bool api_error_may_be_skew(const char *code);

/* The kind of outcome an answered error is: the one table from codes to consequences. `message`
 * tells NOT_SET_UP apart. */
OutcomeKind api_error_outcome(int http_status, const char *code, const char *message);

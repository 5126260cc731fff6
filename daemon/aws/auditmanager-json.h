#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Audit Manager's operations as bytes: requests out, answers in
 *
 * Pure. One table row an operation
 * (https://docs.aws.amazon.com/audit-manager/latest/APIReference/). Answers are read with limits
 * and without trust: a list that is not there, or a record without a key, is an error of the
 * listing; a record whose status or times cannot be read is kept, marked unreadable.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/observation.h"
#include "model/share-service.h"
#include "model/share.h"
#include "util/buffer.h"

/* "ListAssessmentFrameworkShareRequests" and so on. */
const char *api_operation_name(ApiOperation operation);

/* GET, PUT and DELETE may be repeated; a start may not: there is no idempotency token. */
bool api_operation_is_idempotent(ApiOperation operation);

typedef struct ApiWire {
        const char *method; /* static */
        Buffer path; /* encoded, without the endpoint's prefix */
        Buffer query; /* encoded, "" where there is none */
        Buffer body; /* JSON, "" where there is none */
} ApiWire;

/* Writes a request. 0 or -ENOMEM. */
int api_serialize(const ApiRequest *request, ApiWire *wire);
void api_wire_done(ApiWire *wire);

/*
 * Reads the answer of a 2xx. Listings append to request->sink. 0; -ENOMEM; -EBADMSG with one line
 * in `result->outcome.message` that says what was wrong with the answer (never quoting contents),
 * and the sink possibly longer by part of a page.
 */
int api_parse(const ApiRequest *request, const void *body, size_t length, ApiResult *result);

/* A JSON number of seconds with a fraction to microseconds, rounded. 0, or -EINVAL for what no time
 * can be (NaN, beyond year 9999). */
int api_timestamp_from_number(double seconds, int64_t *ret_usec);

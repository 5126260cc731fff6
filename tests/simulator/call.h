#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One call of the AWS API, from the bytes that came to the bytes that go
 *
 * The stages fill it in one after the other: the server the request, operations the operation and
 * its values, sign the key and the Region, the operation itself the answer. Each stage may end the
 * call by giving an answer; faults change that answer on its way out.
 */

#include <jansson.h>

#include "util.h"
#include "world.h"

typedef struct Pair {
        char *name;
        char *value;
} Pair;

typedef struct Pairs {
        Pair *items;
        size_t n;
} Pairs;

void pairs_add(Pairs *p, char *name, char *value);
const char *pairs_get(const Pairs *p, const char *name);
void pairs_done(Pairs *p);

typedef struct HttpRequest {
        char *method;
        char *path; /* as it came, still encoded */
        char *query; /* as well; empty if there is none */
        Pairs headers; /* names in lower case, in the order they came */
        Buffer body;
} HttpRequest;

void http_request_set_target(HttpRequest *r, const char *target);
void http_request_done(HttpRequest *r);

/* name=value&... of a query or a form, decoded. */
void pairs_parse_form(Pairs *p, const char *text, bool plus_is_space);

typedef struct Answer {
        unsigned status;
        const char *content_type;
        Buffer body;
        char *code; /* of an error, as the client will see it */
        Pairs headers;
} Answer;

void answer_done(Answer *a);

/* Everything a request can carry, over all operations. */
typedef enum Field {
        FIELD_FRAMEWORK_ID,
        FIELD_REQUEST_ID,
        FIELD_REQUEST_TYPE,
        FIELD_FRAMEWORK_TYPE,
        FIELD_MAX_RESULTS,
        FIELD_NEXT_TOKEN,
        FIELD_DESTINATION_ACCOUNT,
        FIELD_DESTINATION_REGION,
        FIELD_COMMENT,
        FIELD_ACTION,
        FIELD_MAX,
} Field;

typedef enum Service {
        SERVICE_AUDIT_MANAGER,
        SERVICE_STS,
        SERVICE_MAX,
} Service;

typedef struct Operation Operation;

typedef struct Call {
        World *world;
        HttpRequest request;
        char request_id[UUID_TEXT_SIZE];
        usec_t wall; /* the service's idea of the wall clock, which a fault can skew */

        Service service;
        const Operation *operation; /* NULL if there is none of that name or path */
        char *values[FIELD_MAX];
        bool unreadable[FIELD_MAX]; /* there, but not of the right JSON type */
        bool body_unreadable;
        Pairs form; /* of STS: its parameters */

        Key *key;
        int region;
        bool processed;
        Answer answer;
} Call;

void call_done(Call *c);

/* Reads operation and values, as far as they can be read, and never answers. */
void call_parse(Call *c);

/* Verifies, authorises, validates and does what was asked for. There is an answer afterwards. */
void call_run(Call *c);

/* The answers. An error is written in the form of the service that was called. */
typedef struct Problem {
        unsigned status;
        const char *code;
        const char *message;
        const char *extra_json; /* more members of the body, starting with a comma */
} Problem;

void call_fail(Call *c, const Problem *problem);
void call_fail_validation(Call *c, const char *reason, const char *field, const char *message);
void call_fail_missing(Call *c, const char *resource_type, const char *resource_id);
void call_fail_denied(Call *c, const char *principal, const char *action, const char *resource);

#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Faults: what a test wants to go wrong
 */

#include "call.h"

typedef enum FaultKind {
        FAULT_RESET, /* the connection breaks, no byte of an answer */
        FAULT_STATUS, /* an error instead of the answer */
        FAULT_DELAY, /* the answer is late */
        FAULT_HANG, /* the answer never comes */
        FAULT_TRUNCATE, /* half of the answer, then the connection ends */
        FAULT_BODY, /* another body, up to gigabytes of it */
        FAULT_CONTENT_TYPE, /* the body under another type */
        FAULT_WRONG_TYPE, /* a member of another JSON type */
        FAULT_REDIRECT, /* 302 to somewhere else */
        FAULT_TOKEN_REPEAT, /* the nextToken that was just used, again */
        FAULT_TOKEN_ENDLESS, /* a new nextToken on each page, for ever */
        FAULT_NO_LIST, /* a listing without its list */
        FAULT_NULL_LIST, /* a list that is null */
        FAULT_DUPLICATE, /* each record twice */
        FAULT_UNKNOWN_STATUS, /* a status that does not exist yet */
        FAULT_UNREADABLE, /* records without one of their members */
        FAULT_SKEW, /* the clock of the service is off */
        FAULT_KIND_MAX,
} FaultKind;

typedef struct Fault {
        size_t n_ref;
        FaultKind kind;
        char *operation; /* a name, or "*" */
        char *account; /* of the caller; NULL = any */
        char *region; /* of the call; NULL = any */
        bool after; /* the call is processed first, and only its answer suffers */
        bool plain; /* a reset ends the connection in an orderly way */
        bool wrap; /* endless pages repeat the records instead of being empty */
        unsigned long nth, count, n_seen, n_hits;

        unsigned status;
        char *code, *message;
        Pairs headers;
        double seconds;
        char *body;
        uint64_t repeat;
        char *content_type;
        char *location;
        char *field;
        char *value;
} Fault;

typedef struct Faults {
        Fault **items;
        size_t n;
} Faults;

/* Returns NULL and says why in reterr_message, to be freed, if the description is not one. */
const Fault *faults_add(Faults *faults, const json_t *description, char **reterr_message);
void faults_clear(Faults *faults);
json_t *fault_to_json(const Fault *fault);
const char *fault_kind_name(FaultKind kind);

/* Counts the call; returns the fault that hits it with a reference, or NULL. */
Fault *faults_match(Faults *faults, const Call *c);
Fault *fault_unref(Fault *fault);

/* Whether the call is never processed. */
bool fault_replaces_call(const Fault *fault);

/* Changes the answer, or makes it if the call was not processed. */
void fault_apply(const Fault *fault, Call *c);

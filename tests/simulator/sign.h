#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Verification of AWS Signature Version 4
 */

#include "call.h"

typedef enum SignResult {
        SIGN_OK,
        SIGN_MISSING, /* no signature at all */
        SIGN_INCOMPLETE, /* one that lacks something or cannot be read */
        SIGN_UNKNOWN, /* nobody has that key or that session token */
        SIGN_EXPIRED_TOKEN, /* temporary credentials after their time */
        SIGN_INVALID, /* wrong signature, scope or time */
        SIGN_RESULT_MAX,
} SignResult;

typedef struct SignOutcome {
        SignResult result;
        Key *key; /* as soon as it is known, also when the signature turns out to be wrong */
        int region;
        char *message; /* what AWS would say */
} SignOutcome;

void sign_verify(World *w,
                const HttpRequest *r,
                const char *service,
                usec_t wall,
                SignOutcome *ret);
void sign_outcome_done(SignOutcome *o);

/* What the signature says it is for and from, unverified: NULL if there is none. */
char *sign_claimed_service(const HttpRequest *r);
char *sign_claimed_key(const HttpRequest *r);
char *sign_claimed_region(const HttpRequest *r);

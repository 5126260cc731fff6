#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a profile says about signing in: base credentials, and the roles assumed from there
 *
 * Pure: profiles × name → chain; no file is read and nothing is asked. Strings of a chain belong to
 * the profiles it was made of, and the name it began with to the caller.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
 */

#include <stddef.h>
#include <stdint.h>

#include "aws/profiles.h"
#include "util/buffer.h"

typedef enum ProfileBaseKind {
        PROFILE_BASE_STATIC,
        PROFILE_BASE_PROCESS,
        PROFILE_BASE_WEB_IDENTITY,
        PROFILE_BASE_ENVIRONMENT, /* credential_source */
        PROFILE_BASE_IMDS,
        PROFILE_BASE_CONTAINER,
        PROFILE_BASE_MAX
} ProfileBaseKind;

/* No chain of roles that anybody means is longer. */
#define PROFILE_CHAIN_MAX 16

typedef struct ProfileRole {
        const char *role_arn;
        const char *external_id; /* NULL: none; so with the others */
        const char *session_name;
        uint32_t duration_sec; /* 0: none; else 900 to 43200; of a web identity none, as in the SDKs
                                */
        const char *web_identity_token_file; /* PROFILE_BASE_WEB_IDENTITY alone */
} ProfileRole;

typedef struct ProfileChain {
        ProfileBaseKind kind;
        const char *profile; /* that has the base */
        const char *access_key_id, *secret_access_key, *session_token, *account_id; /* STATIC */
        const char *process; /* PROCESS: the command line */
        ProfileRole web_identity; /* WEB_IDENTITY */
        ProfileRole roles[PROFILE_CHAIN_MAX]; /* in the order in which they are assumed */
        size_t n_roles;
} ProfileChain;

/*
 * 0; -ENOMEM; -ENOENT: there is no such profile; -ENODATA: it says nothing about signing in;
 * -EINVAL: what it says cannot be done (a circle of source_profile, half a key, a person needed).
 * The last three with why: one line that names profile and key, what is wrong, and the remedy;
 * never a value that could be secret.
 */
int profile_chain_resolve(const Profiles *profiles,
                const char *profile,
                ProfileChain *ret,
                Buffer *ret_why);

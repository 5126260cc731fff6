#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Signature Version 4: (request, credentials, time) -> headers
 *
 * Pure, in the three stages of the documentation, each visible, so that a refused signature can be
 * compared stage by stage with what AWS says it expected:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buffer.h"
#include "util/macro.h"

typedef struct Pair {
        const char *name;
        const char *value;
} Pair;

typedef struct SigningCredentials {
        const char *access_key_id;
        const char *secret_access_key;
        const char *session_token; /* NULL: none */
} SigningCredentials;

typedef struct SigningRequest {
        const char *method;
        const char *path; /* as on the wire, without the query */
        const char *query; /* as on the wire, without "?"; NULL or "" for none. Sorted for signing,
                              sent as it is */
        const Pair *headers; /* to be signed; Host among them; not X-Amz-Date, X-Amz-Security-Token,
                                Authorization */
        size_t n_headers;
        const void *body;
        size_t body_length;
        const char *region;
        const char *service;
        int64_t time_usec;
        bool omit_session_token; /* sent, not signed (some services want that; none of ours) */
        bool sign_body; /* add and sign x-amz-content-sha256 */
        bool keep_path; /* do not normalise "." and ".." and doubled slashes */
        bool encode_once; /* do not encode the path a second time (S3's way) */
} SigningRequest;

/* The three stages and the header; all NUL-terminated text. */
typedef struct Signature {
        Buffer canonical_request;
        Buffer string_to_sign;
        Buffer authorization; /* the value of the Authorization header */
        char signature[65]; /* lower-case hex */
        char date[17]; /* the value of X-Amz-Date */
        char body_sha256[65]; /* the value of X-Amz-Content-Sha256, where sign_body asks for it */
} Signature;

/*
 * A signer keeps the key of the day and scope it was last used for (deriving it costs four HMACs)
 * and its digest contexts. Nothing in it depends on a clock; wiped when freed.
 */
typedef struct Signer Signer;

int signer_new(Signer **ret);
Signer *signer_free(Signer *signer);

/*
 * Signs. 0; -ENOMEM; -EINVAL where the request cannot be signed (a header value with a line feed).
 * `signature` must be zero-initialised or left by an earlier call; its buffers are reused. Free
 * with signature_done().
 */
int signer_sign(Signer *signer,
                const SigningRequest *request,
                const SigningCredentials *credentials,
                Signature *signature);

void signature_done(Signature *signature);

DEFINE_CLEANUP(Signer, signer_free)

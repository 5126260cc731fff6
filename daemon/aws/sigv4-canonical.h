#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The first stage of Signature Version 4: one text that both sides agree on, however it is sent. */

#include <stddef.h>

#include "aws/sigv4.h"
#include "util/buffer.h"

/* A header to be signed, borrowed. */
typedef struct CanonicalHeader {
        const char *name, *value;
} CanonicalHeader;

/* A query parameter: pieces of the scratch's copy of the query. */
typedef struct CanonicalParam {
        const char *name, *value;
        size_t name_length, value_length;
} CanonicalParam;

/* Room that is used again for each request, so that signing allocates nothing once warmed up. */
typedef struct CanonicalScratch {
        CanonicalHeader *headers; /* sorted by name; repeated ones in the order they came in */
        size_t n_headers, headers_capacity;
        CanonicalParam *params;
        size_t n_params, params_capacity;
        Buffer path, query, signed_headers;
} CanonicalScratch;

/* Takes note of one more header. 0, -ENOMEM, or -EINVAL for what cannot be sent in one line. */
int canonical_add_header(CanonicalScratch *scratch, const char *name, const char *value);

/* The value of a header noted so far, by its name in any case, or NULL. */
const char *canonical_find_header(const CanonicalScratch *scratch, const char *name);

/*
 * Writes the canonical request of the headers noted, and the list of their names into
 * scratch->signed_headers; then forgets them. 0 or -ENOMEM.
 */
int canonical_request_write(CanonicalScratch *scratch,
                const SigningRequest *request,
                const char *payload_sha256,
                Buffer *out);

void canonical_scratch_done(CanonicalScratch *scratch);

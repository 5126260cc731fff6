#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The first stage of Signature Version 4: one text that both sides agree on, however the request
 * was written. */

#include <stddef.h>

#include "aws/sigv4.h"
#include "util/buffer.h"

/* A header to be signed. `order` keeps repeated ones in the order they are sent in. */
typedef struct CanonicalHeader {
        const char *name, *value;
        size_t order;
} CanonicalHeader;

/* A query parameter: pieces of the scratch's copy of the query. */
typedef struct CanonicalParam {
        const char *name, *value;
        size_t name_length, value_length;
} CanonicalParam;

/* Room that is used again for each request, so that signing allocates nothing once it has warmed
 * up. */
typedef struct CanonicalScratch {
        CanonicalHeader *headers;
        size_t n_headers, headers_capacity;
        CanonicalParam *params;
        size_t n_params, params_capacity;
        Buffer path, query, signed_headers;
} CanonicalScratch;

/* Takes note of one more header. 0, -ENOMEM, or -EINVAL for a name or value that cannot be sent in
 * one line. */
int canonical_add_header(CanonicalScratch *scratch, const char *name, const char *value);

/* The value of a header noted so far, or NULL. `name` in lower case. */
const char *canonical_find_header(const CanonicalScratch *scratch, const char *name);

/*
 * Writes the canonical request of the headers noted; scratch->signed_headers is then the list of
 * their names. The scratch is ready for the next request afterwards but for that list. 0 or
 * -ENOMEM.
 */
int canonical_request_write(CanonicalScratch *scratch,
                const SigningRequest *request,
                const char *payload_sha256,
                Buffer *out);

void canonical_scratch_done(CanonicalScratch *scratch);

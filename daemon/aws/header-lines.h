#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The header lines of one request, signed
 *
 * In memory that is used again for the next. They hold the session token: wiped after each use.
 */

#include <stddef.h>

#include "aws/sigv4.h"
#include "util/buffer.h"

#define HEADER_LINES_MAX 12

/* Embedded; all zero is an empty one. */
typedef struct HeaderLines {
        Buffer text; /* NUL after each line */
        size_t offsets[HEADER_LINES_MAX];
        const char *lines[HEADER_LINES_MAX + 1];
        size_t n;
} HeaderLines;

/* Empties them. 0 or -ENOMEM. */
int header_lines_begin(HeaderLines *headers);

/* Adds "Name: value". 0 or -ENOMEM. */
int header_lines_add(HeaderLines *headers, const char *name, const char *value);

/*
 * Signs a request, and adds its lines: what was signed, X-Amz-Date, the session token,
 * Authorization. Errors are those of signer_sign(). `signature` is as there; it holds the session
 * token, see header_lines_wipe_signature().
 */
int header_lines_add_signed(HeaderLines *headers,
                Signer *signer,
                const SigningRequest *request,
                const SigningCredentials *credentials,
                Signature *signature);

/* All of them, NULL-terminated, until the next change. */
const char *const *header_lines_end(HeaderLines *headers);

/* Forgets the lines, and keeps the room. */
void header_lines_wipe(HeaderLines *headers);

void header_lines_done(HeaderLines *headers);

/* Frees a signature; the session token is part of what was signed, and is wiped. */
void header_lines_wipe_signature(Signature *signature);

/* SPDX-License-Identifier: Apache-2.0 */

/* The header lines of one request. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "aws/header-lines.h"
#include "util/mem.h"

/* A session token has up to 4 KiB; with this, no copy of it is left behind by a growing buffer. */
#define HEADER_ROOM ((size_t) 16 * 1024)

int header_lines_begin(HeaderLines *headers) {
        headers->n = 0;
        buffer_clear(&headers->text);
        return ARRAY_RESERVE(headers->text.data, headers->text.capacity, HEADER_ROOM);
}

int header_lines_add(HeaderLines *headers, const char *name, const char *value) {
        assert(headers->n < ELEMENTSOF(headers->offsets));

        headers->offsets[headers->n++] = headers->text.length;
        (void) buffer_add(&headers->text, name);
        (void) buffer_add(&headers->text, ": ");
        (void) buffer_append(&headers->text, value, strlen(value) + 1);
        return buffer_status(&headers->text);
}

int header_lines_add_signed(HeaderLines *headers,
                Signer *signer,
                const SigningRequest *request,
                const SigningCredentials *credentials,
                Signature *signature) {
        int r;

        r = signer_sign(signer, request, credentials, signature);
        for (size_t i = 0; r >= 0 && i < request->n_headers; i++)
                r = header_lines_add(headers, request->headers[i].name, request->headers[i].value);
        if (r >= 0)
                r = header_lines_add(headers, "X-Amz-Date", signature->date);
        if (r >= 0 && credentials->session_token)
                r = header_lines_add(headers, "X-Amz-Security-Token", credentials->session_token);
        if (r >= 0)
                r = header_lines_add(
                                headers, "Authorization", buffer_text(&signature->authorization));
        return r;
}

/* Only now: until the last line was added, the text may have moved. */
const char *const *header_lines_end(HeaderLines *headers) {
        for (size_t i = 0; i < headers->n; i++)
                headers->lines[i] = headers->text.data + headers->offsets[i];
        headers->lines[headers->n] = NULL;
        return headers->lines;
}

void header_lines_wipe(HeaderLines *headers) {
        erase(headers->text.data, headers->text.length);
        buffer_clear(&headers->text);
        headers->n = 0;
}

void header_lines_done(HeaderLines *headers) {
        buffer_wipe(&headers->text);
        headers->n = 0;
}

void header_lines_wipe_signature(Signature *signature) {
        buffer_wipe(&signature->canonical_request);
        signature_done(signature);
}

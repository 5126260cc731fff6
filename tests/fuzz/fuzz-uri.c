/* SPDX-License-Identifier: Apache-2.0 */

/*
 * URIs, and the endpoints and signatures made of them
 *
 * What was encoded decodes to what it was; a URL that is taken, written out, is taken for the same
 * again; whatever a request's path, query and header are, its signature is that of a request in as
 * many lines as it has.
 */

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "util/mem.h"
#include "util/string-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_encoding(const char *text, size_t length) {
        _cleanup_buffer_ Buffer encoded = { 0 }, decoded = { 0 }, any = { 0 };

        if (uri_encode(&encoded, text, length, false) < 0
                        || uri_decode(&decoded, buffer_text(&encoded), encoded.length) < 0
                        || uri_decode(&any, text, length) < 0)
                return;
        if (decoded.length != length || memcmp(buffer_text(&decoded), text, length) != 0)
                abort();
}

static void check_url(const char *text) {
        _cleanup_buffer_ Buffer once = { 0 }, twice = { 0 };
        EndpointOptions options = { .override_url = text };
        const char *why = NULL;

        if (endpoint_resolve(AWS_SERVICE_STS, &options, &once, &why) < 0) {
                if (!why)
                        abort();
                return;
        }
        options.override_url = buffer_text(&once);
        if (endpoint_resolve(AWS_SERVICE_STS, &options, &twice, &why) < 0
                        || !streq(buffer_text(&once), buffer_text(&twice)))
                abort();
}

static void check_signature(const char *text) {
        static Signer *signer;
        static Signature signature;
        Pair header = { "X", text };
        SigningRequest request = {
                .method = "GET",
                .path = text,
                .query = text,
                .headers = &header,
                .n_headers = 1,
                .region = "eu-west-1",
                .service = "sts",
        };
        size_t lines = 0;

        if (!signer && signer_new(&signer) < 0)
                return;
        for (unsigned i = 0; i < 4; i++) {
                request.keep_path = i & 1;
                request.encode_once = i & 2;
                if (signer_sign(signer, &request, &(SigningCredentials){ "a", "b", NULL },
                                    &signature)
                                < 0)
                        return;
                lines = 0;
                for (const char *c = buffer_text(&signature.canonical_request); *c; c++)
                        lines += *c == '\n';
                if (lines != 7)
                        abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = size > 0 ? strndup((const char *) data, size) : strdup("");

        if (!text)
                return 0;
        check_encoding((const char *) data, size);
        check_url(text);
        check_signature(text);
        return 0;
}

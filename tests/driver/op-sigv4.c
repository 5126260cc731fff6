/* SPDX-License-Identifier: Apache-2.0 */

/* sigv4: a request and credentials to the three stages and the header. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "driver.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/*
 * Old messages fold a long value over several lines; who reads such a message sees one line (RFC
 * 9112, section 5.2). Our own requests are never folded, and the signer refuses them.
 */
static char *unfold(const char *value) {
        char *copy = strdup(value);

        for (char *c = copy; c && *c; c++)
                if (*c == '\n' && (c[1] == ' ' || c[1] == '\t'))
                        *c = ' ';
        return copy;
}

static void headers_free(Pair *headers) {
        for (Pair *h = headers; h && h->name; h++)
                free((void *) h->value);
        free(headers);
}

static void headers_freep(Pair **headers) {
        headers_free(*headers);
}

/* Ends with a pair without a name. */
static int read_headers(const json_t *list, Pair **ret, size_t *ret_n) {
        _cleanup_(headers_freep) Pair *headers = calloc(json_array_size(list) + 1, sizeof(Pair));
        const json_t *pair;
        size_t i, n = 0;

        if (!headers)
                return -ENOMEM;
        json_array_foreach(list, i, pair) {
                const char *name = json_string_value(json_array_get(pair, 0));
                const char *value = json_string_value(json_array_get(pair, 1));

                if (!name || !value)
                        return -EINVAL;
                headers[n].value = unfold(value);
                if (!headers[n].value)
                        return -ENOMEM;
                headers[n++].name = name;
        }

        *ret = TAKE_PTR(headers);
        *ret_n = n;
        return 0;
}

/* "20150830T123600Z", else the epoch. */
static int64_t read_time(const json_t *in) {
        const char *t = get_text(in, "timestamp", "");
        char text[TIME_TEXT_MAX];
        int64_t usec;

        if (strlen(t) == 16) {
                (void) snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", t, t + 4,
                                t + 6, t + 9, t + 11, t + 13);
                if (time_parse(text, &usec, NULL) >= 0)
                        return usec;
        }
        return (int64_t) json_integer_value(json_object_get(in, "epoch")) * USEC_PER_SEC;
}

static json_t *sign(const SigningRequest *request, const SigningCredentials *credentials) {
        _cleanup_(signer_freep) Signer *signer = NULL;
        _cleanup_(signature_done) Signature s = { 0 };
        int r;

        r = signer_new(&signer);
        if (r >= 0)
                r = signer_sign(signer, request, credentials, &s);
        if (r < 0)
                return r == -EINVAL ? answer_error("the request cannot be signed") : NULL;

        return json_pack("{s:s, s:s, s:s, s:s}", "authorization", buffer_text(&s.authorization),
                        "canonical_request", buffer_text(&s.canonical_request), "string_to_sign",
                        buffer_text(&s.string_to_sign), "signature", s.signature);
}

json_t *op_sigv4(const json_t *in) {
        const json_t *body = json_object_get(in, "body");
        _cleanup_(headers_freep) Pair *headers = NULL;
        SigningRequest request = {
                .method = get_text(in, "method", "GET"),
                .path = get_text(in, "path", "/"),
                .query = get_text(in, "query", ""),
                .body = json_string_value(body),
                .body_length = json_string_length(body),
                .region = get_text(in, "region", ""),
                .service = get_text(in, "service", ""),
                .time_usec = read_time(in),
                .omit_session_token = get_bool(in, "omit_session_token", false),
                .sign_body = get_bool(in, "sign_body", false),
                .keep_path = !get_bool(in, "normalize_path", true),
                .encode_once = !get_bool(in, "double_encode", true),
        };
        SigningCredentials credentials = {
                .access_key_id = get_text(in, "access_key_id", ""),
                .secret_access_key = get_text(in, "secret_access_key", ""),
                .session_token = get_text(in, "session_token", NULL),
        };
        int r;

        if (!streq(get_text(in, "mode", "header"), "header"))
                return answer_unsupported("only headers are signed");
        r = read_headers(json_object_get(in, "headers"), &headers, &request.n_headers);
        if (r < 0)
                return r == -EINVAL ? answer_error("a header is no pair of texts") : NULL;

        request.headers = headers;
        return sign(&request, &credentials);
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One attempt as bytes: URL, headers, signature
 *
 * Signed are the headers that the AWS SDKs sign. User-Agent is not: proxies change it.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "aws/client-internal.h"
#include "util/mem.h"
#include "util/time.h"

/* A session token has up to 4 KiB; with this, no copy of it is left behind by a growing buffer. */
#define HEADER_ROOM ((size_t) 16 * 1024)

static int headers_begin(HeaderLines *headers) {
        headers->n = 0;
        buffer_clear(&headers->text);
        return ARRAY_RESERVE(headers->text.data, headers->text.capacity, HEADER_ROOM);
}

static int headers_add(HeaderLines *headers, const char *name, const char *value) {
        assert(headers->n < ELEMENTSOF(headers->offsets));

        headers->offsets[headers->n++] = headers->text.length;
        if (buffer_addf(&headers->text, "%s: %s", name, value) < 0)
                return -ENOMEM;
        return buffer_add_char(&headers->text, '\0');
}

/* Only now: until the last line was added, the text may have moved. */
static const char *const *headers_end(HeaderLines *headers) {
        for (size_t i = 0; i < headers->n; i++)
                headers->lines[i] = headers->text.data + headers->offsets[i];
        headers->lines[headers->n] = NULL;
        return headers->lines;
}

static void headers_wipe(HeaderLines *headers) {
        erase(headers->text.data, headers->text.capacity);
        buffer_clear(&headers->text);
}

static int add_credentials(HeaderLines *headers,
                const Signature *signature,
                const Credentials *credentials) {
        int r;

        r = headers_add(headers, "X-Amz-Date", signature->date);
        if (r >= 0 && credentials->session_token)
                r = headers_add(headers, "X-Amz-Security-Token",
                                secret_reveal(credentials->session_token));
        if (r >= 0)
                r = headers_add(headers, "Authorization", buffer_text(&signature->authorization));
        return r;
}

/* Writes the header lines of one attempt, the signature among them. */
static int write_headers(Exchange *exchange, const Credentials *credentials) {
        AwsClient *client = exchange->client;
        const ExchangeRequest *request = &exchange->request;
        char attempt[64];
        Pair signed_headers[] = {
                { "Host", client->endpoints[request->service].host },
                { "amz-sdk-invocation-id", exchange->invocation_id },
                { "amz-sdk-request", attempt },
                { "Content-Type", request->content_type },
        };
        SigningRequest signing = {
                .method = request->method,
                .path = buffer_text(&client->path),
                .query = request->query,
                .headers = signed_headers,
                .n_headers = ELEMENTSOF(signed_headers) - (request->content_type ? 0 : 1),
                .body = request->body,
                .body_length = request->body_length,
                .region = region_name(client->source->region),
                .service = aws_service_name(request->service),
                .time_usec = exchange->signed_usec,
        };
        SigningCredentials keys = {
                .access_key_id = credentials->access_key_id,
                .secret_access_key = secret_reveal(credentials->secret_access_key),
                .session_token = secret_reveal(credentials->session_token),
        };
        int r;

        (void) snprintf(attempt, sizeof(attempt), "attempt=%u; max=%u", exchange->attempts,
                        client->retry_numbers.max_attempts);
        r = signer_sign(client->signer, &signing, &keys, &client->signature);
        if (r >= 0)
                r = headers_begin(&client->headers);
        for (size_t i = 0; r >= 0 && i < signing.n_headers; i++)
                r = headers_add(&client->headers, signed_headers[i].name, signed_headers[i].value);
        if (r >= 0)
                r = headers_add(&client->headers, "User-Agent", client->user_agent);
        if (r >= 0)
                r = add_credentials(&client->headers, &client->signature, credentials);
        return r;
}

static int write_url(Exchange *exchange) {
        const ExchangeRequest *request = &exchange->request;
        AwsClient *client = exchange->client;
        const ClientEndpoint *endpoint = &client->endpoints[request->service];
        int r;

        buffer_clear(&client->path);
        buffer_clear(&client->url);
        r = buffer_addf(&client->path, "%s%s", endpoint->path, request->path);
        if (r >= 0)
                r = buffer_addf(&client->url, "%s%s%s%s", endpoint->url, request->path,
                                *request->query ? "?" : "", request->query);
        return r;
}

int client_sign_and_send(Exchange *exchange,
                const Credentials *credentials,
                HttpCallback callback) {
        AwsClient *client = exchange->client;
        HttpRequest http = {
                .method = exchange->request.method,
                .body = exchange->request.body,
                .body_length = exchange->request.body_length,
                .never_resend = !exchange->request.may_repeat,
                .ca_bundle = client->ca_bundle,
                .timeout_sec = client->timeout_sec,
        };
        int r;

        exchange->signed_usec = client_now(client);
        r = write_url(exchange);
        if (r >= 0)
                r = write_headers(exchange, credentials);
        if (r >= 0) {
                http.url = buffer_text(&client->url);
                http.headers = headers_end(&client->headers);
                r = http_call_new(client->http, &http, callback, exchange, &exchange->http);
        }
        headers_wipe(&client->headers);
        return r;
}

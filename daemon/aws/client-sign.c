/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One attempt as bytes: URL, headers, signature
 *
 * Signed are the headers that the AWS SDKs sign. User-Agent is not: proxies change it.
 */

#include <stdio.h>

#include "aws/client-internal.h"
#include "util/time.h"

/* Writes the header lines of one attempt, the signature among them. */
static int write_headers(Exchange *exchange, const Credentials *credentials) {
        AwsClient *client = exchange->client;
        const ExchangeRequest *request = &exchange->request;
        char attempt[64];
        Pair signed_headers[] = {
                { "Host", client->config.endpoints[request->service].host },
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
                        client->config.retry.max_attempts);
        r = header_lines_begin(&client->headers);
        if (r >= 0)
                r = header_lines_add(&client->headers, "User-Agent", client->config.user_agent);
        if (r >= 0)
                r = header_lines_add_signed(&client->headers, client->signer, &signing, &keys,
                                &client->signature);
        return r;
}

static int write_url(Exchange *exchange) {
        const ExchangeRequest *request = &exchange->request;
        AwsClient *client = exchange->client;
        const ClientEndpoint *endpoint = &client->config.endpoints[request->service];
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
                .ca_bundle = client->config.ca_bundle,
                .answer_max = exchange->request.answer_max,
                .timeout_sec = client->timeout_sec,
        };
        int r;

        exchange->signed_usec = client_now(client);
        r = write_url(exchange);
        if (r >= 0)
                r = write_headers(exchange, credentials);
        if (r >= 0) {
                http.url = buffer_text(&client->url);
                http.headers = header_lines_end(&client->headers);
                r = http_call_new(client->http, &http, callback, exchange, &exchange->http);
        }
        header_lines_wipe(&client->headers);
        return r;
}

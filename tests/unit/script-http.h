#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Canned answers in the place of the network, and whoever waits for credentials made of them
 *
 * A script is a list of exchanges: what must be asked, and what comes back. What is asked in
 * another way, and what is left over, are failures. NULL in an exchange is not looked at.
 */

#include <stdlib.h>
#include <systemd/sd-event.h>

#include "aws/credentials.h"
#include "test.h"
#include "util/string-util.h"
#include "util/time.h"

/* In each secret of a test, and in no message. */
#define MARK "HUSHHUSH"

/* Longer than any question takes that does not hang. */
#define PATIENCE (10 * USEC_PER_SEC)

typedef struct Exchange {
        const char *method, *url;
        const char *header; /* that must be among those sent */
        const char *no_header; /* the beginning of one that must not be */
        int status;
        const char *body;
        TransportError transport;
        bool unsent;
        const char *why;
        const char *x_amz_retry_after; /* milliseconds */
        int refused; /* what http_call_new() says, instead of all that */
} Exchange;

#define SCRIPT_MAX 12

typedef struct Script {
        const Exchange *exchanges; /* SCRIPT_MAX at most, ended by an empty one */
        size_t at;
        HttpRequest last; /* its numbers and flags alone */
} Script;

static inline bool exchange_is_end(const Exchange *e) {
        return e->status == 0 && e->transport == TRANSPORT_OK && e->refused == 0;
}

static inline const char *find_line(const HttpRequest *request, const char *prefix) {
        for (size_t i = 0; request->headers && request->headers[i]; i++)
                if (starts_with(request->headers[i], prefix))
                        return request->headers[i];
        return NULL;
}

static inline int script_answer(const HttpRequest *request, HttpAnswer *answer, void *userdata) {
        Script *script = userdata;
        const Exchange *e = &script->exchanges[script->at];

        script->last = *request;
        if (!ASSERT_TRUE(script->at < SCRIPT_MAX && !exchange_is_end(e))) {
                printf("  one too many: %s %s\n", request->method, request->url);
                return -EINVAL;
        }
        script->at++;

        if (e->method)
                ASSERT_STREQ(e->method, request->method);
        if (e->url)
                ASSERT_STREQ(e->url, request->url);
        if (e->header)
                ASSERT_STREQ(e->header, find_line(request, e->header));
        if (e->no_header)
                ASSERT_STREQ(NULL, find_line(request, e->no_header));
        if (e->refused < 0)
                return e->refused;

        answer->status = e->status;
        answer->transport = e->transport;
        answer->unsent = e->unsent;
        (void) snprintf(answer->why, sizeof(answer->why), "%s", e->why ? e->why : "");
        answer->x_amz_retry_after = e->x_amz_retry_after ? strdup(e->x_amz_retry_after) : NULL;
        return e->body ? buffer_add(&answer->body, e->body) : 0;
}

static inline void script_end(const Script *script) {
        if (!ASSERT_TRUE(script->at == SCRIPT_MAX
                            || exchange_is_end(&script->exchanges[script->at])))
                printf("  %zu asked, more expected\n", script->at);
}

/* An event loop with a client that a script answers. */
typedef struct Bench {
        sd_event *event;
        HttpClient *http;
        Script script;
} Bench;

static inline void bench_init(Bench *bench, const Exchange *exchanges) {
        *bench = (Bench){ .script.exchanges = exchanges };
        if (sd_event_new(&bench->event) < 0 || http_client_new(bench->event, &bench->http) < 0)
                abort();
        http_client_set_stand_in(bench->http, script_answer, &bench->script);
}

static inline void bench_done(Bench *bench) {
        (void) http_client_free(bench->http);
        (void) sd_event_unref(bench->event);
}

/* Runs until *n is not 0; whether that happened. */
static inline bool bench_wait(const Bench *bench, const unsigned *n) {
        int64_t until = monotonic_usec() + PATIENCE;

        while (*n == 0 && monotonic_usec() < until)
                if (sd_event_run(bench->event, (uint64_t) PATIENCE / 10) < 0)
                        abort();
        return *n > 0;
}

/* Runs what is there to run, and waits for nothing. */
static inline void bench_drain(const Bench *bench) {
        while (sd_event_run(bench->event, 0) > 0)
                ;
}

/* What came of a question for credentials. */
typedef struct Seen {
        unsigned n;
        int r;
        Credentials credentials;
        char why[1024];
        CredentialsProvider **free_me; /* from within the callback; NULL: none */
} Seen;

static inline void on_credentials(int r,
                Credentials *credentials,
                const char *why,
                void *userdata) {
        Seen *seen = userdata;

        seen->n++;
        seen->r = r;
        (void) snprintf(seen->why, sizeof(seen->why), "%s", why ? why : "");
        if (r == 0) {
                seen->credentials = *credentials;
                *credentials = (Credentials){ 0 };
        }
        if (seen->free_me)
                *seen->free_me = credentials_provider_free(*seen->free_me);
}

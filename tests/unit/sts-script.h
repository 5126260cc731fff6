#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An STS of the test's own
 *
 * A script of answers in the place of the network, each request kept for a look at it, and what the
 * provider under test came to. A step left over is a failure.
 */

#include <stdlib.h>

#include "aws/credentials-source.h"
#include "test.h"
#include "util/mem.h"
#include "util/time.h"

/* In each secret of these tests, and in no message. */
#define MARK "HUSHHUSH"

#define ROLE "arn:aws:iam::111122223333:role/x"
#define NOW  (INT64_C(1767323045) * USEC_PER_SEC) /* 2026-01-02T03:04:05Z */

#define STS_ERROR(code, message)                                                                   \
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"               \
        "<Type>Sender</Type><Code>" code "</Code><Message>" message                                \
        "</Message></Error><RequestId>r</RequestId></ErrorResponse>"

/* action is "AssumeRole" or "AssumeRoleWithWebIdentity". */
#define STS_CREDENTIALS(action, key)                                                               \
        "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" action         \
        "Result><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>"                            \
        "<Arn>arn:aws:sts::111122223333:assumed-role/x/s</Arn></AssumedRoleUser><Credentials>"     \
        "<AccessKeyId>" key "</AccessKeyId><SecretAccessKey>" MARK "2</SecretAccessKey>"           \
        "<SessionToken>" MARK "token2</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>" \
        "</Credentials></" action "Result></" action "Response>"

typedef struct StsStep {
        int status; /* 0: none, see transport */
        const char *body;
        const char *date; /* of the answer; NULL: none */
        TransportError transport;
        bool too_large;
} StsStep;

#define STS_STEPS_MAX 6

typedef struct StsWorld {
        sd_event *event;
        HttpClient *http;
        CredentialsContext context;
        EnvironmentList environment;
        RetryNumbers retry;
        int64_t skew_usec;

        const StsStep *steps;
        size_t n_steps, at;
        struct {
                char *url, *headers, *body;
        } requests[STS_STEPS_MAX];
        CredentialsProvider *doomed; /* freed in the callback */

        unsigned n; /* callbacks */
        int r;
        Credentials credentials;
        char why[1024];
        bool has_why;
} StsWorld;

static int64_t sts_now_usec = NOW;

static inline int64_t sts_clock(void) {
        return sts_now_usec;
}

static inline int sts_answer(const HttpRequest *request, HttpAnswer *answer, void *userdata) {
        StsWorld *world = userdata;
        const StsStep *step = &world->steps[world->at];
        _cleanup_buffer_ Buffer lines = { 0 };

        if (!ASSERT_TRUE(world->at < world->n_steps))
                return -ENOMEM;
        for (size_t i = 0; request->headers[i]; i++)
                (void) buffer_addf(&lines, "%s\n", request->headers[i]);
        world->requests[world->at].url = strdup(request->url);
        world->requests[world->at].headers = buffer_steal(&lines);
        world->requests[world->at].body = strndup(request->body, request->body_length);
        ASSERT_STREQ("POST", request->method);
        ASSERT_FALSE(request->no_proxy);
        ASSERT_STREQ(world->context.ca_bundle, request->ca_bundle);
        world->at++;

        answer->transport = step->transport;
        answer->status = step->status;
        answer->too_large = step->too_large;
        if (step->transport != TRANSPORT_OK || step->too_large)
                (void) snprintf(answer->why, sizeof(answer->why), "the network is down");
        if (step->date)
                answer->date = strdup(step->date);
        /* Ten seconds for each round trip. */
        sts_now_usec += 10 * USEC_PER_SEC;
        return step->body ? buffer_add(&answer->body, step->body) : 0;
}

static inline void sts_world_init(StsWorld *world, const char *const *environment) {
        *world = (StsWorld){ .retry = retry_standard };
        world->retry.base_transient_usec = world->retry.base_throttling_usec = USEC_PER_MSEC;
        world->environment = environment_list(environment);
        sts_now_usec = NOW;
        time_set_source(sts_clock, NULL);
        ASSERT_TRUE(sd_event_new(&world->event) >= 0);
        ASSERT_OK(http_client_new(world->event, &world->http));
        http_client_set_stand_in(world->http, sts_answer, world);
        world->context = (CredentialsContext){
                .event = world->event,
                .http = world->http,
                .environment = &world->environment.environment,
                .is_service = true,
                .region = "eu-west-1",
                .sts_url = "https://sts.eu-west-1.amazonaws.com",
                .session_name = "auditshared-main",
                .ca_bundle = "/ca.pem",
                .user_agent = "agent/1",
                .retry = &world->retry,
                .skew_usec = &world->skew_usec,
        };
}

static inline void sts_world_done(StsWorld *world) {
        ASSERT_EQ(world->n_steps, world->at);
        credentials_done(&world->credentials);
        for (size_t i = 0; i < STS_STEPS_MAX; i++) {
                free(world->requests[i].url);
                free(world->requests[i].headers);
                free(world->requests[i].body);
        }
        (void) http_client_free(world->http);
        (void) sd_event_unref(world->event);
        time_set_source(NULL, NULL);
}

static inline void sts_world_script(StsWorld *world, const StsStep *steps, size_t n) {
        world->steps = steps;
        world->n_steps = n;
        world->at = 0;
}

static inline void on_credentials(int r,
                Credentials *credentials,
                const char *why,
                void *userdata) {
        StsWorld *world = userdata;

        world->n++;
        world->r = r;
        world->has_why = why;
        (void) snprintf(world->why, sizeof(world->why), "%s", why ? why : "");
        credentials_done(&world->credentials);
        if (r == 0) {
                world->credentials = *credentials;
                *credentials = (Credentials){ 0 };
        }
        if (world->doomed)
                world->doomed->free(world->doomed);
}

/* Runs the loop until an answer is there. */
static inline void sts_world_run(StsWorld *world) {
        for (unsigned i = 0; world->n == 0 && i < 1000; i++)
                (void) sd_event_run(world->event, 100 * USEC_PER_MSEC);
}

static inline void sts_world_fetch(StsWorld *world, CredentialsProvider *provider) {
        world->n = 0;
        ASSERT_OK(credentials_fetch(provider, on_credentials, world));
        sts_world_run(world);
        ASSERT_EQ(1, world->n);
        ASSERT_FALSE(strstr(world->why, MARK));
        ASSERT_FALSE(strchr(world->why, '\n'));
        if (world->credentials.origin)
                ASSERT_FALSE(strstr(world->credentials.origin, MARK));
}

/* The value of a header of a request, in a static buffer; "" where it has none. */
static inline const char *sts_header(const StsWorld *world, size_t i, const char *name) {
        static char value[2048];
        const char *line = world->requests[i].headers;
        size_t n = strlen(name);

        value[0] = '\0';
        for (; line && *line; line = strchr(line, '\n') + 1)
                if (strncasecmp(line, name, n) == 0 && line[n] == ':')
                        (void) snprintf(value, sizeof(value), "%.*s",
                                        (int) strcspn(line + n + 2, "\n"), line + n + 2);
        return value;
}

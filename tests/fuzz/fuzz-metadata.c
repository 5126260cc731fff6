/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Metadata services that answer what they like
 *
 * The input is a scene: {"container": bool, "environment": ["NAME=value", …], "answers":
 * [{"status": 200, "transport": 0, "unsent": bool, "too_large": bool, "body": a text, or JSON},
 * …]}. The providers ask as ever, and are answered from it. What they send is one clean request
 * after the other, to where it was said; version 1 is never asked; what they hand out can be signed
 * with; and what they complain of is one line in which no secret stands.
 */

#include <errno.h>
#include <jansson.h>
#include <strings.h>

#include "aws/credentials-source.h"
#include "fuzz.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/time.h"

#define VARIABLES_MAX 16
#define ANSWERS_MAX   32
#define MARK_MIN      16
#define LETTERS       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

typedef struct Scene {
        const json_t *answers;
        size_t at;
        bool is_container, with_token, over;
        int r;
} Scene;

static const RetryNumbers numbers = {
        .max_attempts = 3,
        .tokens = 500,
        .cost_transient = 1,
        .cost_throttling = 1,
        .cost_timeout = 1,
};

static Scene scene;

/* --- what is asked --- */

static bool has_header(const HttpRequest *request, const char *name) {
        bool found = false;

        for (const char *const *line = request->headers; *line; line++) {
                CHECK(fuzz_is_printable(*line) && strchr(*line, ':'));
                found |= starts_with(*line, name) != NULL;
        }
        return found;
}

static void check_request(const HttpRequest *request) {
        bool with_token = has_header(request, "X-aws-ec2-metadata-token: ");

        CHECK(fuzz_is_printable(request->url) && !strchr(request->url, ' '));
        CHECK(strncasecmp(request->url, "http://", 7) == 0
                        || strncasecmp(request->url, "https://", 8) == 0);
        CHECK(request->no_proxy && !request->body);
        if (scene.is_container)
                CHECK(streq(request->method, "GET") && request->plain == HTTP_PLAIN_METADATA);
        else if (streq(request->method, "PUT"))
                CHECK(!with_token && strstr(request->url, "/latest/api/token"));
        else
                CHECK(streq(request->method, "GET") && with_token);
}

/* --- what is answered --- */

static int set_body(const json_t *body, HttpAnswer *answer) {
        _cleanup_free_ char *text = NULL;

        if (json_is_string(body))
                return buffer_append(
                                &answer->body, json_string_value(body), json_string_length(body));
        if (!body)
                return 0;
        return json_write(body, JSON_COMPACT, &text) < 0 ? -ENOMEM
                                                         : buffer_add(&answer->body, text);
}

static int answer_it(const HttpRequest *request, HttpAnswer *answer, void *userdata) {
        const json_t *from = json_array_get(scene.answers, scene.at++);
        int r;

        (void) userdata;
        check_request(request);
        if (!from || scene.at > ANSWERS_MAX) {
                answer->transport = TRANSPORT_CONNECTION;
                answer->unsent = true;
                return 0;
        }
        answer->status = (int) (json_integer_value(json_object_get(from, "status")) & 1023);
        answer->transport = (TransportError) ((uint64_t) json_integer_value(
                                                              json_object_get(from, "transport"))
                        % TRANSPORT_MAX);
        answer->unsent = json_is_true(json_object_get(from, "unsent"));
        answer->too_large = json_is_true(json_object_get(from, "too_large"));
        answer->body.limit = request->answer_max;
        r = set_body(json_object_get(from, "body"), answer);
        return r == -ENOMEM ? r : 0;
}

/* --- what comes of it --- */

/* Whether it stands in the scene as what it is alone: members of bodies that are called so. */
static bool is_only_secret(const char *text) {
        _cleanup_json_ json_t *rest = json_deep_copy(scene.answers);
        _cleanup_free_ char *others = NULL;

        for (size_t i = 0; i < json_array_size(rest); i++) {
                json_t *body = json_object_get(json_array_get(rest, i), "body");

                (void) json_object_del(body, "SecretAccessKey");
                (void) json_object_del(body, "Token");
        }
        return json_write(rest, JSON_COMPACT, &others) >= 0 && !strstr(others, text);
}

static void check_secret(const json_t *answer, const char *name, const char *why) {
        const json_t *body = json_object_get(answer, "body");
        const char *text = json_string_value(json_object_get(body, name));

        /* Nobody's own words are that long; and JSON writes these as they are. */
        if (text && strlen(text) >= MARK_MIN && text[strspn(text, LETTERS)] == '\0'
                        && strstr(why, text))
                CHECK(!is_only_secret(text));
}

static void check_why(const char *why) {
        CHECK(why && *why && fuzz_is_clean(why, strlen(why), false));
        for (size_t i = 0; i < json_array_size(scene.answers); i++) {
                const json_t *answer = json_array_get(scene.answers, i);

                check_secret(answer, "SecretAccessKey", why);
                check_secret(answer, "Token", why);
        }
}

static void on_credentials(int r, Credentials *credentials, const char *why, void *userdata) {
        (void) userdata;
        CHECK(!scene.over);
        scene.over = true;
        scene.r = r;
        if (r < 0) {
                CHECK(!credentials);
                check_why(why);
                return;
        }
        CHECK(credentials->access_key_id && fuzz_is_printable(credentials->access_key_id));
        CHECK(credentials->secret_access_key && credentials->session_token && credentials->origin);
        CHECK(credentials->expires_usec != TIME_INFINITY);
}

static void ask(CredentialsProvider *provider, sd_event *event) {
        scene.over = false;
        CHECK(credentials_fetch(provider, on_credentials, NULL) >= 0);
        for (unsigned i = 0; !scene.over; i++)
                CHECK(i < 1000 && sd_event_run(event, 0) >= 0);
}

/* Twice: what was kept from the first time counts in the second. */
static void play(const json_t *json) {
        static CredentialsContext context = { .user_agent = "fuzz", .retry = &numbers };
        const json_t *environment = json_object_get(json, "environment");
        const char *lines[VARIABLES_MAX + 1] = { NULL };
        CredentialsProvider *provider = NULL;
        EnvironmentList list;
        size_t n = 0;
        int r;

        if (!context.event) {
                CHECK(sd_event_new(&context.event) >= 0);
                CHECK(http_client_new(context.event, &context.http) >= 0);
                http_client_set_stand_in(context.http, answer_it, NULL);
        }
        for (size_t i = 0; i < json_array_size(environment) && n < VARIABLES_MAX; i++) {
                const char *line = json_string_value(json_array_get(environment, i));

                if (line && !strstr(line, "_FILE="))
                        lines[n++] = line;
        }
        list = environment_list(lines);
        context.environment = &list.environment;
        r = scene.is_container ? credentials_container_new(&context, &provider)
                               : credentials_imds_new(&context, &provider);
        CHECK(r >= 0);
        ask(provider, context.event);
        ask(provider, context.event);
        (void) credentials_provider_free(provider);
        context.environment = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_json_ json_t *json = NULL;

        if (json_read(data, size, &json) < 0)
                return 0;
        scene = (Scene){
                .answers = json_object_get(json, "answers"),
                .is_container = json_is_true(json_object_get(json, "container")),
        };
        play(json);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * resolve_credentials: the whole chain, or the profile's part of it, on the real environment and
 * files
 *
 * HTTP goes through whoever drives: each request is printed, and its answer read, as a line of
 * JSON. The clock stands still.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/client-config.h"
#include "aws/credentials-files.h"
#include "aws/credentials-source.h"
#include "driver.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

static int64_t standing_usec;

static int64_t standing_clock(void) {
        return standing_usec;
}

typedef struct Resolved {
        bool is_there;
        int error;
        Credentials credentials;
        char *why;
} Resolved;

static void on_resolved(int r, Credentials *credentials, const char *why, void *userdata) {
        Resolved *resolved = userdata;

        resolved->is_there = true;
        resolved->error = r;
        resolved->why = why ? strdup(why) : NULL;
        if (r >= 0) {
                resolved->credentials = *credentials;
                *credentials = (Credentials){ 0 };
        }
}

/*
 * HTTP, as lines.
 */

static json_t *headers_of(const HttpRequest *request) {
        json_t *headers = json_array();

        for (size_t i = 0; request->headers && request->headers[i]; i++) {
                const char *line = request->headers[i], *colon = strchr(line, ':');
                size_t n = colon ? (size_t) (colon - line) : strlen(line);

                (void) json_array_append_new(headers,
                                json_pack("[s%, s]", line, n,
                                                colon ? colon + 1 + strspn(colon + 1, " ") : ""));
        }
        return headers;
}

static int print_request(const HttpRequest *request) {
        json_t *line = json_pack("{s:{s:s, s:s, s:o, s:s%}}", "http_request", "method",
                        request->method, "url", request->url, "headers", headers_of(request),
                        "body", request->body ? (const char *) request->body : "",
                        request->body ? request->body_length : (size_t) 0);
        _cleanup_free_ char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

        json_decref(line);
        if (!text)
                return -ENOMEM;
        puts(text);
        return fflush(stdout) == 0 ? 0 : -EIO;
}

static int fill_headers(const json_t *in, HttpAnswer *answer) {
        const struct {
                const char *name;
                char **value;
        } kept[] = {
                { "x-amzn-errortype", &answer->error_type },
                { "x-amzn-requestid", &answer->request_id },
                { "date", &answer->date },
                { "retry-after", &answer->retry_after },
                { "x-amz-retry-after", &answer->x_amz_retry_after },
        };

        for (size_t i = 0; i < ELEMENTSOF(kept); i++) {
                const char *value = get_header(in, kept[i].name);

                if (!value)
                        continue;
                *kept[i].value = strdup(value);
                if (!*kept[i].value)
                        return -ENOMEM;
        }
        return 0;
}

static void fill_transport_error(const char *kind, HttpAnswer *answer) {
        answer->transport = strcasestr(kind, "timeout") || strcasestr(kind, "timed")
                        ? TRANSPORT_TIMEOUT
                        : TRANSPORT_CONNECTION;
        answer->unsent = true;
        (void) snprintf(answer->why, sizeof(answer->why), "%s", kind);
}

static int ask_driver(const HttpRequest *request, HttpAnswer *answer, void *userdata _unused_) {
        json_t *in = NULL;
        const json_t *body, *fault;
        char *line = NULL;
        size_t size = 0;
        ssize_t n;
        int r;

        r = print_request(request);
        if (r < 0)
                return r;
        n = getline(&line, &size, stdin);
        in = n > 0 ? json_loadb(line, (size_t) n, JSON_ALLOW_NUL, NULL) : NULL;
        free(line);
        if (!in)
                return -EIO;

        fault = json_object_get(in, "transport_error");
        if (fault && !json_is_null(fault)) {
                fill_transport_error(
                                json_is_string(fault) ? json_string_value(fault) : "connection",
                                answer);
                json_decref(in);
                return 0;
        }

        body = json_object_get(in, "body");
        answer->status = (int) json_integer_value(json_object_get(in, "status"));
        r = fill_headers(in, answer);
        if (r >= 0 && json_is_string(body))
                r = buffer_append(&answer->body, json_string_value(body), json_string_length(body));
        if (r == -EFBIG) {
                answer->too_large = true;
                (void) snprintf(answer->why, sizeof(answer->why), "the answer is too long");
                r = 0;
        }
        json_decref(in);
        return r;
}

/*
 * The world of one question.
 */

/* The profile's; a new string, or NULL. */
static char *region_of_profile(void) {
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };
        _cleanup_buffer_ Buffer missing = { 0 }, why = { 0 };
        _cleanup_profiles_ Profiles profiles = { 0 };
        const char *region;

        if (profile_locations_resolve(&environment_process, true, &locations) < 0
                        || credentials_files_read(&environment_process, &locations, FILE_TRUST_ANY,
                                           &profiles, &missing, &why)
                                        < 0)
                return NULL;
        region = profiles_text(&profiles, locations.profile, "region");
        return region ? strdup(region) : NULL;
}

static RegionId region_of(void) {
        _cleanup_free_ char *of_profile = region_of_profile();
        const char *names[] = {
                environment_text(&environment_process, "AWS_REGION"),
                environment_text(&environment_process, "AWS_DEFAULT_REGION"),
                of_profile,
        };
        RegionId region;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (names[i] && region_intern(names[i], &region) >= 0)
                        return region;
        return region_find("us-east-1");
}

static json_t *format(const Resolved *resolved) {
        const Credentials *credentials = &resolved->credentials;
        json_t *out;

        if (resolved->error < 0)
                return answer_error(resolved->why ? resolved->why : strerror(-resolved->error));
        out = json_pack("{s:s, s:s, s:s?}", "access_key_id", credentials->access_key_id,
                        "secret_access_key", secret_reveal(credentials->secret_access_key),
                        "session_token", secret_reveal(credentials->session_token));
        if (credentials->expires_usec == TIME_INFINITY)
                (void) json_object_set_new(out, "expiry", json_null());
        else
                (void) json_object_set_new(out, "expiry",
                                json_integer(credentials->expires_usec / USEC_PER_SEC));
        if (credentials->account_id)
                (void) json_object_set_new(out, "account_id", json_string(credentials->account_id));
        return json_pack("{s:o}", "credentials", out);
}

static json_t *resolve(const CredentialsContext *context, bool is_profile) {
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Resolved resolved = { 0 };
        json_t *out;
        int r;

        r = is_profile ? credentials_shared_profile_new(context, &provider)
                       : credentials_chain_new(context, &provider);
        if (r >= 0)
                r = credentials_fetch(provider, on_resolved, &resolved);
        while (r >= 0 && !resolved.is_there)
                r = sd_event_run(context->event, UINT64_MAX);

        out = r < 0 ? answer_error(strerror(-r)) : format(&resolved);
        credentials_done(&resolved.credentials);
        free(resolved.why);
        return out;
}

json_t *op_resolve_credentials(const json_t *in) {
        Source source = { .name = (char *) "driver", .region = region_of() };
        _cleanup_(http_client_freep) HttpClient *http = NULL;
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        const char *provider = get_text(in, "provider", "default");
        const json_t *now = json_object_get(in, "now");
        RetryNumbers retry = retry_standard;
        _cleanup_free_ char *why = NULL;
        ClientConfig config = { 0 };
        CredentialsContext context;
        int64_t skew_usec = 0;
        json_t *out;

        if (!streq(provider, "default") && !streq(provider, "profile"))
                return answer_unsupported("the provider is neither default nor profile");
        if (sd_event_new(&event) < 0 || http_client_new(event, &http) < 0)
                return NULL;
        if (json_is_number(now)) {
                standing_usec = (int64_t) (json_number_value(now) * (double) USEC_PER_SEC);
                time_set_source(standing_clock, NULL);
        }
        retry.base_transient_usec = retry.base_throttling_usec = 0;
        http_client_set_stand_in(http, ask_driver, NULL);

        if (client_config_load(&source, &environment_process, false, &config, &why) < 0)
                out = answer_error(why ? why : "no configuration");
        else {
                context = (CredentialsContext){
                        .event = event,
                        .http = http,
                        .environment = &environment_process,
                        .region = region_name(source.region),
                        .sts_url = config.endpoints[AWS_SERVICE_STS].url,
                        .metadata_endpoint = config.metadata_endpoint,
                        .metadata_endpoint_mode = config.metadata_endpoint_mode,
                        .session_name = "auditshared-driver",
                        .ca_bundle = config.ca_bundle,
                        .user_agent = config.user_agent,
                        .retry = &retry,
                        .skew_usec = &skew_usec,
                };
                out = resolve(&context, streq(provider, "profile"));
        }
        client_config_done(&config);
        time_set_source(NULL, NULL);
        return out;
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The client of one source
 *
 * What is fixed for its life: endpoints, user agent, retries. And the one place where requests
 * leave: a queue that is looked at from the event loop whenever anything changed, first for the
 * question who we are, then for the calls.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <time.h>

#include "aws/client-internal.h"
#include "aws/uri.h"
#include "model/version.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define ATTEMPTS_MAX 10

/* AWS accepts signatures of five minutes ago; clocks nearer than this are not what it complains of.
 */
#define SKEW_MIN (4 * USEC_PER_MINUTE)

/* An application id's length: https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html */
#define APP_ID_MAX 50

/*
 * The queue.
 */

void client_kick(AwsClient *client) {
        if (client->kick)
                (void) sd_event_source_set_enabled(client->kick, SD_EVENT_ONESHOT);
}

static Exchange *next_to_send(AwsClient *client) {
        Access *access = &client->access;

        if (client->is_dying)
                return NULL;
        if (!access->waiting_check.first && client->queue.first)
                access_prepare(client);
        if (access->waiting_check.first)
                return access->waiting_check.first;
        return access_is_open(client) ? client->queue.first : NULL;
}

static void client_dispatch(AwsClient *client) {
        Exchange *exchange;

        while ((exchange = next_to_send(client))) {
                int64_t wait_usec = pace_wait(&client->pace, monotonic_usec());

                if (wait_usec == TIME_INFINITY)
                        return;
                if (wait_usec > 0) {
                        (void) sd_event_source_set_time_relative(
                                        client->pace_timer, (uint64_t) wait_usec);
                        (void) sd_event_source_set_enabled(client->pace_timer, SD_EVENT_ONESHOT);
                        return;
                }
                exchange_send(exchange);
        }
}

static int on_kick(sd_event_source *source _unused_, void *userdata) {
        client_enter(userdata);
        client_dispatch(userdata);
        client_leave(userdata);
        return 0;
}

static int on_pace(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        client_progress(userdata);
        return on_kick(NULL, userdata);
}

void client_fail_waiting(AwsClient *client, const ApiOutcome *outcome) {
        ApiOutcome copy = *outcome;
        Exchange *exchange;

        /* Set apart first: a callback may call again, and that call is for another day. */
        assert(!client->doomed.first);
        client->doomed = client->queue;
        client->queue = (ExchangeList){ 0 };
        for (exchange = client->doomed.first; exchange; exchange = exchange->next)
                exchange->list = &client->doomed;

        while ((exchange = client->doomed.first)) {
                /* What an earlier attempt may have done is not undone by a later one that could not
                 * be made. */
                if (exchange->request.changes && exchange->maybe_processed)
                        copy.kind = OUTCOME_UNKNOWN;
                else
                        copy.kind = outcome->kind;
                exchange_finish(exchange, &copy, NULL);
        }
}

/*
 * The clock.
 */

int64_t client_now(const AwsClient *client) {
        return time_add(now_usec(), client->skew_usec);
}

bool client_learn_skew(AwsClient *client, int64_t signed_usec, const char *date) {
        int64_t theirs, skew;
        char text[128];

        if (!date || time_parse_http(date, &theirs) < 0 || llabs(theirs - signed_usec) <= SKEW_MIN)
                return false;

        /* Calls that were under way bring the same news once more. */
        skew = theirs - now_usec();
        if (llabs(skew - client->skew_usec) <= SKEW_MIN)
                return true;

        client->skew_usec = skew;
        (void) snprintf(text, sizeof(text), "signing %lld s %s this host's clock",
                        llabs(skew) / USEC_PER_SEC, skew < 0 ? "behind" : "ahead of");
        client_notice(client, CLIENT_NOTICE_CLOCK_SKEW, text);
        return true;
}

/*
 * What others want to know.
 */

void client_notice(AwsClient *client, ClientNotice notice, const char *detail) {
        if (client->notice)
                client->notice(client, notice, detail ? detail : "", client->userdata);
}

void client_progress(AwsClient *client) {
        client->progress_usec = monotonic_usec();
}

void client_count(AwsClient *client, const char *operation, const HttpAnswer *answer) {
        ClientCount count = { .operation = operation, .count = 1 };

        if (answer->transport == TRANSPORT_OK)
                (void) snprintf(count.code, sizeof(count.code), "%d", answer->status);
        else
                (void) snprintf(count.code, sizeof(count.code), "error");

        for (size_t i = 0; i < client->n_counts; i++)
                if (streq(client->counts[i].operation, operation)
                                && streq(client->counts[i].code, count.code)) {
                        client->counts[i].count++;
                        return;
                }
        /* Without memory the count of one request is lost, and nothing else. */
        if (ARRAY_RESERVE(client->counts, client->counts_capacity, client->n_counts + 1) >= 0)
                client->counts[client->n_counts++] = count;
}

const ClientCount *aws_client_counts(const AwsClient *client, size_t *ret_n) {
        *ret_n = client->n_counts;
        return client->counts;
}

uint64_t aws_client_retries(const AwsClient *client) {
        return client->retries;
}

int64_t aws_client_progress_usec(const AwsClient *client) {
        return client->progress_usec;
}

ShareService *aws_client_service(AwsClient *client) {
        return &client->service;
}

/*
 * What is read once, from the environment.
 */

static const char *environment(const char *name) {
        const char *value = getenv(name);

        return is_blank(value) ? NULL : value;
}

static const char *configured_url(AwsService service, const Source *source) {
        static const char *const variables[AWS_SERVICE_MAX] = {
                [AWS_SERVICE_AUDITMANAGER] = "AWS_ENDPOINT_URL_AUDITMANAGER",
                [AWS_SERVICE_STS] = "AWS_ENDPOINT_URL_STS",
        };
        const char *ignore = environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        const char *url = service == AWS_SERVICE_STS ? source->sts_endpoint_url
                                                     : source->endpoint_url;

        if (url || (ignore && strcasecmp(ignore, "true") == 0))
                return url;
        url = environment(variables[service]);
        return url ? url : environment("AWS_ENDPOINT_URL");
}

static int endpoint_take_apart(ClientEndpoint *endpoint, Buffer *url, const char **ret_why) {
        _cleanup_buffer_ Buffer host = { 0 };
        _cleanup_url_ Url parsed = { 0 };
        int r;

        r = url_parse(buffer_text(url), &parsed, ret_why);
        if (r >= 0)
                r = url_host_header(&parsed, &host);
        if (r < 0)
                return r;

        endpoint->url = buffer_steal(url);
        endpoint->host = buffer_steal(&host);
        endpoint->path = TAKE_PTR(parsed.path);
        return endpoint->url && endpoint->host && endpoint->path ? 0 : -ENOMEM;
}

static int endpoint_init(AwsClient *client, AwsService service, char **reterr_why) {
        const Source *source = client->source;
        EndpointOptions options = {
                .region = region_name(source->region),
                .use_fips = source->use_fips_endpoint,
                .use_dualstack = source->use_dualstack_endpoint,
                .override_url = configured_url(service, source),
        };
        _cleanup_buffer_ Buffer url = { 0 };
        const char *why = NULL;
        int r;

        r = endpoint_resolve(service, &options, &url, &why);
        if (r >= 0)
                r = endpoint_take_apart(&client->endpoints[service], &url, &why);
        if (r != -EINVAL)
                return r;

        if (asprintf(reterr_why, "the endpoint of %s%s%s cannot be used: %s",
                            aws_service_name(service), options.override_url ? ", " : "",
                            options.override_url ? options.override_url : "",
                            why ? why : "not valid")
                        < 0) {
                *reterr_why = NULL;
                return -ENOMEM;
        }
        return r;
}

/* A user agent's words are RFC 9110 tokens; an application id is the operator's text. */
static void add_word(Buffer *out, const char *text, size_t max) {
        for (size_t i = 0; i < max && text[i]; i++) {
                const char c = text[i];
                bool fits = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                                || (c >= 'a' && c <= 'z') || strchr("!$%&'*+-.^_`|~", c);

                (void) buffer_append(out, fits ? &c : "-", 1);
        }
}

/* In the form of the SDKs' user agents, so that what reads theirs can read ours. */
static int user_agent_init(AwsClient *client) {
        const char *app_id = environment("AWS_SDK_UA_APP_ID");
        Buffer text = { 0 };
        struct utsname system;

        (void) buffer_addf(&text, "auditshared/%s md/libcurl#%s os/linux", AUDITSHARED_VERSION,
                        http_library_version());
        if (uname(&system) >= 0) {
                (void) buffer_add(&text, "#");
                add_word(&text, system.release, APP_ID_MAX);
        }
        (void) buffer_add(&text, " lang/c cfg/retry-mode#standard");
        if (app_id) {
                (void) buffer_add(&text, " app/");
                add_word(&text, app_id, APP_ID_MAX);
        }
        if (buffer_status(&text) < 0) {
                buffer_done(&text);
                return -ENOMEM;
        }

        client->user_agent = buffer_steal(&text);
        return client->user_agent ? 0 : -ENOMEM;
}

static int ca_bundle_init(AwsClient *client) {
        const char *bundle = client->source->ca_bundle ? client->source->ca_bundle
                                                       : environment("AWS_CA_BUNDLE");

        if (!bundle)
                return 0;
        client->ca_bundle = strdup(bundle);
        return client->ca_bundle ? 0 : -ENOMEM;
}

static void retries_init(AwsClient *client, const RetryNumbers *numbers) {
        const char *text = environment("AWS_MAX_ATTEMPTS");
        uint64_t attempts;

        client->retry_numbers = numbers ? *numbers : retry_standard;
        if (text && parse_uint(text, ATTEMPTS_MAX, &attempts) >= 0 && attempts > 0)
                client->retry_numbers.max_attempts = (unsigned) attempts;
        client->quota.tokens = client->quota.capacity = client->retry_numbers.tokens;
}

static int sources_init(AwsClient *client) {
        int r;

        r = sd_event_add_defer(client->event, &client->kick, on_kick, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->kick, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time_relative(client->event, &client->pace_timer, CLOCK_MONOTONIC,
                                0, USEC_PER_MSEC, on_pace, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->pace_timer, SD_EVENT_OFF);
        return r;
}

int aws_client_new(const ClientOptions *options, AwsClient **ret, char **reterr_why) {
        _cleanup_(aws_client_freep) AwsClient *client = NULL;
        int r;

        assert(options && options->event && options->http && options->source && options->limits
                        && ret && reterr_why);

        client = malloc(sizeof(*client));
        if (!client)
                return -ENOMEM;
        *client = (AwsClient){
                .service = { .call = client_call, .cancel = client_cancel },
                .event = sd_event_ref(options->event),
                .http = options->http,
                .source = options->source,
                .notice = options->notice,
                .userdata = options->userdata,
                .is_service = options->is_service,
                .timeout_sec = options->timeout_sec,
        };
        pace_set(&client->pace, options->limits->requests_per_second, options->limits->concurrency);
        retries_init(client, options->retry);

        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++) {
                r = endpoint_init(client, service, reterr_why);
                if (r < 0)
                        return r;
        }
        r = ca_bundle_init(client);
        if (r >= 0)
                r = user_agent_init(client);
        if (r >= 0)
                r = signer_new(&client->signer);
        if (r >= 0)
                r = access_init(client);
        if (r >= 0)
                r = sources_init(client);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(client);
        return 0;
}

static void client_destroy(AwsClient *client) {
        access_done(client);
        (void) sd_event_source_disable_unref(client->kick);
        (void) sd_event_source_disable_unref(client->pace_timer);
        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++) {
                free(client->endpoints[service].url);
                free(client->endpoints[service].host);
                free(client->endpoints[service].path);
        }
        (void) signer_free(client->signer);
        /* The session token is part of what was signed. */
        erase(client->signature.canonical_request.data,
                        client->signature.canonical_request.capacity);
        signature_done(&client->signature);
        buffer_done(&client->headers.text);
        buffer_done(&client->url);
        buffer_done(&client->path);
        free(client->ca_bundle);
        free(client->user_agent);
        free(client->counts);
        (void) sd_event_unref(client->event);
        free(client);
}

void client_enter(AwsClient *client) {
        client->depth++;
}

void client_leave(AwsClient *client) {
        client->depth--;
        if (client->depth == 0 && client->is_dying)
                client_destroy(client);
}

AwsClient *aws_client_free(AwsClient *client) {
        if (!client)
                return NULL;

        client_free_calls(client);
        if (client->depth > 0)
                client->is_dying = true;
        else
                client_destroy(client);
        return NULL;
}

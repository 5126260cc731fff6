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
#include "aws/skew.h"
#include "aws/uri.h"
#include "model/version.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

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

int64_t client_skew_usec(const ShareService *service) {
        return ((const AwsClient *) service)->skew_usec;
}

void client_say_skew(AwsClient *client) {
        char text[128];

        if (client->skew_usec == client->said_skew_usec)
                return;
        client->said_skew_usec = client->skew_usec;
        (void) snprintf(text, sizeof(text), "signing %lld s %s this host's clock",
                        llabs(client->skew_usec) / USEC_PER_SEC,
                        client->skew_usec < 0 ? "behind" : "ahead of");
        client_notice(client, CLIENT_NOTICE_CLOCK_SKEW, text);
}

bool client_learn_skew(AwsClient *client, int64_t signed_usec, const char *date) {
        SkewVerdict verdict = skew_learn(date, signed_usec, now_usec(), &client->skew_usec);

        client_say_skew(client);
        return verdict != SKEW_NONE;
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

const char *aws_client_credentials_origin(const AwsClient *client, int64_t *ret_expires_usec) {
        const Credentials *current = &client->access.current;

        *ret_expires_usec = current->access_key_id ? current->expires_usec : TIME_UNKNOWN;
        return current->access_key_id ? current->origin : NULL;
}

const ClientConfig *aws_client_config(const AwsClient *client) {
        return &client->config;
}

int64_t aws_client_progress_usec(const AwsClient *client) {
        return client->progress_usec;
}

ShareService *aws_client_service(AwsClient *client) {
        return &client->service;
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
                .service = { .call = client_call,
                                .cancel = client_cancel,
                                .skew_usec = client_skew_usec },
                .event = sd_event_ref(options->event),
                .http = options->http,
                .source = options->source,
                .notice = options->notice,
                .userdata = options->userdata,
                .is_service = options->is_service,
                .timeout_sec = options->timeout_sec,
        };
        pace_set(&client->pace, options->limits->requests_per_second, options->limits->concurrency);

        r = client_config_load(client->source, &environment_process, client->is_service,
                        &client->config, reterr_why);
        if (r < 0)
                return r;
        if (options->retry)
                client->config.retry = *options->retry;
        client->quota.tokens = client->quota.capacity = client->config.retry.tokens;
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
        client_config_done(&client->config);
        (void) signer_free(client->signer);
        header_lines_wipe_signature(&client->signature);
        header_lines_done(&client->headers);
        buffer_done(&client->url);
        buffer_done(&client->path);
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

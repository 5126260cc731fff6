/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Exchanges: one request, from the queue to its final outcome
 *
 * One question rules here: may an attempt that failed have been carried out all the same? A share
 * that is started twice annoys a person, so a request that must not be repeated ends as soon as the
 * answer is not a plain no, and its outcome is then unknown. What can be repeated is tried again as
 * the SDKs do it. Before that, two kinds of refusals are put right, once each: an answer that our
 * clock is wrong, and one that our credentials are.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "aws/client-internal.h"
#include "util/mem.h"
#include "util/random.h"
#include "util/time.h"

static void list_remove(Exchange *exchange) {
        ExchangeList *list = exchange->list;

        if (!list)
                return;
        *(exchange->previous ? &exchange->previous->next : &list->first) = exchange->next;
        *(exchange->next ? &exchange->next->previous : &list->last) = exchange->previous;
        exchange->list = NULL;
        exchange->previous = exchange->next = NULL;
}

static void list_append(Exchange *exchange, ExchangeList *list) {
        assert(!exchange->list);

        exchange->list = list;
        exchange->previous = list->last;
        *(list->last ? &list->last->next : &list->first) = exchange;
        list->last = exchange;
}

static void list_prepend(Exchange *exchange, ExchangeList *list) {
        assert(!exchange->list);

        exchange->list = list;
        exchange->next = list->first;
        *(list->first ? &list->first->previous : &list->last) = exchange;
        list->first = exchange;
}

static bool is_check(const Exchange *exchange) {
        return exchange == &exchange->client->access.check;
}

/* What was sent before goes before what has only been asked for: an order that callers count on. */
static void enqueue_again(Exchange *exchange) {
        AwsClient *client = exchange->client;

        list_prepend(exchange, is_check(exchange) ? &client->access.waiting_check : &client->queue);
        client_kick(client);
}

/*
 * What a failed attempt means.
 */

typedef struct Failure {
        const HttpAnswer *answer;
        ApiError error;
        RetryClass class;
        OutcomeKind kind; /* what it comes to if nothing more is done */
        bool is_refusal; /* certainly not carried out */
} Failure;

static bool is_redirect(const HttpAnswer *answer) {
        return answer->transport == TRANSPORT_OK && answer->status >= 300 && answer->status < 400;
}

static bool is_client_error(const HttpAnswer *answer) {
        return answer->transport == TRANSPORT_OK && answer->status >= 400 && answer->status < 500;
}

static OutcomeKind failure_kind(const Failure *failure) {
        const HttpAnswer *answer = failure->answer;
        OutcomeKind kind;

        if (answer->too_large)
                return OUTCOME_UNREADABLE;
        if (failure->class == RETRY_CLASS_THROTTLING)
                return OUTCOME_THROTTLED;
        if (failure->class == RETRY_CLASS_TRANSIENT)
                return OUTCOME_UNREACHABLE;
        if (is_redirect(answer))
                return OUTCOME_ERROR;

        kind = api_error_outcome(answer->status, failure->error.code, failure->error.message);
        return kind == OUTCOME_UNKNOWN ? OUTCOME_ERROR : kind;
}

static bool failure_is_refusal(const Failure *failure) {
        const HttpAnswer *answer = failure->answer;

        if (answer->unsent)
                return true;
        if (answer->too_large || answer->transport != TRANSPORT_OK)
                return false;
        if (failure->class != RETRY_CLASS_NONE)
                return failure->class == RETRY_CLASS_THROTTLING;
        return is_client_error(answer)
                        && api_error_outcome(answer->status, failure->error.code,
                                           failure->error.message)
                        != OUTCOME_UNKNOWN;
}

static Failure read_failure(const Exchange *exchange, const HttpAnswer *answer) {
        Failure failure = { .answer = answer };
        const void *body = buffer_text(&answer->body);

        if (answer->transport == TRANSPORT_OK && !answer->too_large) {
                if (exchange->request.service == AWS_SERVICE_STS)
                        api_error_from_xml(body, answer->body.length, &failure.error);
                else
                        api_error_from_json(answer->error_type, body, answer->body.length,
                                        &failure.error);
        }
        if (!answer->too_large && !is_redirect(answer))
                failure.class = api_error_retry_class(
                                answer->transport, answer->status, failure.error.code);
        failure.kind = failure_kind(&failure);
        if (failure.kind == OUTCOME_CREDENTIALS)
                api_error_cut_secrets(&failure.error);
        failure.is_refusal = failure_is_refusal(&failure);
        return failure;
}

static void describe(const Failure *failure, OutcomeKind kind, unsigned attempts, ApiOutcome *ret) {
        const HttpAnswer *answer = failure->answer;
        char text[OUTCOME_MESSAGE_MAX + 64], tried[32] = "";

        if (attempts > 1)
                (void) snprintf(tried, sizeof(tried), " (%u attempts)", attempts);
        if (answer->why[0])
                (void) snprintf(text, sizeof(text), "%s%s", answer->why, tried);
        else if (is_redirect(answer))
                (void) snprintf(text, sizeof(text), "HTTP %d: a redirect, which is not followed",
                                answer->status);
        else if (failure->error.message[0])
                (void) snprintf(text, sizeof(text), "%s%s", failure->error.message, tried);
        else
                (void) snprintf(text, sizeof(text), "HTTP %d%s%s%s", answer->status,
                                failure->error.code[0] ? ": " : "", failure->error.code, tried);

        *ret = (ApiOutcome){ .http_status = answer->status };
        outcome_set(ret, kind, text);
        (void) snprintf(ret->code, sizeof(ret->code), "%s", failure->error.code);
        if (answer->request_id)
                (void) snprintf(ret->request_id, sizeof(ret->request_id), "%.*s",
                                (int) sizeof(ret->request_id) - 1, answer->request_id);
}

/*
 * Putting right, and trying again. Each is safe for any request: the answer was a refusal.
 */

static bool put_right(Exchange *exchange, const Failure *failure) {
        AwsClient *client = exchange->client;

        if (!is_client_error(failure->answer))
                return false;

        if (!exchange->has_corrected_clock && api_error_may_be_skew(failure->error.code)
                        && client_learn_skew(
                                        client, exchange->signed_usec, failure->answer->date)) {
                exchange->has_corrected_clock = true;
                return true;
        }

        /* A key that was rotated is refused by other names than an expired token, and is cured
         * alike. */
        if (!exchange->has_renewed && !is_check(exchange)
                        && (failure->kind == OUTCOME_CREDENTIALS
                                        || api_error_is_expired_credentials(failure->error.code))) {
                exchange->has_renewed = true;
                access_refuse(client, exchange->credentials_serial);
                return true;
        }
        return false;
}

static int on_delay(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Exchange *exchange = userdata;

        exchange->timer = sd_event_source_disable_unref(exchange->timer);
        client_progress(exchange->client);
        enqueue_again(exchange);
        return 0;
}

static int delay(Exchange *exchange, int64_t delay_usec) {
        return sd_event_add_time_relative(exchange->client->event, &exchange->timer,
                        CLOCK_MONOTONIC, (uint64_t) delay_usec, USEC_PER_MSEC, on_delay, exchange);
}

static RetryVerdict ask_retry(Exchange *exchange,
                const RetryAnswer *answer,
                int64_t *ret_delay_usec) {
        AwsClient *client = exchange->client;

        return retry_next(&client->config.retry, &client->quota, &exchange->retry, answer,
                        random_unit(), ret_delay_usec);
}

static bool try_again(Exchange *exchange, const Failure *failure) {
        RetryAnswer answer = {
                .class = failure->class,
                .timeout = failure->answer->transport == TRANSPORT_TIMEOUT,
                .retry_after_usec = retry_after_parse(
                                failure->answer->retry_after, failure->answer->x_amz_retry_after),
        };
        int64_t delay_usec;

        return ask_retry(exchange, &answer, &delay_usec) == RETRY_AGAIN
                        && delay(exchange, delay_usec) >= 0;
}

static void end_attempt(Exchange *exchange) {
        exchange->http = http_call_free(exchange->http);
}

static void on_failure(Exchange *exchange, const HttpAnswer *answer) {
        AwsClient *client = exchange->client;
        Failure failure = read_failure(exchange, answer);
        OutcomeKind kind = failure.kind;
        ApiOutcome outcome;

        exchange->maybe_processed = exchange->maybe_processed || !failure.is_refusal;
        if (put_right(exchange, &failure)) {
                client->retries++;
                end_attempt(exchange);
                enqueue_again(exchange);
                return;
        }

        if ((exchange->request.may_repeat || failure.is_refusal) && try_again(exchange, &failure)) {
                client->retries++;
                end_attempt(exchange);
                return;
        }

        /* A plain no to the last attempt is an answer; anything less says nothing about the
         * attempts before it. */
        if (exchange->request.changes && exchange->maybe_processed
                        && (!failure.is_refusal || failure.class != RETRY_CLASS_NONE))
                kind = OUTCOME_UNKNOWN;
        describe(&failure, kind, exchange->attempts, &outcome);
        if (kind == OUTCOME_CREDENTIALS && !is_check(exchange)) {
                access_refuse(client, exchange->credentials_serial);
                access_say_lost(client, outcome.message);
        }
        exchange_finish(exchange, &outcome, NULL);
}

static void on_success(Exchange *exchange, const HttpAnswer *answer) {
        RetryAnswer success = { .success = true };
        ApiOutcome outcome = { .kind = OUTCOME_OK, .http_status = answer->status };
        int64_t delay_usec;

        (void) ask_retry(exchange, &success, &delay_usec);
        if (answer->request_id)
                (void) snprintf(outcome.request_id, sizeof(outcome.request_id), "%.*s",
                                (int) sizeof(outcome.request_id) - 1, answer->request_id);
        exchange_finish(exchange, &outcome, answer);
}

static void on_answer(HttpCall *call _unused_, const HttpAnswer *answer, void *userdata) {
        Exchange *exchange = userdata;
        AwsClient *client = exchange->client;

        client_enter(client);
        exchange->in_flight = false;
        pace_end(&client->pace);
        client_progress(client);
        client_count(client, exchange->request.operation, answer);
        client_kick(client);

        if (answer->transport == TRANSPORT_OK && !answer->too_large && answer->status >= 200
                        && answer->status < 300)
                on_success(exchange, answer);
        else
                on_failure(exchange, answer);
        client_leave(client);
}

/*
 * The life of an exchange.
 */

void exchange_init(Exchange *exchange,
                AwsClient *client,
                const ExchangeRequest *request,
                ExchangeCallback callback,
                void *userdata) {
        Uuid id;

        random_bytes(&id, sizeof(id));
        /* RFC 9562, version 4. */
        id.bytes[6] = (uint8_t) ((id.bytes[6] & 0x0f) | 0x40);
        id.bytes[8] = (uint8_t) ((id.bytes[8] & 0x3f) | 0x80);

        *exchange = (Exchange){
                .client = client,
                .request = *request,
                .callback = callback,
                .userdata = userdata,
        };
        (void) uuid_format(&id, exchange->invocation_id);
}

void exchange_enqueue(Exchange *exchange, ExchangeList *list) {
        list_append(exchange, list);
        client_kick(exchange->client);
}

void exchange_send(Exchange *exchange) {
        AwsClient *client = exchange->client;
        Access *access = &client->access;
        ApiOutcome outcome = { 0 };
        char text[128];
        int r;

        list_remove(exchange);
        exchange->attempts++;
        exchange->credentials_serial = access->serial;
        r = client_sign_and_send(
                        exchange, is_check(exchange) ? &access->next : &access->current, on_answer);
        if (r >= 0) {
                exchange->in_flight = true;
                pace_begin(&client->pace, monotonic_usec());
                return;
        }

        (void) snprintf(text, sizeof(text), "the request cannot be sent: %s", strerror(-r));
        outcome_set(&outcome,
                        exchange->request.changes && exchange->maybe_processed
                                        ? OUTCOME_UNKNOWN
                                        : OUTCOME_UNREACHABLE,
                        text);
        exchange_finish(exchange, &outcome, NULL);
}

void exchange_finish(Exchange *exchange, const ApiOutcome *outcome, const HttpAnswer *answer) {
        list_remove(exchange);
        exchange->callback(exchange, outcome, answer, exchange->userdata);
}

void exchange_done(Exchange *exchange) {
        AwsClient *client = exchange->client;

        if (!client)
                return;
        list_remove(exchange);
        if (exchange->in_flight) {
                pace_end(&client->pace);
                client_kick(client);
        }
        (void) sd_event_source_disable_unref(exchange->timer);
        end_attempt(exchange);
        *exchange = (Exchange){ 0 };
}

bool exchange_may_have_been_processed(const Exchange *exchange) {
        return exchange->maybe_processed
                        || (exchange->http && http_call_may_have_been_sent(exchange->http));
}

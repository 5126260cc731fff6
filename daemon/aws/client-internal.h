#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The parts of a client
 *
 * client.c            the whole: what is fixed for its life, the queue, the counters
 * client-call.c       a ShareCall: an operation of Audit Manager out, its result in
 * client-exchange.c   a request from the queue to its final outcome: attempts, corrections, retries
 * client-sign.c       one attempt as bytes: URL, headers, signature
 * client-identity.c   access: credentials, and the proof that they are the right account's
 * client-pace.c       how many, how fast
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "aws/api-error.h"
#include "aws/client-config.h"
#include "aws/client-pace.h"
#include "aws/client.h"
#include "aws/credentials-refresh.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/header-lines.h"
#include "aws/http.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "model/identifiers.h"
#include "model/outcome.h"
#include "model/share-service.h"
#include "util/buffer.h"

typedef struct Exchange Exchange;

typedef struct ExchangeList {
        Exchange *first, *last;
} ExchangeList;

/* What is to be asked. Strings and body are borrowed, and live as long as the exchange. */
typedef struct ExchangeRequest {
        AwsService service;
        const char *operation; /* static */
        const char *method;
        const char *path; /* without the endpoint's prefix */
        const char *query; /* "" for none */
        const char *content_type; /* of the body; NULL where there is none */
        const void *body;
        size_t body_length;
        bool may_repeat; /* doing it twice is as doing it once */
        bool changes; /* it is no mere question */
        size_t answer_max; /* 0: HTTP_ANSWER_MAX */
} ExchangeRequest;

/* Runs once, at the end. `answer` is that of a 2xx, else NULL. The exchange may be done away with
 * in it. */
typedef void (*ExchangeCallback)(Exchange *exchange,
                const ApiOutcome *outcome,
                const HttpAnswer *answer,
                void *userdata);

/* Embedded; all zero is one that has ended or has not begun. */
struct Exchange {
        AwsClient *client;
        ExchangeRequest request;
        ExchangeCallback callback;
        void *userdata;

        ExchangeList *list; /* that it waits in; NULL: in none */
        Exchange *previous, *next;
        HttpCall *http; /* the attempt under way, or the one whose answer is being looked at */
        bool in_flight;
        sd_event_source *timer; /* the pause before the next one */

        char invocation_id[UUID_TEXT_MAX]; /* the same in all attempts, for AWS to tell them from
                                              calls */
        unsigned attempts; /* begun */
        RetryState retry;
        int64_t signed_usec; /* the time that the attempt was signed with */
        uint64_t credentials_serial; /* the credentials it was signed with */
        bool has_renewed; /* credentials were fetched anew for it */
        bool has_corrected_clock; /* the signing time was corrected for it */
        bool maybe_processed; /* an attempt may have been carried out */
};

void exchange_init(Exchange *exchange,
                AwsClient *client,
                const ExchangeRequest *request,
                ExchangeCallback callback,
                void *userdata);

/* Puts it at the end of a list, to be sent when its turn comes. */
void exchange_enqueue(Exchange *exchange, ExchangeList *list);

/* Sends it now: pace and credentials have been seen to. May end it. */
void exchange_send(Exchange *exchange);

/* Ends it with an outcome; takes it out of its list. */
void exchange_finish(Exchange *exchange, const ApiOutcome *outcome, const HttpAnswer *answer);

/* Drops it, and what is under way with it; the callback never runs. */
void exchange_done(Exchange *exchange);

/* Whether any attempt may have been carried out, the one under way among them. */
bool exchange_may_have_been_processed(const Exchange *exchange);

/* https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
#define ROLE_SESSION_NAME_MAX 64

/* Credentials and identity. What is in `current` has been proven to be the source's account. */
typedef struct Access {
        CredentialsProvider *provider;
        Credentials current;
        Credentials next; /* fetched, not proven yet */
        uint64_t serial; /* of current */
        bool stale; /* current may be used no more */
        bool fetching;
        Exchange check; /* GetCallerIdentity with `next` */
        ExchangeList waiting_check;

        RefreshTimes refresh; /* wall clock: of current */
        int64_t not_before_usec; /* monotonic: after a refresh that failed */

        bool wrong; /* the credentials are another account's */
        char wrong_why[OUTCOME_MESSAGE_MAX];
        int64_t wrong_until_usec; /* monotonic */

        bool lost; /* CREDENTIALS_LOST was the last that was said */
        char *said_origin; /* of what was last signed in with */
        uint64_t odd_said; /* hash of what was last said about sources that were passed over */
} Access;

int access_init(AwsClient *client);
void access_done(AwsClient *client);

/* Sees to it that credentials are there or on their way; ends the waiting calls where they can be
 * none. */
void access_prepare(AwsClient *client);

/* Whether calls may be signed with access.current. */
bool access_is_open(const AwsClient *client);

/* AWS refused the credentials of that serial: no more calls are signed with them. */
void access_refuse(AwsClient *client, uint64_t serial);
void access_say_lost(AwsClient *client, const char *why);
void access_say_works(AwsClient *client);

struct AwsClient {
        ShareService service; /* first: what callers hold is this */
        sd_event *event;
        HttpClient *http;
        const Source *source;
        ClientNoticeCallback notice;
        void *userdata;
        bool is_service;

        ClientConfig config;
        CredentialsContext credentials_context;
        char session_name[ROLE_SESSION_NAME_MAX + 1];
        unsigned timeout_sec;

        Pace pace;
        RetryQuota quota;
        int64_t skew_usec; /* added to this host's clock for signing, and for what is remembered */
        int64_t said_skew_usec; /* what the notice was about */
        Access access;
        ExchangeList queue, doomed;
        ShareCall *calls;
        sd_event_source *kick, *pace_timer;
        unsigned depth; /* of our functions that callbacks may return into */
        bool is_dying; /* freed from within one of these callbacks */

        Signer *signer;
        Signature signature;
        HeaderLines headers;
        Buffer url, path;

        ClientCount *counts;
        size_t n_counts, counts_capacity;
        uint64_t retries;
        int64_t progress_usec;
};

/* Around whatever may run a callback of our user's: the client is still there on the way back, even
 * if it was freed. */
void client_enter(AwsClient *client);
void client_leave(AwsClient *client);

/* Has the queue looked at, from the event loop. */
void client_kick(AwsClient *client);

/* Ends all calls that wait in the queue. */
void client_fail_waiting(AwsClient *client, const ApiOutcome *outcome);

/* The wall clock as AWS has it, as far as is known. */
int64_t client_now(const AwsClient *client);

/*
 * Whether the date of an answer shows that the signing time was wrong; the client's correction is
 * then right for the next attempt.
 */
bool client_learn_skew(AwsClient *client, int64_t signed_usec, const char *date);

/* Says what was corrected, here or on the way to a role, once. */
void client_say_skew(AwsClient *client);

void client_progress(AwsClient *client);
void client_count(AwsClient *client, const char *operation, const HttpAnswer *answer);
void client_notice(AwsClient *client, ClientNotice notice, const char *detail);

/* Signs and begins one attempt; exchange->http is then the call. 0 or a negative errno. */
int client_sign_and_send(Exchange *exchange, const Credentials *credentials, HttpCallback callback);

int client_call(ShareService *service,
                const ApiRequest *request,
                ShareCallback callback,
                void *userdata,
                ShareCall **ret);
bool client_cancel(ShareCall *call);
int64_t client_skew_usec(const ShareService *service);
void client_free_calls(AwsClient *client);

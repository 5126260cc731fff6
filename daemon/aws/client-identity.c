/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Access: credentials, and the proof whose they are
 *
 * Fetched credentials are `next` until GetCallerIdentity, signed with them, has answered the
 * source's account; only then do they become `current`, and nothing but that one question is ever
 * signed with any others. So neither a rotated file nor a forgotten environment variable can direct
 * a single call at another account.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client-internal.h"
#include "aws/credentials-refresh.h"
#include "aws/credentials-source.h"
#include "aws/question.h"
#include "aws/sts-answer.h"
#include "util/hash.h"
#include "util/mem.h"
#include "util/random.h"
#include "util/string-util.h"
#include "util/time.h"

/* Between two attempts to refresh credentials that still work, and two looks at an identity that
 * was wrong. */
#define REFRESH_AGAIN USEC_PER_MINUTE
#define WRONG_AGAIN   USEC_PER_MINUTE

/* An identity is a few hundred bytes. */
#define STS_BODY "Action=GetCallerIdentity&Version=2011-06-15"

static const ExchangeRequest caller_identity = {
        .service = AWS_SERVICE_STS,
        .operation = "GetCallerIdentity",
        .method = "POST",
        .path = "/",
        .query = "",
        .content_type = "application/x-www-form-urlencoded; charset=utf-8",
        .body = STS_BODY,
        .body_length = sizeof(STS_BODY) - 1,
        .may_repeat = true,
        .answer_max = QUESTION_ANSWER_MAX,
};

void access_say_lost(AwsClient *client, const char *why) {
        if (client->access.lost)
                return;
        client->access.lost = true;
        client_notice(client, CLIENT_NOTICE_CREDENTIALS_LOST, why);
}

void access_say_works(AwsClient *client) {
        if (!client->access.lost)
                return;
        client->access.lost = false;
        client_notice(client, CLIENT_NOTICE_CREDENTIALS_BACK, client->access.current.origin);
}

/* The same oddity is worth saying once, until there has been none. */
static void say_odd(AwsClient *client, const char *why) {
        uint64_t hash = why ? hash_stable(HASH_STABLE_SEED, why, strlen(why)) : 0;

        if (hash == client->access.odd_said)
                return;
        client->access.odd_said = hash;
        if (why)
                client_notice(client, CLIENT_NOTICE_CREDENTIALS_ODD, why);
}

void access_refuse(AwsClient *client, uint64_t serial) {
        /* Calls signed before the last exchange of credentials tell nothing about those there are
         * now. */
        if (serial == client->access.serial)
                client->access.stale = true;
}

static bool is_usable(const AwsClient *client, int64_t now) {
        const Access *access = &client->access;

        return access->current.access_key_id && !access->stale
                        && now < access->refresh.mandatory_usec;
}

bool access_is_open(const AwsClient *client) {
        return is_usable(client, client_now(client));
}

/*
 * Ends this attempt to get credentials. What there was before goes on where it still can, up to the
 * very end of its life; else whoever waits hears why.
 */
static void access_fail(AwsClient *client, const ApiOutcome *outcome) {
        Access *access = &client->access;
        int64_t now = client_now(client);

        credentials_done(&access->next);
        access->not_before_usec = monotonic_usec() + REFRESH_AGAIN;
        if (access->current.access_key_id && !access->stale && now < access->refresh.end_usec) {
                access->refresh.mandatory_usec = access->refresh.end_usec;
                client_kick(client);
                return;
        }

        if (outcome->kind == OUTCOME_CREDENTIALS)
                access_say_lost(client, outcome->message);
        client_fail_waiting(client, outcome);
}

static void access_fail_text(AwsClient *client, OutcomeKind kind, const char *text) {
        ApiOutcome outcome = { 0 };

        outcome_set(&outcome, kind, text);
        access_fail(client, &outcome);
}

static void say_signed_in(AwsClient *client) {
        Access *access = &client->access;

        if (streq_null(access->said_origin, access->current.origin))
                return;
        free(access->said_origin);
        access->said_origin = NULL;
        /* Without memory it is said once more next time. */
        (void) text_copy(access->current.origin, &access->said_origin);
        client_notice(client, CLIENT_NOTICE_SIGNED_IN, access->current.origin);
}

static void access_accept(AwsClient *client) {
        Access *access = &client->access;

        credentials_done(&access->current);
        access->current = access->next;
        access->next = (Credentials){ 0 };
        access->serial++;
        access->wrong = false;
        access->stale = false;
        access->not_before_usec = 0;
        access->refresh = refresh_times(access->current.expires_usec, access->current.may_outlive,
                        client_now(client), random_unit());
        say_signed_in(client);
        client_kick(client);
}

static void fail_wrong(AwsClient *client) {
        ApiOutcome outcome = { 0 };

        outcome_set(&outcome, OUTCOME_WRONG_IDENTITY, client->access.wrong_why);
        client_fail_waiting(client, &outcome);
}

/* Another account: also what was proven before is not used any more, for somebody meant to replace
 * it. */
static void access_reject(AwsClient *client, AccountId account, const char *arn) {
        char theirs[ACCOUNT_TEXT_MAX], ours[ACCOUNT_TEXT_MAX];
        Access *access = &client->access;

        credentials_done(&access->next);
        access->stale = true;
        access->wrong = true;
        access->wrong_until_usec = monotonic_usec() + WRONG_AGAIN;
        (void) snprintf(access->wrong_why, sizeof(access->wrong_why),
                        "signed in as account %s (%s), but source %s is account %s",
                        account_format(account, theirs), arn ? arn : "no ARN", client->source->name,
                        account_format(client->source->account, ours));
        fail_wrong(client);
}

/* An outcome of the check is none of the call that waits for it: that call was not sent. */
static void access_fail_check(AwsClient *client, const ApiOutcome *cause) {
        const char *origin = client->access.next.origin;
        char text[OUTCOME_MESSAGE_MAX + 128];
        ApiOutcome outcome = *cause;
        OutcomeKind kind = OUTCOME_UNREACHABLE;

        if (cause->kind == OUTCOME_CREDENTIALS || cause->kind == OUTCOME_ACCESS_DENIED) {
                kind = OUTCOME_CREDENTIALS;
                (void) snprintf(text, sizeof(text), "AWS refuses the credentials of %s: %s%s%s",
                                origin, cause->code, cause->code[0] ? ": " : "", cause->message);
        } else {
                if (cause->kind == OUTCOME_THROTTLED)
                        kind = OUTCOME_THROTTLED;
                (void) snprintf(text, sizeof(text), "the identity cannot be checked: %s",
                                cause->message);
        }
        outcome_set(&outcome, kind, text);
        access_fail(client, &outcome);
}

static void on_checked(Exchange *exchange,
                const ApiOutcome *outcome,
                const HttpAnswer *answer,
                void *userdata) {
        _cleanup_free_ char *arn = NULL;
        AwsClient *client = userdata;
        ApiOutcome cause = *outcome;
        AccountId account = 0;
        int r = 0;

        if (answer)
                r = sts_parse_caller_identity(
                                buffer_text(&answer->body), answer->body.length, &account, &arn);
        exchange_done(exchange);

        if (r < 0)
                outcome_set(&cause, OUTCOME_UNREADABLE,
                                r == -ENOMEM ? "out of memory"
                                             : "the answer to GetCallerIdentity cannot be read");
        if (cause.kind != OUTCOME_OK)
                access_fail_check(client, &cause);
        else if (account != client->source->account)
                access_reject(client, account, arn);
        else
                access_accept(client);
}

/* Only a metadata service is known to hand out what has expired and works all the same. */
static bool has_expired(const AwsClient *client, const Credentials *credentials) {
        return !credentials->may_outlive && credentials->expires_usec <= client_now(client);
}

static void fail_expired(AwsClient *client, const Credentials *credentials) {
        char text[OUTCOME_MESSAGE_MAX], then[TIME_TEXT_MAX], now[TIME_TEXT_MAX];

        (void) snprintf(text, sizeof(text),
                        "the credentials of %s expired at %s; it is %s by this host's clock",
                        credentials->origin, time_format(credentials->expires_usec, then),
                        time_format(client_now(client), now));
        access_fail_text(client, OUTCOME_CREDENTIALS, text);
}

static void take_credentials(AwsClient *client, Credentials *credentials) {
        Access *access = &client->access;

        if (has_expired(client, credentials)) {
                fail_expired(client, credentials);
                return;
        }
        credentials_done(&access->next);
        access->next = *credentials;
        *credentials = (Credentials){ 0 };

        /* Read again and found the same: proven already. */
        if (!access->stale && access->current.access_key_id
                        && credentials_equal(&access->current, &access->next)) {
                access_accept(client);
                return;
        }
        exchange_init(&access->check, client, &caller_identity, on_checked, client);
        exchange_enqueue(&access->check, &access->waiting_check);
}

static void on_credentials(int r, Credentials *credentials, const char *why, void *userdata) {
        AwsClient *client = userdata;

        client_enter(client);
        client->access.fetching = false;
        client_progress(client);
        client_say_skew(client);
        if (r < 0)
                access_fail_text(client, OUTCOME_CREDENTIALS, why ? why : strerror(-r));
        else {
                say_odd(client, why);
                take_credentials(client, credentials);
        }
        client_leave(client);
}

static bool is_fetch_due(const AwsClient *client) {
        const Access *access = &client->access;
        int64_t now = client_now(client);

        if (!is_usable(client, now))
                return true;
        return now >= access->refresh.advisory_usec && monotonic_usec() >= access->not_before_usec;
}

void access_prepare(AwsClient *client) {
        Access *access = &client->access;
        int r;

        if (access->fetching || access->check.client || !is_fetch_due(client))
                return;
        if (access->wrong && monotonic_usec() < access->wrong_until_usec) {
                fail_wrong(client);
                return;
        }

        access->fetching = true;
        r = credentials_fetch(access->provider, on_credentials, client);
        if (r < 0)
                on_credentials(r, NULL, NULL, client);
}

/* CloudTrail then tells which of the sources it was. */
static void session_name(const char *source, char name[static ROLE_SESSION_NAME_MAX + 1]) {
        (void) snprintf(name, ROLE_SESSION_NAME_MAX + 1, "auditshared-%s", source);
        for (char *c = name; *c; c++)
                if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-",
                                    *c))
                        *c = '-';
}

int access_init(AwsClient *client) {
        const Source *source = client->source;

        session_name(source->name, client->session_name);
        client->credentials_context = (CredentialsContext){
                .event = client->event,
                .http = client->http,
                .environment = &environment_process,
                .is_service = client->is_service,
                .profile = source->profile,
                .role_arn = source->role_arn,
                .external_id = source->external_id,
                .region = region_name(source->region),
                .sts_url = client->config.endpoints[AWS_SERVICE_STS].url,
                .session_name = client->session_name,
                .ca_bundle = client->config.ca_bundle,
                .user_agent = client->config.user_agent,
                .retry = &client->config.retry,
                .metadata_endpoint = client->config.metadata_endpoint,
                .metadata_endpoint_mode = client->config.metadata_endpoint_mode,
                .skew_usec = &client->skew_usec,
                .progress_usec = &client->progress_usec,
        };
        return credentials_chain_new(&client->credentials_context, &client->access.provider);
}

void access_done(AwsClient *client) {
        Access *access = &client->access;

        exchange_done(&access->check);
        access->provider = credentials_provider_free(access->provider);
        credentials_done(&access->current);
        credentials_done(&access->next);
        free(access->said_origin);
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The client of one source: Audit Manager signed, paced, retried and identified
 *
 * A ShareService (model/share-service.h) over HTTP on the event loop. Before anything else is asked
 * with a new set of credentials, GetCallerIdentity must answer the source's account; until it has,
 * calls wait in the queue. No blocking call, no threads: everything is callbacks of sd-event.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "aws/client-config.h"
#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/retry.h"
#include "model/settings.h"
#include "model/share-service.h"
#include "util/macro.h"

typedef struct AwsClient AwsClient;

/* What an operator wants to know of, once each; see record/journal.h for the events they become. */
typedef enum ClientNotice {
        CLIENT_NOTICE_CREDENTIALS_LOST, /* detail: why, without secrets */
        CLIENT_NOTICE_CREDENTIALS_BACK,
        CLIENT_NOTICE_SIGNED_IN, /* detail: with whose credentials, where that is another than
                                  * before
                                  */
        CLIENT_NOTICE_CLOCK_SKEW, /* detail: "signing 301 s ahead of this host's clock" */
        CLIENT_NOTICE_CREDENTIALS_ODD, /* detail: a source of credentials that is misconfigured and
                                          was passed over */
        CLIENT_NOTICE_MAX
} ClientNotice;

typedef void (*ClientNoticeCallback)(AwsClient *client,
                ClientNotice notice,
                const char *detail,
                void *userdata);

/* For the metrics: each attempt that got an answer or failed. code is the HTTP status or "error".
 */
typedef struct ClientCount {
        const char *operation; /* static */
        char code[8];
        uint64_t count;
} ClientCount;

typedef struct ClientOptions {
        sd_event *event; /* borrowed */
        HttpClient *http; /* borrowed: one for all sources, for its connections and CA cache */
        const Source *source; /* borrowed; must outlive the client */
        const Limits *limits; /* copied */
        bool is_service; /* $HOME is never consulted, and credential files that others can read are
                            refused */
        ClientNoticeCallback notice; /* may be NULL; must not free the client */
        void *userdata;
        const RetryNumbers
                        *retry; /* copied; NULL: as configured. Tests put shorter delays in here */
        unsigned timeout_sec; /* of one HTTP request; 0: HTTP_CALL_TIMEOUT_SEC */
} ClientOptions;

/*
 * 0; -ENOMEM; -EINVAL where an endpoint or a file of the AWS tools makes no sense, with *reterr_why
 * (a new string the caller frees). Reads the environment and the profile once, here
 * (client-config.h).
 */
int aws_client_new(const ClientOptions *options, AwsClient **ret, char **reterr_why);

/*
 * Cancels and frees the calls that are under way, but for one whose callback is running; no
 * callback runs any more. Fine within a ShareCallback: a pass may end in one.
 */
AwsClient *aws_client_free(AwsClient *client);

/* The client as a ShareService; borrowed from the client. */
ShareService *aws_client_service(AwsClient *client);

/* Counters since the client was made; borrowed until the next call. */
const ClientCount *aws_client_counts(const AwsClient *client, size_t *ret_n);
uint64_t aws_client_retries(const AwsClient *client);

/* Where the credentials that are in use come from, for people, and when they end (TIME_INFINITY:
 * never); NULL while none has been proven to be the source's account. Borrowed until the next call.
 */
const char *aws_client_credentials_origin(const AwsClient *client, int64_t *ret_expires_usec);

/* Endpoints and what else was configured; borrowed from the client. */
const ClientConfig *aws_client_config(const AwsClient *client);

/* When anything last moved (an answer, a retry's timer): for the watchdog. CLOCK_MONOTONIC, 0:
 * never. */
int64_t aws_client_progress_usec(const AwsClient *client);

DEFINE_CLEANUP(AwsClient, aws_client_free)

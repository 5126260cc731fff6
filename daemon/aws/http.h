#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * HTTP on the event loop
 *
 * One multi handle of libcurl for the life of the program: its connections and its parsed CA bundle
 * are worth more than a whole small pass. libcurl carries bytes and nothing else: no redirects, no
 * decompression, no credentials, no retries.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "aws/api-error.h"
#include "util/buffer.h"
#include "util/macro.h"

typedef struct HttpClient HttpClient;
typedef struct HttpCall HttpCall;

#define HTTP_ANSWER_MAX          ((size_t) 16 * 1024 * 1024)
#define HTTP_CONNECT_TIMEOUT_SEC 5
#define HTTP_CALL_TIMEOUT_SEC    30

/* Where a request may go without TLS. */
typedef enum HttpPlain {
        HTTP_PLAIN_LOOPBACK,
        HTTP_PLAIN_METADATA, /* and to the addresses of metadata-endpoint.h, which never leave the
                                host */
        HTTP_PLAIN_ANY, /* and to whatever the operator has named as a metadata service: no secret
                           of ours is sent there */
        HTTP_PLAIN_MAX
} HttpPlain;

/* Borrowed for the duration of http_call_new(), but for the body, which must live as long as the
 * call. */
typedef struct HttpRequest {
        const char *method;
        const char *url; /* whole, encoded */
        const char *const *headers; /* "Name: value", NULL-terminated */
        const void *body; /* NULL: none */
        size_t body_length;
        bool never_resend; /* libcurl must not send it a second time, whatever becomes of the
                              connection */
        bool no_proxy; /* metadata and container endpoints */
        HttpPlain plain;
        const char *ca_bundle; /* NULL: the system's */
        size_t answer_max; /* 0: HTTP_ANSWER_MAX */
        unsigned connect_timeout_sec, timeout_sec; /* 0: the defaults above */
} HttpRequest;

/* At which step a transfer failed: what `why` tells people, for a program. */
typedef enum HttpFailure {
        HTTP_FAILURE_NONE,
        HTTP_FAILURE_NAME, /* the host's name is unknown */
        HTTP_FAILURE_CONNECT,
        HTTP_FAILURE_PROXY, /* its name, the connection to it, or its refusal */
        HTTP_FAILURE_TLS, /* the session or a certificate, also with a proxy */
        HTTP_FAILURE_AUTHORITY, /* the CA bundle, or who signed a certificate */
        HTTP_FAILURE_TIMEOUT, /* at any of these */
        HTTP_FAILURE_OTHER,
        HTTP_FAILURE_MAX
} HttpFailure;

/* Valid while the callback runs. Headers that were not sent are NULL. */
typedef struct HttpAnswer {
        TransportError transport;
        HttpFailure failure; /* NONE where the answer is whole */
        bool unsent; /* no byte of the request can have been processed: no name, no connection, no
                        TLS */
        char why[384]; /* for people, where transport is not TRANSPORT_OK or the answer was too
                          large */
        int status; /* 0: no answer */
        char peer[48]; /* the address that was connected to, a proxy's where there is one; "": none
                        */
        bool too_large;
        Buffer body;
        char *error_type; /* x-amzn-errortype */
        char *request_id; /* x-amzn-requestid */
        char *date;
        char *retry_after;
        char *x_amz_retry_after;
} HttpAnswer;

/* Called once, from the event loop, never from within http_call_new(). The call may be freed in it.
 */
typedef void (*HttpCallback)(HttpCall *call, const HttpAnswer *answer, void *userdata);

/*
 * 0 or a negative errno. Takes SSLKEYLOGFILE out of the environment: nothing that could decrypt the
 * traffic is written. Freed after all of its calls, and not from within a callback.
 */
int http_client_new(sd_event *event, HttpClient **ret);
HttpClient *http_client_free(HttpClient *client);

/*
 * Puts a program's own answers in the place of the network: tests have days pass in seconds, and
 * other implementations compared, this way. `answer` fills in what it is given empty (strings on
 * the heap), and is called within http_call_new(); the answer comes from the event loop as ever. 0,
 * or a negative errno that http_call_new() returns.
 */
typedef int (*HttpStandIn)(const HttpRequest *request, HttpAnswer *answer, void *userdata);
void http_client_set_stand_in(HttpClient *client, HttpStandIn answer, void *userdata);

/*
 * 0 with a call that the caller owns; freeing it cancels it. -ENOMEM, or -EINVAL for a URL that
 * must not be asked: none of https, nor http to where the request's `plain` lets it go.
 */
int http_call_new(HttpClient *client,
                const HttpRequest *request,
                HttpCallback callback,
                void *userdata,
                HttpCall **ret);
HttpCall *http_call_free(HttpCall *call);

/* For the user agent: "7.88.1". Static. */
const char *http_library_version(void);

/* Whether a byte of the request may have left: before that, cancelling it is as if it had never
 * been. */
bool http_call_may_have_been_sent(const HttpCall *call);

DEFINE_CLEANUP(HttpClient, http_client_free)
DEFINE_CLEANUP(HttpCall, http_call_free)

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials: where they come from
 *
 * One interface of two functions for every kind of source, so that each is a small file of its own,
 * and a chain of them in the order of the AWS SDKs. Asynchronous, because most kinds ask a server
 * or run a program.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "aws/http.h"
#include "aws/retry.h"
#include "util/environment.h"
#include "util/macro.h"
#include "util/secret.h"

typedef struct Credentials {
        char *access_key_id;
        Secret *secret_access_key;
        Secret *session_token; /* NULL: none */
        int64_t expires_usec; /* TIME_INFINITY: never */
        bool may_outlive; /* a metadata service in trouble hands out what has expired: AWS decides
                           */
        char *account_id; /* where the source says it, NULL elsewhere; not proven */
        char *origin; /* for people: "environment", "/etc/…/credentials [default]" */
} Credentials;

void credentials_done(Credentials *credentials);
int credentials_copy(const Credentials *from, Credentials *ret);

/* Whether they sign alike: key, secret and token. */
bool credentials_equal(const Credentials *a, const Credentials *b);

/*
 * r is 0 with credentials that the callback may take by emptying them; -ENOENT: this kind of source
 * is not configured here, ask the next; -EPERM: nothing else may be tried (an explicit choice that
 * cannot be met, a file that others can read); -EIO, -EHOSTUNREACH: a server is in trouble, which
 * is no reason to sign in as somebody else; any other error: misconfigured, reported, and the next
 * one is tried. why: one line for people, never a secret; with r 0 it is NULL, or what was
 * passed over on the way.
 */
typedef void (*CredentialsCallback)(int r,
                Credentials *credentials,
                const char *why,
                void *userdata);

typedef struct CredentialsProvider CredentialsProvider;

struct CredentialsProvider {
        const char *name; /* static, for messages */
        /* Asks; the callback runs once, possibly before this returns, and may free the provider.
         * One question at a time. Negative errno: never runs. */
        int (*fetch)(CredentialsProvider *provider, CredentialsCallback callback, void *userdata);
        /* Frees; a question under way is dropped, and its callback never runs. */
        void (*free)(CredentialsProvider *provider);
};

static inline int credentials_fetch(CredentialsProvider *provider,
                CredentialsCallback callback,
                void *userdata) {
        return provider->fetch(provider, callback, userdata);
}

static inline CredentialsProvider *credentials_provider_free(CredentialsProvider *provider) {
        if (provider)
                provider->free(provider);
        return NULL;
}

/*
 * What all providers of a source share. Everything is borrowed, and must outlive the providers;
 * what it points to may change between two questions.
 */
typedef struct CredentialsContext {
        sd_event *event;
        HttpClient *http;
        const Environment *environment;
        bool is_service; /* $HOME is not consulted, and files that group or others can read are
                            refused */

        const char *profile; /* of the settings; NULL: none */
        const char *role_arn, *external_id; /* the source's own role; NULL: none */

        const char *region; /* whose STS is asked, and what requests to it are signed for */
        const char *sts_url; /* scheme, host, port, path prefix; no trailing slash */
        const char *session_name; /* RoleSessionName where nobody chose one */
        const char *metadata_endpoint,
                        *metadata_endpoint_mode; /* of the profile; NULL: not there */
        const char *ca_bundle; /* NULL: the system's */
        const char *user_agent; /* its value */
        const RetryNumbers *retry;
        int64_t *skew_usec; /* what AWS's clock is ahead of ours, as far as is known: added to the
                               time that is signed, corrected by answers */
        int64_t *progress_usec; /* CLOCK_MONOTONIC: set at each answer to a question; NULL: nobody
                                   wants to know */
} CredentialsContext;

/* The whole chain in its order. 0 or -ENOMEM. */
int credentials_chain_new(const CredentialsContext *context, CredentialsProvider **ret);

DEFINE_CLEANUP(CredentialsProvider, credentials_provider_free)

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

#include "util/macro.h"

/* Secrets are wiped when freed, and have no place in any log. */
typedef struct Credentials {
        char *access_key_id;
        char *secret_access_key;
        char *session_token; /* NULL: none */
        int64_t expires_usec; /* TIME_INFINITY: never */
        char *origin; /* for people: "environment", "/etc/…/credentials [default]" */
} Credentials;

void credentials_done(Credentials *credentials);
int credentials_copy(const Credentials *from, Credentials *ret);

/* Whether they sign alike: key, secret and token. */
bool credentials_equal(const Credentials *a, const Credentials *b);

/*
 * r is 0 with credentials that the callback may take by emptying them; -ENOENT: this kind of source
 * is not configured here, ask the next; -EPERM: nothing else may be tried (an explicit choice that
 * cannot be met, a file that others can read); any other error: misconfigured, reported, and the
 * next one is tried. why: one line for people, never a secret; with r 0 it is NULL, or what was
 * passed over on the way.
 */
typedef void (*CredentialsCallback)(int r,
                Credentials *credentials,
                const char *why,
                void *userdata);

typedef struct CredentialsProvider CredentialsProvider;

struct CredentialsProvider {
        const char *name; /* static, for messages */
        /* Asks; the callback runs once, possibly before this returns. One question at a time.
         * Negative errno: never runs. */
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

typedef struct CredentialsOptions {
        sd_event *event;
        const char *profile; /* of the settings; NULL: none */
        bool is_service; /* $HOME is not consulted, and files that group or others can read are
                            refused */
} CredentialsOptions;

/* The whole chain in its order (aws.md, "Credentials"). 0 or -ENOMEM. */
int credentials_chain_new(const CredentialsOptions *options, CredentialsProvider **ret);

DEFINE_CLEANUP(CredentialsProvider, credentials_provider_free)

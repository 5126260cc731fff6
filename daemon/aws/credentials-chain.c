/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The chain of sources of credentials
 *
 * Asks one kind after another, in the order of the AWS SDKs, until one has credentials. What is not
 * configured is passed over in silence, what is misconfigured with a word, and what was chosen on
 * purpose not at all. https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"

/* In the order in which they are asked. */
static const CredentialsProviderNew kinds[] = {
        credentials_settings_profile_new, credentials_directory_new, credentials_environment_new,
        credentials_shared_profile_new, credentials_web_identity_environment_new,
        credentials_container_new,
        credentials_imds_new, /* last: it is asked also where nobody configured anything */
};

#define NOTHING_FOUND                                                                              \
        "no credentials: neither $CREDENTIALS_DIRECTORY/aws-credentials "                          \
        "(LoadCredential=), nor "                                                                  \
        "environment variables, nor a profile of the shared files, nor web "                       \
        "identity, nor a "                                                                         \
        "container, nor instance metadata has any"

typedef struct Chain {
        CredentialsProvider provider;
        CredentialsProvider *links[ELEMENTSOF(kinds)];
        size_t at;
        size_t used; /* one more than the link that had credentials last; 0: none had */
        Buffer passed_over; /* what was misconfigured so far */
        Buffer last; /* what the last kind said */
        CredentialsCallback callback;
        void *userdata;
} Chain;

static void chain_answer(Chain *chain, int r, Credentials *credentials, const char *why) {
        _cleanup_buffer_ Buffer text = chain->passed_over;

        chain->passed_over = (Buffer){ 0 };
        if (r == 0)
                why = text.length > 0 ? buffer_text(&text) : NULL;
        else if (text.length > 0) {
                if (why && (buffer_add(&text, "; ") < 0 || buffer_add(&text, why) < 0)) {
                        r = -ENOMEM;
                        why = "out of memory";
                } else
                        why = buffer_text(&text);
        }
        /* The chain may be asked again from within. */
        chain->callback(r, credentials, why, chain->userdata);
}

static void chain_give_up(Chain *chain) {
        bool is_silent = chain->passed_over.length == 0;
        _cleanup_buffer_ Buffer text = { 0 };
        int r = 0;

        if (is_silent) {
                r = buffer_add(&text, NOTHING_FOUND);
                if (r >= 0 && chain->last.length > 0)
                        r = buffer_addf(&text, "; %s", buffer_text(&chain->last));
        }
        if (r < 0)
                chain_answer(chain, -ENOMEM, NULL, "out of memory");
        else
                chain_answer(chain, is_silent ? -ENOENT : -EINVAL, NULL,
                                text.length > 0 ? buffer_text(&text) : NULL);
}

static void chain_ask(Chain *chain);

static int pass_over(Chain *chain, const char *why) {
        if (chain->passed_over.length > 0 && buffer_add(&chain->passed_over, "; ") < 0)
                return -ENOMEM;
        return buffer_add(&chain->passed_over, why);
}

/* Trouble of a server is no mistake of who configured it, and a refresh that
 * fails is no reason to become somebody else. */
static bool ends_chain(const Chain *chain, int r) {
        return r == -ENOMEM || r == -EPERM || r == -EIO || r == -EHOSTUNREACH
                        || (r != -ENOENT && chain->used == chain->at + 1);
}

static void on_link(int r, Credentials *credentials, const char *why, void *userdata) {
        Chain *chain = userdata;

        if (r == 0)
                chain->used = chain->at + 1;
        if (r == 0 || ends_chain(chain, r)) {
                chain_answer(chain, r, credentials, why);
                return;
        }
        buffer_clear(&chain->last);
        if (r == -ENOENT)
                (void) buffer_add(&chain->last, why ? why : "");
        else if (pass_over(chain, why ? why : strerror(-r)) < 0) {
                chain_answer(chain, -ENOMEM, NULL, "out of memory");
                return;
        }

        chain->at++;
        chain_ask(chain);
}

static void chain_ask(Chain *chain) {
        CredentialsProvider *link;
        int r;

        if (chain->at == ELEMENTSOF(kinds)) {
                chain_give_up(chain);
                return;
        }

        link = chain->links[chain->at];
        r = credentials_fetch(link, on_link, chain);
        if (r < 0)
                on_link(r, NULL, link->name, chain);
}

static int chain_fetch(CredentialsProvider *provider,
                CredentialsCallback callback,
                void *userdata) {
        Chain *chain = (Chain *) provider;

        chain->at = 0;
        buffer_clear(&chain->passed_over);
        buffer_clear(&chain->last);
        chain->callback = callback;
        chain->userdata = userdata;
        chain_ask(chain);
        return 0;
}

static void chain_free(CredentialsProvider *provider) {
        Chain *chain = (Chain *) provider;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                (void) credentials_provider_free(chain->links[i]);
        buffer_done(&chain->passed_over);
        buffer_done(&chain->last);
        free(chain);
}

static int chain_new(const CredentialsContext *context, CredentialsProvider **ret) {
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Chain *chain;
        int r;

        assert(context && ret);

        chain = malloc(sizeof(*chain));
        if (!chain)
                return -ENOMEM;
        *chain = (Chain){
                .provider = { .name = "chain", .fetch = chain_fetch, .free = chain_free }
        };
        provider = &chain->provider;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                r = kinds[i](context, &chain->links[i]);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(provider);
        return 0;
}

int credentials_chain_new(const CredentialsContext *context, CredentialsProvider **ret) {
        AssumedRole role = { .role_arn = context->role_arn, .external_id = context->external_id };
        CredentialsProvider *chain;
        int r;

        r = chain_new(context, &chain);
        if (r < 0)
                return r;
        if (context->role_arn)
                return credentials_role_new(context, &role, chain, ret);

        *ret = chain;
        return 0;
}

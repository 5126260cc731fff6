/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials from environment variables
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
 *
 * A variable that is set to nothing is not set: shells and unit files make no difference between
 * the two.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "aws/credentials-source.h"

static const CredentialsNames names = {
        .access_key_id = "AWS_ACCESS_KEY_ID",
        .secret_access_key = "AWS_SECRET_ACCESS_KEY",
        .session_token = "AWS_SESSION_TOKEN",
        .expiration = "AWS_CREDENTIAL_EXPIRATION",
        .account_id = "AWS_ACCOUNT_ID",
};

typedef struct EnvironmentProvider {
        CredentialsProvider provider;
        const CredentialsContext *context;
} EnvironmentProvider;

static int environment_fetch(CredentialsProvider *provider,
                CredentialsCallback callback,
                void *userdata) {
        const Environment *environment = ((EnvironmentProvider *) provider)->context->environment;
        CredentialsText text = {
                .access_key_id = environment_text(environment, names.access_key_id),
                .secret_access_key = environment_text(environment, names.secret_access_key),
                .session_token = environment_text(environment, names.session_token),
                .expiration = environment_text(environment, names.expiration),
                .account_id = environment_text(environment, names.account_id),
                .origin = "the environment",
        };
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        if (!text.access_key_id && !text.secret_access_key) {
                callback(-ENOENT, NULL, "AWS_ACCESS_KEY_ID is not set", userdata);
                return 0;
        }

        r = credentials_from_text(&text, &names, &credentials, &why);
        callback(r, r < 0 ? NULL : &credentials, r < 0 ? buffer_text(&why) : NULL, userdata);
        return 0;
}

static void environment_free(CredentialsProvider *provider) {
        free(provider);
}

int credentials_environment_new(const CredentialsContext *context, CredentialsProvider **ret) {
        EnvironmentProvider *provider;

        assert(context && ret);

        provider = malloc(sizeof(*provider));
        if (!provider)
                return -ENOMEM;
        *provider = (EnvironmentProvider){
                .provider = { .name = "environment",
                                .fetch = environment_fetch,
                                .free = environment_free },
                .context = context,
        };

        *ret = &provider->provider;
        return 0;
}

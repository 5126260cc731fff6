/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of a role, by AssumeRoleWithWebIdentity
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
 *
 * The token lies in a file that whoever runs the cluster replaces in time, so it is read each time.
 * It stands for the signature: nobody else's credentials are needed.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "aws/sts-call.h"
#include "util/file.h"
#include "util/mem.h"

/* STS takes 20000 characters. */
#define TOKEN_MAX ((size_t) 64 * 1024)

typedef struct WebProvider {
        CredentialsProvider provider; /* first: what callers hold is this */
        const CredentialsContext *context;
        bool is_environment; /* the next three are looked up each time */
        char *role_arn, *token_file, *session_name;
        uint32_t duration_sec;

        StsCall *call;
        CredentialsCallback callback;
        void *userdata;
} WebProvider;

static void on_role(int r, Credentials *credentials, const char *why, void *userdata) {
        WebProvider *web = userdata;

        web->call = sts_call_free(web->call);
        /* The provider may be gone when this returns. */
        web->callback(r, credentials, why, web->userdata);
}

/* The file's bytes as they are, a line feed at their end among them: no SDK trims them. */
static int read_token(const char *path, Buffer *ret, Buffer *ret_why) {
        const char *phrase = "it is empty";
        int r;

        r = file_read(path, TOKEN_MAX, ret, NULL);
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && ret->length > 0)
                return 0;

        if (r < 0)
                phrase = r == -EBADFD         ? "it is no file"
                                : r == -EFBIG ? "it is larger than 64 KiB; want a token alone"
                                              : strerror(-r);
        r = buffer_addf(ret_why, "the web identity token of %s cannot be used: %s", path, phrase);
        return r < 0 ? r : -EINVAL;
}

static int ask(WebProvider *web, const WebIdentity *identity, const Buffer *token) {
        const CredentialsContext *context = web->context;
        _cleanup_free_ char *origin = NULL;
        StsCallOptions options = {
                .context = context,
                .request = { .action = STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                                .role_arn = identity->role_arn,
                                .session_name = identity->session_name ? identity->session_name
                                                                       : context->session_name,
                                .token = buffer_text(token),
                                .token_length = token->length,
                                .duration_sec = identity->duration_sec },
                .callback = on_role,
                .userdata = web,
        };

        if (asprintf(&origin, "role %s, from the web identity token of %s", identity->role_arn,
                            identity->token_file)
                        < 0) {
                origin = NULL;
                return -ENOMEM;
        }
        options.origin = origin;
        return sts_call_new(&options, NULL, &web->call);
}

static WebIdentity identity_of(const WebProvider *web) {
        const Environment *environment = web->context->environment;

        if (!web->is_environment)
                return (WebIdentity){
                        .role_arn = web->role_arn,
                        .token_file = web->token_file,
                        .session_name = web->session_name,
                        .duration_sec = web->duration_sec,
                };
        return (WebIdentity){
                .role_arn = environment_text(environment, "AWS_ROLE_ARN"),
                .token_file = environment_text(environment, "AWS_WEB_IDENTITY_TOKEN_FILE"),
                .session_name = environment_text(environment, "AWS_ROLE_SESSION_NAME"),
        };
}

static int begin(WebProvider *web, Buffer *ret_why) {
        WebIdentity identity = identity_of(web);
        _cleanup_(buffer_wipe) Buffer token = { 0 };
        int r;

        if (!identity.token_file) {
                r = buffer_add(ret_why, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
                return r < 0 ? r : -ENOENT;
        }
        if (!identity.role_arn) {
                r = buffer_add(ret_why,
                                "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
                return r < 0 ? r : -EINVAL;
        }

        r = read_token(identity.token_file, &token, ret_why);
        if (r >= 0)
                r = ask(web, &identity, &token);
        return r;
}

static int web_fetch(CredentialsProvider *provider, CredentialsCallback callback, void *userdata) {
        WebProvider *web = (WebProvider *) provider;
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        assert(!web->call);

        web->callback = callback;
        web->userdata = userdata;
        r = begin(web, &why);
        if (r < 0)
                callback(r, NULL, why.length > 0 ? buffer_text(&why) : strerror(-r), userdata);
        return 0;
}

static void web_free(CredentialsProvider *provider) {
        WebProvider *web = (WebProvider *) provider;

        (void) sts_call_free(web->call);
        free(web->role_arn);
        free(web->token_file);
        free(web->session_name);
        free(web);
}

static WebProvider *web_new(const CredentialsContext *context) {
        WebProvider *web = malloc(sizeof(*web));

        if (web)
                *web = (WebProvider){
                        .provider = { .name = "web identity",
                                        .fetch = web_fetch,
                                        .free = web_free },
                        .context = context,
                };
        return web;
}

int credentials_web_identity_new(const CredentialsContext *context,
                const WebIdentity *identity,
                CredentialsProvider **ret) {
        WebProvider *web;

        assert(context && identity && identity->role_arn && identity->token_file && ret);

        web = web_new(context);
        if (!web)
                return -ENOMEM;
        web->duration_sec = identity->duration_sec;
        web->role_arn = strdup(identity->role_arn);
        web->token_file = strdup(identity->token_file);
        if (identity->session_name)
                web->session_name = strdup(identity->session_name);
        if (!web->role_arn || !web->token_file || (identity->session_name && !web->session_name)) {
                web_free(&web->provider);
                return -ENOMEM;
        }

        *ret = &web->provider;
        return 0;
}

int credentials_web_identity_environment_new(const CredentialsContext *context,
                CredentialsProvider **ret) {
        WebProvider *web;

        assert(context && ret);

        web = web_new(context);
        if (!web)
                return -ENOMEM;
        web->is_environment = true;

        *ret = &web->provider;
        return 0;
}

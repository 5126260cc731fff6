/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of a profile
 *
 * Three kinds of sources sign in as a profile says, and differ in which file it is looked for in,
 * and in what it means when it is not there. Files are read anew at each question, because they are
 * replaced when keys rotate; what they say is made into providers, which are asked and forgotten.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-files.h"
#include "aws/credentials-source.h"
#include "aws/profile-chain.h"
#include "util/mem.h"
#include "util/string-util.h"

/* What was found out about the profile that is to be signed in with. */
typedef struct Found {
        Profiles profiles;
        char *profile;
        const char *chooser; /* static: who named the profile; NULL: nobody */
        char *path; /* of the one file it was looked for in; NULL: the shared files */
        char *places; /* for messages: the files it was looked for in */
        bool is_complaint; /* that there is nothing is worth a word */
        Buffer why;
} Found;

typedef struct ProfileProvider {
        CredentialsProvider provider;
        const CredentialsContext *context;
        /* Reads the files. 0, -ENOENT: not configured, -ENOMEM, or -EINVAL and -EPERM with why. */
        int (*find)(const CredentialsContext *context, Found *found);

        CredentialsProvider *inner; /* what the profile said, last time */
        bool is_chosen;
        char *prefix; /* of messages about what it said */
        CredentialsCallback callback;
        void *userdata;
} ProfileProvider;

static void found_done(Found *found) {
        profiles_done(&found->profiles);
        free(found->profile);
        free(found->path);
        free(found->places);
        buffer_done(&found->why);
}

/*
 * Where a profile is looked for.
 */

static int name_places(const ProfileLocations *locations, Found *found) {
        const char *config = locations->config, *credentials = locations->credentials;

        if (asprintf(&found->places, "%s%s%s", config ? config : "",
                            config && credentials ? ", " : "", credentials ? credentials : "")
                        >= 0)
                return 0;
        found->places = NULL;
        return -ENOMEM;
}

/* An empty place is told of, where somebody meant there to be something. */
static int find_shared(const CredentialsContext *context, const char *profile, Found *found) {
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };
        _cleanup_buffer_ Buffer missing = { 0 };
        int r;

        r = profile_locations_resolve(context->environment, !context->is_service, &locations);
        if (r < 0)
                return r;
        found->chooser = profile ? "settings" : locations.profile_is_named ? "AWS_PROFILE" : NULL;
        found->profile = profile ? strdup(profile) : TAKE_PTR(locations.profile);
        if (!found->profile)
                return -ENOMEM;

        r = credentials_files_read(context->environment, &locations,
                        context->is_service ? FILE_TRUST_PRIVATE : FILE_TRUST_ANY, &found->profiles,
                        &missing, &found->why);
        if (r >= 0)
                r = name_places(&locations, found);
        if (r < 0 || profiles_has(&found->profiles, found->profile))
                return r;

        found->is_complaint = missing.length > 0;
        if (missing.length > 0)
                return buffer_addf(&found->why, "%s; ", buffer_text(&missing));
        if (found->chooser && !locations.config && !locations.credentials)
                return buffer_add(&found->why,
                                "there is no file to find it in; set AWS_CONFIG_FILE, "
                                "AWS_SHARED_CREDENTIALS_FILE or LoadCredential=; ");
        return 0;
}

/* In the shared files, else in what systemd passed. Who names a profile means that one. */
static int find_of_settings(const CredentialsContext *context, Found *found) {
        Profiles passed = { 0 };
        int r;

        if (!context->profile)
                return -ENOENT;
        r = find_shared(context, context->profile, found);
        if (r < 0 || profiles_has(&found->profiles, context->profile))
                return r;

        r = credentials_directory_read(context->environment, &passed, &found->path, &found->why);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        profiles_done(&found->profiles);
        found->profiles = passed;
        buffer_clear(&found->why);
        return 0;
}

static int find_in_directory(const CredentialsContext *context, Found *found) {
        int r;

        r = credentials_directory_read(
                        context->environment, &found->profiles, &found->path, &found->why);
        if (r < 0)
                return r;
        found->is_complaint = true;
        return text_copy("default", &found->profile);
}

static int find_of_environment(const CredentialsContext *context, Found *found) {
        return find_shared(context, NULL, found);
}

/*
 * What a profile says, as providers.
 */

typedef struct StaticProvider {
        CredentialsProvider provider;
        Credentials credentials;
} StaticProvider;

static int static_fetch(CredentialsProvider *base, CredentialsCallback callback, void *userdata) {
        _cleanup_credentials_ Credentials copy = { 0 };
        int r;

        r = credentials_copy(&((StaticProvider *) base)->credentials, &copy);
        callback(r, r < 0 ? NULL : &copy, r < 0 ? "out of memory" : NULL, userdata);
        return 0;
}

static void static_free(CredentialsProvider *base) {
        credentials_done(&((StaticProvider *) base)->credentials);
        free(base);
}

static int static_new(const ProfileChain *chain,
                const char *origin,
                CredentialsProvider **ret,
                Buffer *why) {
        static const CredentialsNames names = {
                .access_key_id = "aws_access_key_id",
                .secret_access_key = "aws_secret_access_key",
                .session_token = "aws_session_token",
                .expiration = "",
                .account_id = "aws_account_id",
        };
        CredentialsText text = {
                .access_key_id = chain->access_key_id,
                .secret_access_key = chain->secret_access_key,
                .session_token = chain->session_token,
                .account_id = chain->account_id,
                .origin = origin,
        };
        StaticProvider *provider = malloc(sizeof(*provider));
        int r;

        if (!provider)
                return -ENOMEM;
        *provider = (StaticProvider){
                .provider = { .name = "profile", .fetch = static_fetch, .free = static_free }
        };
        r = credentials_from_text(&text, &names, &provider->credentials, why);
        if (r < 0) {
                static_free(&provider->provider);
                return r;
        }
        *ret = &provider->provider;
        return 0;
}

static int base_new(const CredentialsContext *context,
                const ProfileChain *chain,
                const char *origin,
                CredentialsProvider **ret,
                Buffer *why) {
        WebIdentity identity = {
                .role_arn = chain->web_identity.role_arn,
                .token_file = chain->web_identity.web_identity_token_file,
                .session_name = chain->web_identity.session_name,
                .duration_sec = chain->web_identity.duration_sec,
        };

        switch (chain->kind) {
        case PROFILE_BASE_STATIC:
                return static_new(chain, origin, ret, why);
        case PROFILE_BASE_PROCESS:
                return credentials_process_new(context, chain->process, origin, ret);
        case PROFILE_BASE_WEB_IDENTITY:
                return credentials_web_identity_new(context, &identity, ret);
        case PROFILE_BASE_ENVIRONMENT:
                return credentials_environment_new(context, ret);
        case PROFILE_BASE_IMDS:
                return credentials_imds_new(context, ret);
        case PROFILE_BASE_CONTAINER:
                return credentials_container_new(context, ret);
        case PROFILE_BASE_MAX:
                break;
        }
        return -EINVAL;
}

/* Where messages and people are told that something comes from. */
static int describe_origin(const Found *found, const char *profile, char **ret) {
        const char *path = found->path;
        int n;

        if (path)
                n = asprintf(ret, "%s [%s]", path, profile);
        else
                n = asprintf(ret, "profile %s", profile);
        if (n < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int chain_build(const CredentialsContext *context,
                const Found *found,
                const ProfileChain *chain,
                CredentialsProvider **ret,
                Buffer *why) {
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        _cleanup_free_ char *origin = NULL;
        int r;

        r = describe_origin(found, chain->profile, &origin);
        if (r >= 0)
                r = base_new(context, chain, origin, &provider, why);
        for (size_t i = 0; r >= 0 && i < chain->n_roles; i++) {
                AssumedRole role = {
                        .role_arn = chain->roles[i].role_arn,
                        .external_id = chain->roles[i].external_id,
                        .session_name = chain->roles[i].session_name,
                        .duration_sec = chain->roles[i].duration_sec,
                };

                r = credentials_role_new(context, &role, TAKE_PTR(provider), &provider);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(provider);
        return 0;
}

/*
 * A question.
 */

/* What an error of the profile means to the chain of sources. */
static int verdict(const ProfileProvider *provider, const Found *found, int r) {
        if (r == -ENOMEM || r == -EPERM)
                return r;
        /* A profile that says nothing about signing in, a Region perhaps, leaves that to others. */
        if (r == -ENODATA && !found->path && !provider->context->profile)
                return -ENOENT;
        if (found->chooser)
                return -EPERM;
        return r == -ENOENT && !found->is_complaint ? -ENOENT : -EINVAL;
}

/* Puts before what is wrong with a profile where it stands. */
static int name_place(Found *found, Buffer *text) {
        const char *place = found->path ? found->path : found->places;

        if (!place || !*place)
                return buffer_add(&found->why, buffer_text(text));
        return buffer_addf(&found->why, "%s: %s", place, buffer_text(text));
}

static int profile_build(ProfileProvider *provider, Found *found) {
        _cleanup_buffer_ Buffer text = { 0 };
        ProfileChain chain = { 0 };
        int r;

        r = provider->find(provider->context, found);
        if (r < 0)
                return r == -EINVAL && found->chooser ? -EPERM : r;

        r = profile_chain_resolve(&found->profiles, found->profile, &chain, &text);
        if (r >= 0)
                r = chain_build(provider->context, found, &chain, &provider->inner, &text);
        if (r >= 0)
                return 0;
        return r == -ENOMEM || name_place(found, &text) < 0 ? -ENOMEM : verdict(provider, found, r);
}

static void answer(ProfileProvider *provider,
                int r,
                Credentials *credentials,
                const char *prefix,
                const char *why) {
        _cleanup_free_ char *text = NULL;

        if (r < 0 && r != -ENOENT && r != -ENOMEM && prefix && why) {
                if (asprintf(&text, "%s: %s", prefix, why) < 0)
                        text = NULL;
                else
                        why = text;
        }
        provider->callback(r, credentials, why, provider->userdata);
}

static void on_inner(int r, Credentials *credentials, const char *why, void *userdata) {
        ProfileProvider *provider = userdata;

        /* What the profile says is there to be used: an empty place is its mistake. */
        if (r < 0 && r != -ENOMEM)
                r = provider->is_chosen ? -EPERM : r == -ENOENT ? -EINVAL : r;
        answer(provider, r, credentials, provider->prefix, why);
}

static int profile_fetch(CredentialsProvider *base, CredentialsCallback callback, void *userdata) {
        ProfileProvider *provider = (ProfileProvider *) base;
        _cleanup_(found_done) Found found = { 0 };
        int r;

        provider->callback = callback;
        provider->userdata = userdata;
        provider->inner = credentials_provider_free(provider->inner);
        free(provider->prefix);
        provider->prefix = NULL;

        r = profile_build(provider, &found);
        provider->is_chosen = found.chooser != NULL;
        if (r >= 0)
                r = describe_origin(&found, found.profile, &provider->prefix);
        if (r < 0) {
                answer(provider, r, NULL, found.chooser,
                                r == -ENOMEM ? "out of memory" : buffer_text(&found.why));
                return 0;
        }
        r = credentials_fetch(provider->inner, on_inner, provider);
        if (r < 0)
                on_inner(r, NULL, strerror(-r), provider);
        return 0;
}

static void profile_free(CredentialsProvider *base) {
        ProfileProvider *provider = (ProfileProvider *) base;

        (void) credentials_provider_free(provider->inner);
        free(provider->prefix);
        free(provider);
}

static int profile_new(const CredentialsContext *context,
                const char *name,
                int (*find)(const CredentialsContext *context, Found *found),
                CredentialsProvider **ret) {
        ProfileProvider *provider;

        assert(context && ret);

        provider = malloc(sizeof(*provider));
        if (!provider)
                return -ENOMEM;
        *provider = (ProfileProvider){
                .provider = { .name = name, .fetch = profile_fetch, .free = profile_free },
                .context = context,
                .find = find,
        };
        *ret = &provider->provider;
        return 0;
}

int credentials_settings_profile_new(const CredentialsContext *context, CredentialsProvider **ret) {
        return profile_new(context, "profile of the settings", find_of_settings, ret);
}

int credentials_directory_new(const CredentialsContext *context, CredentialsProvider **ret) {
        return profile_new(context, "aws-credentials", find_in_directory, ret);
}

int credentials_shared_profile_new(const CredentialsContext *context, CredentialsProvider **ret) {
        return profile_new(context, "shared profile", find_of_environment, ret);
}

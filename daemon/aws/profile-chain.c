/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a profile says about signing in
 *
 * A walk along source_profile that collects roles until a profile has a base. In one profile the
 * order is botocore's: a role to assume, web identity, IAM Identity Center, the credentials file's
 * keys, a login session, credential_process, the config file's keys. From the second profile on,
 * keys come before a role. What needs a person is refused where botocore would ask one.
 *
 * The AWS SDK for Rust differs in that credential_process comes before all keys, and in that keys
 * of the two files are mixed. Here they are of one file: half a key of each signs nothing.
 */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/profile-chain.h"
#include "util/string-util.h"

/* Of STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
#define DURATION_MIN_SEC 900u
#define DURATION_MAX_SEC 43200u
#define ROLE_ARN_MAX     ((size_t) 2048)

#define WORD_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

#define INSTEAD                                                                                    \
        "use role_arn with credential_source, web_identity_token_file, credential_process or an "  \
        "instance profile"

/* What is shown of a name that somebody wrote. */
#define SHOWN_MAX ((size_t) 64)

/* One more than there can be roles: the last one has the base. */
#define PATH_MAX_PROFILES (PROFILE_CHAIN_MAX + 1)

typedef struct Resolver {
        const Profiles *profiles;
        ProfileChain chain;
        const char *path[PATH_MAX_PROFILES]; /* the profiles seen, in the order of the walk */
        size_t n_path;
        Buffer *why;
} Resolver;

/* A name as it may stand in one line of a message. */
static const char *show(const char *name, char text[static SHOWN_MAX + 1]) {
        size_t n = utf8_cut(name, SHOWN_MAX);

        for (size_t i = 0; i < n; i++)
                text[i] = (char) ((unsigned char) name[i] < ' ' || name[i] == 0x7f ? '?' : name[i]);
        text[n] = '\0';
        return text;
}

/* Writes why, and returns r. */
_printf_(4, 5) static int refuse(const Resolver *resolver,
                const char *profile,
                int r,
                const char *format,
                ...) {
        char shown[SHOWN_MAX + 1], text[512];
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        return buffer_addf(resolver->why, "profile '%s': %s", show(profile, shown), text) < 0
                        ? -ENOMEM
                        : r;
}

static bool has(const Resolver *resolver, const char *profile, const char *key) {
        return profiles_get(resolver->profiles, profile, key) != NULL;
}

/* The value or NULL. Whoever writes a key without a value meant something, and not what would come
 * without the key. */
static int read_text(const Resolver *resolver,
                const char *profile,
                const char *key,
                const char **ret) {
        const char *value = profiles_get(resolver->profiles, profile, key);

        if (value && is_blank(value))
                return refuse(resolver, profile, -EINVAL,
                                "%s is blank; give it a value, or remove it", key);
        *ret = value;
        return 0;
}

/* As read_text(), for a value of min to max of these characters. */
static int read_word(const Resolver *resolver,
                const char *profile,
                const char *key,
                const char *characters,
                size_t min,
                size_t max,
                const char **ret) {
        const char *value = NULL;
        size_t n;
        int r;

        r = read_text(resolver, profile, key, &value);
        if (r < 0)
                return r;
        n = value ? strlen(value) : min;
        if (n < min || n > max)
                return refuse(resolver, profile, -EINVAL, "%s wants %zu to %zu characters", key,
                                min, max);
        if (value && value[strspn(value, characters)])
                return refuse(resolver, profile, -EINVAL,
                                "%s has characters other than letters, digits and %s", key,
                                characters + strlen(WORD_CHARACTERS) - 1);
        *ret = value;
        return 0;
}

static int read_session_name(const Resolver *resolver, const char *profile, const char **ret) {
        return read_word(resolver, profile, "role_session_name", WORD_CHARACTERS "+=,.@-", 2, 64,
                        ret);
}

/* No more is asked of an ARN than that it can be one: STS knows the rest, and AWS may change it. */
static int read_role_arn(const Resolver *resolver, const char *profile, const char **ret) {
        const char *value = NULL;
        int r;

        r = read_text(resolver, profile, "role_arn", &value);
        if (r < 0)
                return r;
        for (const char *c = value ? value : ""; *c; c++)
                if (*c <= ' ' || *c >= 0x7f)
                        return refuse(resolver, profile, -EINVAL,
                                        "role_arn has characters that no ARN has");
        if (value && strlen(value) > ROLE_ARN_MAX)
                return refuse(resolver, profile, -EINVAL, "role_arn is too long to be one");
        *ret = value;
        return 0;
}

static int read_duration(const Resolver *resolver, const char *profile, uint32_t *ret) {
        const char *value = NULL;
        uint64_t seconds = 0;
        int r;

        r = read_text(resolver, profile, "duration_seconds", &value);
        if (r < 0 || !value)
                return r;
        if (parse_uint(value, DURATION_MAX_SEC, &seconds) < 0 || seconds < DURATION_MIN_SEC)
                return refuse(resolver, profile, -EINVAL,
                                "duration_seconds wants a whole number from %u to %u",
                                DURATION_MIN_SEC, DURATION_MAX_SEC);
        *ret = (uint32_t) seconds;
        return 0;
}

/*
 * What a profile signs in with itself. Each of these is 1 where it was found, 0 where not, and
 * negative where it was and cannot be used.
 */

static int take_web_identity(Resolver *resolver, const char *profile) {
        ProfileRole *role = &resolver->chain.web_identity;
        int r;

        r = read_text(resolver, profile, "web_identity_token_file", &role->web_identity_token_file);
        if (r < 0 || !role->web_identity_token_file)
                return r;
        r = read_role_arn(resolver, profile, &role->role_arn);
        if (r >= 0 && !role->role_arn)
                r = refuse(resolver, profile, -EINVAL,
                                "web_identity_token_file is there, and role_arn is missing");
        if (r >= 0)
                r = read_session_name(resolver, profile, &role->session_name);
        if (r < 0)
                return r;

        resolver->chain.kind = PROFILE_BASE_WEB_IDENTITY;
        return 1;
}

static int refuse_browser(const Resolver *resolver, const char *profile, const char *key) {
        return refuse(resolver, profile, -EINVAL,
                        "%s signs in through a browser, which needs a person; " INSTEAD, key);
}

/* Signing in through a browser is refused where one of these counts. */
static int refuse_any(const Resolver *resolver,
                const char *profile,
                const char *const *keys,
                size_t n) {
        for (size_t i = 0; i < n; i++)
                if (has(resolver, profile, keys[i]))
                        return refuse_browser(resolver, profile, keys[i]);
        return 0;
}

/* These make an IAM Identity Center profile, to botocore. */
static const char *const sso_keys[] = { "sso_account_id", "sso_role_name" };
static const char *const login_keys[] = { "login_session" };
/* These alone do not, and yet say what was meant, where there is nothing else. */
static const char *const sso_rest_keys[] = { "sso_session", "sso_start_url", "sso_region" };

static const char *token_of(const ProfileFile *file, const char *profile) {
        /* The older name first, as botocore has it. */
        const char *token = profile_file_get(file, profile, "aws_security_token");

        if (is_blank(token))
                token = profile_file_get(file, profile, "aws_session_token");
        return is_blank(token) ? NULL : token;
}

static int take_keys(Resolver *resolver, const ProfileFile *file, const char *profile) {
        ProfileChain *chain = &resolver->chain;
        const char *id, *secret, *account;

        id = file ? profile_file_get(file, profile, "aws_access_key_id") : NULL;
        if (!id)
                return 0;
        if (is_blank(id))
                return refuse(resolver, profile, -EINVAL, "aws_access_key_id is blank");
        secret = profile_file_get(file, profile, "aws_secret_access_key");
        if (is_blank(secret))
                return refuse(resolver, profile, -EINVAL,
                                "aws_secret_access_key is missing in the file that has its "
                                "aws_access_key_id");

        account = profile_file_get(file, profile, "aws_account_id");
        chain->kind = PROFILE_BASE_STATIC;
        chain->access_key_id = id;
        chain->secret_access_key = secret;
        chain->session_token = token_of(file, profile);
        chain->account_id = is_blank(account) ? NULL : account;
        return 1;
}

static int take_process(Resolver *resolver, const char *profile) {
        int r;

        r = read_text(resolver, profile, "credential_process", &resolver->chain.process);
        if (r < 0 || !resolver->chain.process)
                return r;

        resolver->chain.kind = PROFILE_BASE_PROCESS;
        return 1;
}

/* What is half there, once nothing whole was found. */
static int refuse_rest(const Resolver *resolver, const char *profile) {
        if (has(resolver, profile, "aws_secret_access_key"))
                return refuse(resolver, profile, -EINVAL,
                                "aws_access_key_id is missing, and aws_secret_access_key is there");
        return refuse_any(resolver, profile, sso_rest_keys, ELEMENTSOF(sso_rest_keys));
}

static int take_base(Resolver *resolver, const char *profile) {
        const Profiles *profiles = resolver->profiles;
        int r;

        resolver->chain.profile = profile;
        r = take_web_identity(resolver, profile);
        if (r == 0)
                r = refuse_any(resolver, profile, sso_keys, ELEMENTSOF(sso_keys));
        if (r == 0)
                r = take_keys(resolver, profiles->credentials, profile);
        if (r == 0)
                r = refuse_any(resolver, profile, login_keys, ELEMENTSOF(login_keys));
        if (r == 0)
                r = take_process(resolver, profile);
        if (r == 0)
                r = take_keys(resolver, profiles->config, profile);
        return r == 0 ? refuse_rest(resolver, profile) : r;
}

/*
 * Roles on the way there.
 */

/* Names as they are documented, and no other case of them, as botocore. */
static const struct {
        const char *name;
        ProfileBaseKind kind;
} sources[] = {
        { "Environment", PROFILE_BASE_ENVIRONMENT },
        { "Ec2InstanceMetadata", PROFILE_BASE_IMDS },
        { "EcsContainer", PROFILE_BASE_CONTAINER },
};

static int take_source(Resolver *resolver, const char *profile, const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(sources); i++)
                if (streq(sources[i].name, name)) {
                        resolver->chain.kind = sources[i].kind;
                        resolver->chain.profile = profile;
                        return 0;
                }
        return refuse(resolver, profile, -EINVAL,
                        "credential_source wants Environment, Ec2InstanceMetadata or EcsContainer, "
                        "written so");
}

/* A token in the same profile makes the role one of a web identity, which is a base. */
static bool is_role(const Resolver *resolver, const char *profile) {
        return has(resolver, profile, "role_arn")
                        && !has(resolver, profile, "web_identity_token_file");
}

static int read_role(const Resolver *resolver, const char *profile, ProfileRole *ret) {
        int r;

        r = read_role_arn(resolver, profile, &ret->role_arn);
        if (r >= 0)
                r = read_word(resolver, profile, "external_id", WORD_CHARACTERS "+=,.@:/-", 2, 1224,
                                &ret->external_id);
        if (r >= 0)
                r = read_session_name(resolver, profile, &ret->session_name);
        if (r >= 0)
                r = read_duration(resolver, profile, &ret->duration_sec);
        if (r >= 0 && has(resolver, profile, "mfa_serial"))
                r = refuse(resolver, profile, -EINVAL,
                                "mfa_serial asks a person for a code; take a role that wants none, "
                                "or " INSTEAD);
        return r;
}

/* Takes the role; ret_next is the profile that it is assumed from, NULL where credential_source
 * says what from. */
static int take_role(Resolver *resolver, const char *profile, const char **ret_next) {
        const char *next = NULL, *source = NULL;
        ProfileRole role = { 0 };
        int r;

        r = read_text(resolver, profile, "source_profile", &next);
        if (r >= 0)
                r = read_text(resolver, profile, "credential_source", &source);
        if (r < 0)
                return r;
        if (next && source)
                return refuse(resolver, profile, -EINVAL,
                                "source_profile and credential_source exclude each other; remove "
                                "one");
        if (!next && !source)
                return refuse(resolver, profile, -EINVAL,
                                "role_arn wants source_profile, credential_source or "
                                "web_identity_token_file beside it");

        r = read_role(resolver, profile, &role);
        if (r >= 0 && source)
                r = take_source(resolver, profile, source);
        if (r < 0)
                return r;

        assert(resolver->chain.n_roles < PROFILE_CHAIN_MAX);
        resolver->chain.roles[resolver->chain.n_roles++] = role;
        *ret_next = next;
        return 0;
}

/*
 * The walk.
 */

static int refuse_circle(const Resolver *resolver, size_t start, const char *next) {
        _cleanup_buffer_ Buffer circle = { 0 };
        char shown[SHOWN_MAX + 1];

        for (size_t i = start; i < resolver->n_path; i++)
                (void) buffer_addf(&circle, "%s → ", show(resolver->path[i], shown));
        (void) buffer_add(&circle, show(next, shown));
        if (buffer_status(&circle) < 0)
                return -ENOMEM;
        return buffer_addf(resolver->why,
                               "profile '%s': source_profile goes in a circle: %s; one of them has "
                               "to have credentials of its own",
                               show(resolver->path[0], shown), buffer_text(&circle))
                                        < 0
                        ? -ENOMEM
                        : -EINVAL;
}

static int enter(Resolver *resolver, const char *profile) {
        const char *parent = resolver->n_path > 0 ? resolver->path[resolver->n_path - 1] : NULL;
        char shown[SHOWN_MAX + 1];

        for (size_t i = 0; i < resolver->n_path; i++)
                if (streq(resolver->path[i], profile))
                        return refuse_circle(resolver, i, profile);
        if (!profiles_has(resolver->profiles, profile)) {
                if (parent)
                        return refuse(resolver, parent, -EINVAL,
                                        "its source_profile '%s' does not exist",
                                        show(profile, shown));
                return refuse(resolver, profile, -ENOENT,
                                "it does not exist; it is written [profile NAME] in the config "
                                "file and [NAME] in the credentials file");
        }

        assert(resolver->n_path < PATH_MAX_PROFILES);
        resolver->path[resolver->n_path++] = profile;
        return 0;
}

static int refuse_nothing(const Resolver *resolver, const char *profile) {
        char shown[SHOWN_MAX + 1];

        if (resolver->n_path > 1)
                return refuse(resolver, profile, -EINVAL,
                                "it is the source_profile of '%s', and has no credentials",
                                show(resolver->path[resolver->n_path - 2], shown));
        if (has(resolver, profile, "source_profile") || has(resolver, profile, "credential_source"))
                return refuse(resolver, profile, -EINVAL,
                                "role_arn is missing beside source_profile or credential_source");
        return refuse(resolver, profile, -ENODATA,
                        "it says nothing about signing in; give it aws_access_key_id and "
                        "aws_secret_access_key, or " INSTEAD);
}

/* A profile that is its own source: the role is assumed with what else is in it. */
static int take_own_base(Resolver *resolver, const char *profile) {
        int r;

        r = take_base(resolver, profile);
        return r == 0 ? refuse_circle(resolver, resolver->n_path - 1, profile) : r;
}

static int walk(Resolver *resolver, const char *profile) {
        for (;;) {
                const char *next = NULL;
                bool has_keys;
                int r;

                r = enter(resolver, profile);
                if (r < 0)
                        return r;
                has_keys = has(resolver, profile, "aws_access_key_id")
                                || has(resolver, profile, "aws_secret_access_key");
                if (!is_role(resolver, profile) || (has_keys && resolver->n_path > 1)) {
                        r = take_base(resolver, profile);
                        return r == 0 ? refuse_nothing(resolver, profile) : r;
                }
                if (resolver->chain.n_roles == PROFILE_CHAIN_MAX)
                        return refuse(resolver, profile, -EINVAL, "more than %d roles lead to it",
                                        PROFILE_CHAIN_MAX);

                r = take_role(resolver, profile, &next);
                if (r < 0 || !next)
                        return r;
                if (streq(next, profile))
                        return take_own_base(resolver, profile);
                profile = next;
        }
}

int profile_chain_resolve(const Profiles *profiles,
                const char *profile,
                ProfileChain *ret,
                Buffer *ret_why) {
        Resolver resolver = { .profiles = profiles, .why = ret_why };
        ProfileChain *chain = &resolver.chain;
        int r;

        assert(profiles && profile && ret && ret_why);

        r = walk(&resolver, profile);
        if (r < 0)
                return r;

        /* The walk met the last role first. */
        for (size_t i = 0; i < chain->n_roles / 2; i++) {
                ProfileRole role = chain->roles[i];

                chain->roles[i] = chain->roles[chain->n_roles - 1 - i];
                chain->roles[chain->n_roles - 1 - i] = role;
        }
        *ret = *chain;
        return 0;
}

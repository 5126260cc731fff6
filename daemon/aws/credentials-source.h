#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of sources of credentials: what they share, and how each is made. credentials-chain.c
 * puts them in order. */

#include "aws/credentials.h"
#include "util/buffer.h"

/* What was read, before it is looked at. Borrowed. */
typedef struct CredentialsText {
        const char *access_key_id;
        const char *secret_access_key;
        const char *session_token; /* blank: none */
        const char *expiration; /* RFC 3339; blank: never */
        const char *account_id; /* blank: not said */
        const char *origin;
        bool may_outlive;
} CredentialsText;

/* How a source calls the parts of credentials. */
typedef struct CredentialsNames {
        const char *access_key_id, *secret_access_key, *session_token, *expiration, *account_id;
} CredentialsNames;

/* Makes credentials of text. 0, -ENOMEM, or -EINVAL with a phrase that says what is wrong with it,
 * in words of `names`. */
int credentials_from_text(const CredentialsText *text,
                const CredentialsNames *names,
                Credentials *ret,
                Buffer *ret_why);

/*
 * Makes credentials of a JSON object: the answers of metadata services and containers
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html)
 * and the output of a credential_process
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html). names are the
 * members' names; text gives origin and may_outlive. 0, -ENOMEM, or -EINVAL with why, which quotes
 * no value. The text itself is the caller's to wipe.
 */
int credentials_from_json(const void *body,
                size_t length,
                const CredentialsNames *names,
                const CredentialsText *text,
                Credentials *ret,
                Buffer *ret_why);

/* Each: 0 or -ENOMEM. The context must outlive the provider. */
typedef int (*CredentialsProviderNew)(const CredentialsContext *context, CredentialsProvider **ret);

/* AWS_ACCESS_KEY_ID and its companions. */
int credentials_environment_new(const CredentialsContext *context, CredentialsProvider **ret);

/* The profile that the settings name, in the shared files or in the file of systemd. */
int credentials_settings_profile_new(const CredentialsContext *context, CredentialsProvider **ret);

/* $CREDENTIALS_DIRECTORY/aws-credentials (systemd.exec(5), LoadCredential=), section [default]. */
int credentials_directory_new(const CredentialsContext *context, CredentialsProvider **ret);

/* The shared config and credentials files, the profile that AWS_PROFILE names or [default]. */
int credentials_shared_profile_new(const CredentialsContext *context, CredentialsProvider **ret);

/* AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME. */
int credentials_web_identity_environment_new(const CredentialsContext *context,
                CredentialsProvider **ret);

/* AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI: ECS, EKS pod identities, Greengrass. */
int credentials_container_new(const CredentialsContext *context, CredentialsProvider **ret);

/* The metadata service of the instance, version 2 alone. */
int credentials_imds_new(const CredentialsContext *context, CredentialsProvider **ret);

/* The output of a program. The command line is copied; origin is for people, and copied. */
int credentials_process_new(const CredentialsContext *context,
                const char *command,
                const char *origin,
                CredentialsProvider **ret);

/* AssumeRoleWithWebIdentity with the token of a file, which is read anew each time. Copied. */
typedef struct WebIdentity {
        const char *role_arn;
        const char *token_file;
        const char *session_name; /* NULL: the context's */
        uint32_t duration_sec; /* 0: STS's own choice */
} WebIdentity;

int credentials_web_identity_new(const CredentialsContext *context,
                const WebIdentity *identity,
                CredentialsProvider **ret);

/*
 * AssumeRole, signed with what `base` has; base becomes the provider's own, also on failure. An
 * error of base is passed on as it is; a refusal by STS is -EINVAL, and trouble there -EIO. The
 * role is copied.
 */
typedef struct AssumedRole {
        const char *role_arn;
        const char *external_id; /* NULL: none */
        const char *session_name; /* NULL: the context's */
        uint32_t duration_sec; /* 0: STS's own choice */
} AssumedRole;

int credentials_role_new(const CredentialsContext *context,
                const AssumedRole *role,
                CredentialsProvider *base,
                CredentialsProvider **ret);

#define _cleanup_credentials_ _cleanup_(credentials_done)

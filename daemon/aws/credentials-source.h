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
        const char *origin;
} CredentialsText;

/*
 * Makes credentials of text. 0, -ENOMEM, or -EINVAL with a phrase that says what is wrong with it,
 * in words of `names`: how the source calls the key, the secret, the token and the expiration.
 */
typedef struct CredentialsNames {
        const char *access_key_id, *secret_access_key, *session_token, *expiration;
} CredentialsNames;

int credentials_from_text(const CredentialsText *text,
                const CredentialsNames *names,
                Credentials *ret,
                Buffer *ret_why);

/* Each: 0 or -ENOMEM. */
typedef int (*CredentialsProviderNew)(const CredentialsOptions *options, CredentialsProvider **ret);

/* AWS_ACCESS_KEY_ID and its companions. */
int credentials_environment_new(const CredentialsOptions *options, CredentialsProvider **ret);

/* The profile that the settings name, in the shared credentials file or in the file of systemd. */
int credentials_settings_profile_new(const CredentialsOptions *options, CredentialsProvider **ret);

/* $CREDENTIALS_DIRECTORY/aws-credentials (systemd.exec(5), LoadCredential=), section [default]. */
int credentials_directory_new(const CredentialsOptions *options, CredentialsProvider **ret);

/* The shared credentials file, the section that AWS_PROFILE names or [default]. */
int credentials_shared_file_new(const CredentialsOptions *options, CredentialsProvider **ret);

#define _cleanup_credentials_ _cleanup_(credentials_done)

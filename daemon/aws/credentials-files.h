#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The files that profiles are read from, and which of them must not be. */

#include "aws/profiles.h"
#include "util/buffer.h"

/* The name under which the unit passes the file: LoadCredential=aws-credentials:/path. */
#define CREDENTIALS_FILE_NAME "aws-credentials"

/* Who else may do what with the files. */
typedef enum FileTrust {
        FILE_TRUST_ANY, /* a person's own business */
        FILE_TRUST_UNWRITABLE, /* nobody else may write them */
        FILE_TRUST_PRIVATE, /* nor read them, where they have secrets in them */
        FILE_TRUST_MAX
} FileTrust;

/*
 * The shared config and credentials files, as the environment names them. 0; -ENOMEM; -EINVAL: not
 * to be read, or not in their format; -EPERM: somebody else can do more with them than `trust`
 * allows. The last two with why, one line that names the file. A file that is
 * not there is none; one that the environment names is then told of in ret_missing, "" otherwise.
 */
int credentials_files_read(const Environment *environment,
                const ProfileLocations *locations,
                FileTrust trust,
                Profiles *ret,
                Buffer *ret_missing,
                Buffer *ret_why);

/*
 * $CREDENTIALS_DIRECTORY/aws-credentials, systemd's. As above, and -ENOENT where systemd passed
 * none. ret_path is a new string, once the file was found.
 */
int credentials_directory_read(const Environment *environment,
                Profiles *ret,
                char **ret_path,
                Buffer *ret_why);

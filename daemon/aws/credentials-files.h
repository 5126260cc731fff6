#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The files that profiles are read from, and which of them must not be. */

#include "aws/profiles.h"
#include "util/buffer.h"

/* The name under which the unit passes the file: LoadCredential=aws-credentials:/path. */
#define CREDENTIALS_FILE_NAME "aws-credentials"

/*
 * The shared config and credentials files, as the environment names them. 0; -ENOMEM; -EINVAL: not
 * to be read, or not in their format; -EPERM: somebody else can read or write them, where
 * `is_private` asks for that. The last two with why, one line that names the file. A file that is
 * not there is none; one that the environment names is then told of in ret_missing, "" otherwise.
 */
int credentials_files_read(const Environment *environment,
                const ProfileLocations *locations,
                bool is_private,
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

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Reading a file that nobody but root and the caller could have put there by a symbolic link. */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "util/buffer.h"

typedef struct TrustedFile {
        const char *path;
        size_t limit; /* bytes; more is -EFBIG */
} TrustedFile;

/* By what somebody else can redirect the path. */
typedef struct PathSuspect {
        char path[PATH_MAX];
        uid_t owner;
        mode_t mode;
        bool is_foreign; /* it belongs neither to root nor to the caller; else others may write it
                          */
} PathSuspect;

/*
 * As file_read(), into an empty buffer, and: -EPERM where a symbolic link leads through what
 * somebody else can redirect (ret_suspect then says what; nothing was read); -ELOOP for a circle of
 * links; -ESTALE for a file that is replaced again and again.
 */
int trusted_file_read(const TrustedFile *file,
                Buffer *ret,
                struct stat *ret_stat,
                PathSuspect *ret_suspect);

/* Returns 0, or a negative errno to stop with. */
typedef int (*FolderVisitor)(const char *folder, void *userdata);

/*
 * Calls visit for each folder in which a change can change what a path leads to: those of the links
 * on the way, and the one that the file lies in (a folder itself; of what does not exist, the
 * deepest folder that does). Paths are absolute. 0, -ENOMEM, or what visit returned.
 */
int path_visit_folders(const char *path, FolderVisitor visit, void *userdata);

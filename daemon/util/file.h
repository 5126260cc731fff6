#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Files: reading with a limit, replacing as a whole, closing. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/macro.h"

static inline void closep(int *fd) {
        if (*fd >= 0)
                (void) close(*fd);
}
#define _cleanup_close_ _cleanup_(closep)

/*
 * Reads a regular file whole into ret, which must be empty. 0 or a negative errno: -EFBIG above
 * `limit` bytes, -EISDIR, or -EBADFD for what is neither file nor folder. ret_stat (may be NULL) is
 * what was opened and read.
 */
int file_read(const char *path, size_t limit, Buffer *ret, struct stat *ret_stat);

/* Writes all of it, however many calls that takes. 0 or a negative errno. */
int write_all(int fd, const void *data, size_t length);

/*
 * Replaces a file of the folder dir_fd as a whole: written beside it, synced if `durable`, then
 * renamed over it and the folder synced too. Whoever reads sees the old contents or the new. 0 or a
 * negative errno, the old file intact.
 */
int file_replace(int dir_fd,
                const char *name,
                mode_t mode,
                const void *data,
                size_t length,
                bool durable);

/*
 * Makes a file that must not be there yet, not even as a link to nowhere: written beside it and
 * synced, then given its name. 0, -EEXIST with what is there untouched, or another negative errno
 * with nothing left behind.
 */
int file_create(const char *path, mode_t mode, const void *data, size_t length);

/* What root makes in a folder of somebody else is for him to use: gives the file to the owner of
 * the folder. Does nothing for others than root, and nothing where that fails. */
void file_give_to_owner_of(int fd, int dir_fd);

/* As mkdir -p; folders that exist are fine. 0 or a negative errno. */
int mkdir_parents(const char *path, mode_t mode);

/* dir + "/" + name as a new string, or NULL when out of memory. */
char *path_join(const char *dir, const char *name);

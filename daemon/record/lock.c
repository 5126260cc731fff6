/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One writer at a time
 *
 * flock(2) goes with the open file, so that the kernel lets go whatever becomes of the process. The
 * text in the file is for people only: it may be that of a process long gone, or of anybody who may
 * write there.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "record/lock.h"
#include "util/file.h"
#include "util/macro.h"
#include "util/string-util.h"

#define LOCK_NAME "lock"

static int refuse(int fd, int error, const char *directory, char **reterr_why) {
        char text[128] = "";
        ssize_t n = error == EWOULDBLOCK ? pread(fd, text, sizeof(text) - 1, 0) : 0;

        if (n > 0) {
                text[strcspn(text, "\n")] = '\0';
                text_flatten(text, strlen(text));
        }
        if (asprintf(reterr_why,
                            error == EWOULDBLOCK ? "'%s' is locked by %s" : "cannot lock '%s': %s",
                            directory,
                            error != EWOULDBLOCK    ? strerror(error)
                                            : *text ? text
                                                    : "another process")
                        < 0)
                *reterr_why = NULL;
        return error == EWOULDBLOCK ? -EBUSY : -error;
}

pid_t lock_line_holder(const char *line, uint64_t inode) {
        unsigned long long found;
        int holder;

        if (sscanf(line, "%*u: FLOCK %*s WRITE %9d %*x:%*x:%20llu", &holder, &found) != 2)
                return 0;
        /* Of another namespace's process the number is not known, and is 0. */
        return found == inode && holder > 0 ? holder : 0;
}

int lock_take(int dir_fd, const char *directory, const char *holder, char **reterr_why) {
        _cleanup_close_ int fd = -EBADF;
        char text[128];
        int n, taken;

        fd = openat(dir_fd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return refuse(fd, errno, directory, reterr_why);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return refuse(fd, errno, directory, reterr_why);
        file_give_to_owner_of(fd, dir_fd);

        n = snprintf(text, sizeof(text), "%.64s (process %d)\n", holder, (int) getpid());
        /* A lock without a name is still a lock. */
        if (ftruncate(fd, 0) == 0)
                (void) !pwrite(fd, text, (size_t) n, 0);

        taken = fd;
        fd = -EBADF;
        return taken;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Files: reading with a limit, replacing as a whole. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/file.h"
#include "util/mem.h"

#define READ_CHUNK ((size_t) 64 * 1024)

static int read_chunks(int fd, char *chunk, Buffer *buffer) {
        int r;

        for (;;) {
                ssize_t n = read(fd, chunk, READ_CHUNK);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                r = buffer_append(buffer, chunk, (size_t) n);
                if (r < 0)
                        return r;
        }
}

/* The file may hold secrets: what is read through is wiped, and room made at once, so that growing
 * leaves no copies behind. */
static int read_to_end(int fd, size_t expected, Buffer *buffer) {
        _cleanup_free_ char *chunk = malloc(READ_CHUNK);
        int r;

        if (!chunk || ARRAY_RESERVE(buffer->data, buffer->capacity, expected + 1) < 0)
                return -ENOMEM;
        buffer->data[0] = '\0';

        r = read_chunks(fd, chunk, buffer);
        erase(chunk, READ_CHUNK);
        return r;
}

int file_read(const char *path, size_t limit, Buffer *ret, struct stat *ret_stat) {
        _cleanup_buffer_ Buffer buffer = { .limit = limit };
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        int r;

        /* O_NONBLOCK: opening a FIFO that somebody left in a configuration folder must not hang the
         * service. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EBADFD;

        r = read_to_end(fd, MIN((size_t) st.st_size, limit), &buffer);
        if (r < 0)
                return r;

        if (ret_stat)
                *ret_stat = st;
        *ret = buffer;
        buffer = (Buffer){ 0 };
        return 0;
}

int write_all(int fd, const void *data, size_t length) {
        const char *p = data;

        while (length > 0) {
                ssize_t n = write(fd, p, length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                p += n;
                length -= (size_t) n;
        }
        return 0;
}

/* The mode asked for, whatever the umask. */
static int fill(int fd, mode_t mode, const void *data, size_t length, bool durable) {
        int r;

        if (fchmod(fd, mode) < 0)
                return -errno;
        r = write_all(fd, data, length);
        if (r < 0)
                return r;
        return durable && fsync(fd) < 0 ? -errno : 0;
}

static int write_beside(int dir_fd,
                const char *temporary,
                mode_t mode,
                const void *data,
                size_t length,
                bool durable) {
        _cleanup_close_ int fd = -EBADF;

        fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
        return fd < 0 ? -errno : fill(fd, mode, data, length, durable);
}

int file_replace(int dir_fd,
                const char *name,
                mode_t mode,
                const void *data,
                size_t length,
                bool durable) {
        _cleanup_free_ char *temporary = NULL;
        int r;

        if (asprintf(&temporary, ".%s.new", name) < 0)
                return -ENOMEM;

        r = write_beside(dir_fd, temporary, mode, data, length, durable);
        if (r >= 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(dir_fd, temporary, 0);
                return r;
        }
        if (durable && fsync(dir_fd) < 0)
                return -errno;
        return 0;
}

/* Not every file system can rename without replacing; those that cannot have hard links. */
static int rename_new(const char *from, const char *to) {
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
                return 0;
        if (errno != EINVAL && errno != ENOSYS)
                return -errno;
        if (link(from, to) < 0)
                return -errno;
        (void) unlink(from);
        return 0;
}

int file_create(const char *path, mode_t mode, const void *data, size_t length) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *temporary = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (asprintf(&temporary, "%.*s.auditshared-XXXXXX", slash ? (int) (slash + 1 - path) : 0,
                            path)
                        < 0)
                return -ENOMEM;
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;

        r = fill(fd, mode, data, length, true);
        if (r >= 0)
                r = rename_new(temporary, path);
        if (r < 0)
                (void) unlink(temporary);
        return r;
}

void file_give_to_owner_of(int fd, int dir_fd) {
        struct stat st;

        if (geteuid() == 0 && fstat(dir_fd, &st) >= 0 && st.st_uid != 0)
                (void) !fchown(fd, st.st_uid, st.st_gid);
}

int mkdir_parents(const char *path, mode_t mode) {
        _cleanup_free_ char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;

        for (char *p = copy + 1; *copy && *p; p++) {
                if (*p != '/')
                        continue;
                *p = '\0';
                if (mkdir(copy, mode) < 0 && errno != EEXIST)
                        return -errno;
                *p = '/';
        }
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
                return -errno;
        return 0;
}

char *path_join(const char *dir, const char *name) {
        size_t n = strlen(dir);
        char *path;

        while (n > 1 && dir[n - 1] == '/')
                n--;
        if (asprintf(&path, "%.*s/%s", (int) n, dir, name) < 0)
                return NULL;
        return path;
}

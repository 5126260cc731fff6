/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading a file that nobody else has put there
 *
 * Where a symbolic link is on the way, the way is gone by hand, one name at a time, and each folder
 * looked at: whoever can change one of them chooses what is read.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trusted-file.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

/* As many as the kernel follows. */
#define LINKS_MAX 40

/* Against somebody who is faster than the walk: a file that is replaced all the time is not read.
 */
#define WALKS_MAX 10

/* A path gone through by hand, one name at a time. */
typedef struct Walk {
        char at[PATH_MAX]; /* absolute, and without a link in it */
        char rest[PATH_MAX];
        struct stat st; /* of `at` */
        unsigned n_links;
        PathSuspect suspect; /* the first on the way that others can redirect; path "": none */
        FolderVisitor visit; /* called for the folder of each link; NULL: nobody asks */
        void *userdata;
} Walk;

static bool is_trusted(const struct stat *st) {
        return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Of a folder and what has a name in it, the one by which somebody else can make another thing of
 * that name; NULL: nobody can. */
static const struct stat *suspect_of(const struct stat *folder, const struct stat *entry) {
        if (!is_trusted(folder))
                return folder;
        if ((folder->st_mode & 022) == 0)
                return NULL;
        if ((folder->st_mode & S_ISVTX) == 0)
                return folder;
        /* In a folder such as /tmp, a name is its owner's to replace. */
        return is_trusted(entry) ? NULL : entry;
}

/* Puts text before the rest of the way. 0 or -ENAMETOOLONG. */
static int walk_prepend(Walk *walk, const char *text, const char *rest) {
        char joined[PATH_MAX];
        int n = snprintf(joined, sizeof(joined), "%s%s%s", text, *rest ? "/" : "", rest);

        if (n < 0 || (size_t) n >= sizeof(joined))
                return -ENAMETOOLONG;
        memcpy(walk->rest, joined, (size_t) n + 1);
        return 0;
}

/* Back to the root, where the rest of the way begins there. */
static int walk_rewind(Walk *walk) {
        if (*walk->rest != '/')
                return 0;
        memcpy(walk->at, "/", sizeof("/"));
        return lstat(walk->at, &walk->st) < 0 ? -errno : 0;
}

static int walk_up(Walk *walk) {
        char *slash = strrchr(walk->at, '/');

        slash[slash == walk->at] = '\0';
        return lstat(walk->at, &walk->st) < 0 ? -errno : 0;
}

static int walk_link(Walk *walk, const char *link, const char *rest) {
        char target[PATH_MAX];
        ssize_t n;
        int r;

        if (++walk->n_links > LINKS_MAX)
                return -ELOOP;
        r = walk->visit ? walk->visit(walk->at, walk->userdata) : 0;
        if (r < 0)
                return r;
        n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return -errno;
        target[n] = '\0';
        r = walk_prepend(walk, target, rest);
        return r < 0 ? r : walk_rewind(walk);
}

static int walk_down(Walk *walk, const char *name, const char *rest) {
        _cleanup_free_ char *next = NULL;
        const struct stat *suspect;
        struct stat st;

        if (asprintf(&next, "%s/%s", walk->at[1] ? walk->at : "", name) < 0)
                return -ENOMEM;
        if (lstat(next, &st) < 0)
                return -errno;
        if (strlen(next) >= sizeof(walk->at))
                return -ENAMETOOLONG;
        suspect = suspect_of(&walk->st, &st);
        if (suspect && !*walk->suspect.path) {
                const char *path = suspect == &st ? next : walk->at;

                memcpy(walk->suspect.path, path, strlen(path) + 1);
                walk->suspect.owner = suspect->st_uid;
                walk->suspect.mode = suspect->st_mode;
                walk->suspect.is_foreign = !is_trusted(suspect);
        }
        if (S_ISLNK(st.st_mode))
                return walk_link(walk, next, rest);

        memcpy(walk->at, next, strlen(next) + 1);
        walk->st = st;
        return walk_prepend(walk, "", rest);
}

static int walk_step(Walk *walk) {
        char name[NAME_MAX + 1], rest[PATH_MAX];
        const char *from = walk->rest + strspn(walk->rest, "/");
        size_t n = strcspn(from, "/");
        int r;

        if (n >= sizeof(name))
                return -ENAMETOOLONG;
        memcpy(name, from, n);
        name[n] = '\0';
        memcpy(rest, from + n, strlen(from + n) + 1);

        if (!streq(name, "") && !streq(name, ".") && !streq(name, ".."))
                return walk_down(walk, name, rest);
        r = walk_prepend(walk, "", rest);
        return r < 0 || !streq(name, "..") ? r : walk_up(walk);
}

/* 0 or a negative errno, as opening the path would give. */
static int walk_path(Walk *walk, const char *path) {
        int r;

        if (*path != '/' && !getcwd(walk->at, sizeof(walk->at)))
                return -errno;
        r = walk_prepend(walk, path, "");
        if (r >= 0)
                r = *path == '/' ? walk_rewind(walk) : lstat(walk->at, &walk->st) < 0 ? -errno : 0;
        while (r >= 0 && *walk->rest)
                r = walk_step(walk);
        return r;
}

/* A link in the wrong hands could have any file read out, line by line, as faults. */
static bool leads_astray(const Walk *walk) {
        return walk->n_links > 0 && *walk->suspect.path;
}

static bool is_same(const struct stat *a, const struct stat *b) {
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* 0, -EAGAIN where the file was replaced on the way, or another negative errno. */
static int read_once(const TrustedFile *file,
                Buffer *ret,
                struct stat *ret_stat,
                PathSuspect *ret_suspect) {
        _cleanup_buffer_ Buffer buffer = { 0 };
        Walk walk = { 0 };
        int r;

        r = walk_path(&walk, file->path);
        if (r < 0)
                return r;
        if (leads_astray(&walk)) {
                *ret_suspect = walk.suspect;
                return -EPERM;
        }
        r = file_read(file->path, file->limit, &buffer, ret_stat);
        if (r < 0)
                return r == -EPERM ? -EACCES : r;
        if (!is_same(ret_stat, &walk.st))
                return -EAGAIN;

        *ret = buffer;
        buffer = (Buffer){ 0 };
        return 0;
}

int trusted_file_read(const TrustedFile *file,
                Buffer *ret,
                struct stat *ret_stat,
                PathSuspect *ret_suspect) {
        int r = -EAGAIN;

        for (unsigned i = 0; i < WALKS_MAX && r == -EAGAIN; i++)
                r = read_once(file, ret, ret_stat, ret_suspect);
        return r == -EAGAIN ? -ESTALE : r;
}

int path_visit_folders(const char *path, FolderVisitor visit, void *userdata) {
        Walk walk = { .visit = visit, .userdata = userdata };
        int r;

        r = walk_path(&walk, path);
        if (r == -ENOMEM)
                return r;
        /* What is not there yet would appear in the last folder that is. */
        if (r >= 0 && !S_ISDIR(walk.st.st_mode))
                (void) walk_up(&walk);
        return *walk.at ? visit(walk.at, userdata) : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The file of a saved plan. */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/plan-file.h"
#include "ctl/plan-json.h"
#include "trusted-file.h"
#include "util/file.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/random.h"
#include "util/string-util.h"

/* --- writing --- */

/* A device or a link that is named here would be replaced as well, and that is not what was meant.
 */
static int check_target(int folder, const char *name) {
        struct stat st;

        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

static int write_beside(int folder, const char *temporary, const char *text) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, text, strlen(text));
        return r >= 0 && fsync(fd) < 0 ? -errno : r;
}

/* Under a name that nobody can guess: in a folder such as /tmp, somebody may have made one before.
 */
static int replace(int folder, const char *name, const char *text) {
        _cleanup_free_ char *temporary = NULL;
        uint8_t random[8];
        char digits[2 * sizeof(random) + 1];
        int r;

        random_bytes(random, sizeof(random));
        hex_encode(random, sizeof(random), digits);
        if (asprintf(&temporary, ".%.200s.%s", name, digits) < 0)
                return -ENOMEM;
        r = write_beside(folder, temporary, text);
        if (r >= 0 && renameat(folder, temporary, folder, name) < 0)
                r = -errno;
        if (r < 0 && r != -EEXIST)
                (void) unlinkat(folder, temporary, 0);
        return r < 0 ? r : fsync(folder) < 0 ? -errno : 0;
}

int plan_file_write(const char *path, const SavedPlan *plan) {
        _cleanup_json_ json_t *json = saved_plan_to_json(plan);
        _cleanup_free_ char *text = NULL;
        _cleanup_free_ char *folder_of = strdup(path), *name_of = strdup(path);
        _cleanup_close_ int folder = -EBADF;
        const char *name;
        int r;

        r = json_write(json, JSON_INDENT(1), &text);
        if (r < 0 || !folder_of || !name_of)
                return -ENOMEM;
        if (strlen(text) > PLAN_FILE_MAX)
                return -EFBIG;
        if (*path == '\0' || path[strlen(path) - 1] == '/')
                return *path ? -EISDIR : -ENOENT;

        folder = open(dirname(folder_of), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
                return -errno;
        name = basename(name_of);
        r = check_target(folder, name);
        return r < 0 ? r : replace(folder, name, text);
}

/* --- reading --- */

static int explain(char **reterr_why, int error, const char *format, ...) _printf_(3, 4);

static int explain(char **reterr_why, int error, const char *format, ...) {
        va_list args;
        int n;

        va_start(args, format);
        n = vasprintf(reterr_why, format, args);
        va_end(args);
        return n < 0 ? -ENOMEM : error;
}

/* What is done is what the file says: it has to be the word of who may say so. */
static int check_owner(const struct stat *st, char **reterr_why) {
        if (st->st_uid != 0 && st->st_uid != geteuid())
                return explain(reterr_why, -EPERM,
                                "it belongs to user %u, and a plan has to be root's or your own",
                                (unsigned) st->st_uid);
        if ((st->st_mode & 022) != 0)
                return explain(reterr_why, -EPERM,
                                "group or others may write it (mode %04o); make the plan anew",
                                st->st_mode & 07777);
        return 0;
}

static int explain_unread(char **reterr_why, int error, const PathSuspect *suspect) {
        switch (error) {
        case -ENOMEM:
                return error;
        case -EFBIG:
                return explain(reterr_why, error, "it is larger than any plan (%zu MiB)",
                                PLAN_FILE_MAX / 1024 / 1024);
        case -EISDIR:
        case -EBADFD:
                return explain(reterr_why, error, "it is no regular file");
        case -EPERM:
                return explain(reterr_why, error,
                                "a symbolic link leads through %s, which others can change",
                                suspect->path);
        default:
                return explain(reterr_why, error, "%s", strerror(-error));
        }
}

static int explain_contents(char **reterr_why, int error) {
        if (error == -EPROTONOSUPPORT)
                return explain(reterr_why, error,
                                "a later version of auditsharectl wrote it; make the plan anew");
        if (error == -EBADMSG)
                return explain(reterr_why, error,
                                "it is no plan, or it is damaged; make the plan anew");
        return error;
}

int plan_file_read(const char *path, SavedPlan **ret, char **reterr_why) {
        _cleanup_buffer_ Buffer text = { 0 };
        _cleanup_json_ json_t *json = NULL;
        TrustedFile file = { .path = path, .limit = PLAN_FILE_MAX };
        PathSuspect suspect = { 0 };
        struct stat st;
        int r;

        r = trusted_file_read(&file, &text, &st, &suspect);
        if (r < 0)
                return explain_unread(reterr_why, r, &suspect);
        r = check_owner(&st, reterr_why);
        if (r < 0)
                return r;
        r = json_read(buffer_text(&text), text.length, &json);
        if (r >= 0)
                r = saved_plan_from_json(json, ret);
        return r < 0 ? explain_contents(reterr_why, r) : 0;
}

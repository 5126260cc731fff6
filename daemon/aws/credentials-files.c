/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The files that profiles are read from
 *
 * The service takes no keys that somebody else can read: they are no secret any more, and the next
 * source would hide that. It takes nothing at all from a file that somebody else can write, because
 * such a file names programs to run and places to sign in.
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/credentials-files.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

#define MODE_WRITE ((mode_t) (S_IWGRP | S_IWOTH))
#define MODE_READ  ((mode_t) (S_IRGRP | S_IROTH))

/* systemd hands out its copies with mode 0440 where an access control list lets the service's user
 * in. */
#define MODE_REFUSED_DIRECTORY ((mode_t) (S_IROTH | S_IWOTH))

typedef struct FileRules {
        ProfileFileKind kind;
        mode_t refused; /* mode bits that it must not have */
        mode_t refused_with_secrets; /* and these, where there is a secret in it */
} FileRules;

static int on_property(ProfileSectionKind kind,
                const char *name,
                const char *key,
                const char *value,
                void *userdata) {
        (void) kind;
        (void) name;
        (void) value;
        (void) userdata;
        return key && (streq(key, "aws_secret_access_key") || streq(key, "aws_session_token"))
                        ? -EEXIST
                        : 0;
}

static bool has_secrets(const ProfileFile *file) {
        return profile_file_each(file, on_property, NULL) < 0;
}

/* Says why and returns r, or that there is no memory to say so. */
static int explain(Buffer *why, int r, const char *path, const char *text) {
        return buffer_addf(why, "%s: %s", path, text) < 0 ? -ENOMEM : r;
}

/* Whoever owns a file can write it, whatever its mode says. */
static int check_owner(const char *path, const struct stat *st, mode_t refused, Buffer *why) {
        if (!refused || st->st_uid == 0 || st->st_uid == geteuid())
                return 0;
        return buffer_addf(why, "%s: it belongs to user %u, who can write it; chown it to root",
                               path, (unsigned) st->st_uid)
                                        < 0
                        ? -ENOMEM
                        : -EPERM;
}

static int check_mode(const char *path, mode_t mode, mode_t refused, Buffer *why) {
        if (!(mode & refused))
                return 0;
        return buffer_addf(why, "%s: its mode %04o lets others %s it; make it 0600", path,
                               (unsigned) mode & 07777,
                               mode & refused & MODE_READ ? "read" : "write")
                                        < 0
                        ? -ENOMEM
                        : -EPERM;
}

/* 0, -ENOENT, -ENOMEM, -EINVAL, -EPERM; the last two with why. */
static int read_file(const FileRules *rules, const char *path, ProfileFile **ret, Buffer *why) {
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        _cleanup_(buffer_wipe) Buffer text = { 0 };
        const char *fault = NULL;
        struct stat st;
        uint32_t line = 0;
        int r;

        r = file_read(path, PROFILE_FILE_SIZE_MAX, &text, &st);
        if (r == -ENOMEM || r == -ENOENT)
                return r;
        if (r == -EFBIG)
                return explain(why, -EINVAL, path, "it is larger than 1 MiB; want profiles alone");
        if (r < 0)
                return explain(why, -EINVAL, path, strerror(-r));

        r = check_owner(path, &st, rules->refused, why);
        if (r >= 0)
                r = check_mode(path, st.st_mode, rules->refused, why);
        if (r < 0)
                return r;
        r = profile_file_parse(rules->kind, buffer_text(&text), text.length, &file, &line, &fault);
        if (r == -EINVAL && buffer_addf(why, "%s:%u: %s", path, line, fault) < 0)
                return -ENOMEM;
        if (r >= 0 && has_secrets(file))
                r = check_mode(path, st.st_mode, rules->refused_with_secrets, why);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(file);
        return 0;
}

/* What systemd hands out keeps systemd's mode, whatever variable names it. */
static bool is_passed(const Environment *environment, const char *path) {
        const char *directory = environment_text(environment, "CREDENTIALS_DIRECTORY"),
                   *rest = directory ? starts_with(path, directory) : NULL;

        return rest && (*rest == '/' || rest[-1] == '/') && !strstr(rest, "..");
}

static int read_shared(const Environment *environment,
                const FileRules *rules,
                const char *path,
                bool is_named,
                ProfileFile **ret,
                Buffer *missing,
                Buffer *why) {
        int r;

        if (!path)
                return 0;
        if (rules->refused && is_passed(environment, path))
                r = read_file(&(FileRules){ rules->kind, MODE_REFUSED_DIRECTORY, 0 }, path, ret,
                                why);
        else
                r = read_file(rules, path, ret, why);
        if (r != -ENOENT)
                return r;
        if (!is_named)
                return 0;
        if (missing->length > 0 && buffer_add(missing, "; ") < 0)
                return -ENOMEM;
        return explain(missing, 0, path, strerror(ENOENT));
}

int credentials_files_read(const Environment *environment,
                const ProfileLocations *locations,
                FileTrust trust,
                Profiles *ret,
                Buffer *ret_missing,
                Buffer *ret_why) {
        mode_t write = trust == FILE_TRUST_ANY ? 0 : MODE_WRITE,
               any = trust == FILE_TRUST_PRIVATE ? MODE_READ | MODE_WRITE : write;
        _cleanup_profiles_ Profiles profiles = { 0 };
        int r;

        r = read_shared(environment, &(FileRules){ PROFILE_FILE_CONFIG, write, any },
                        locations->config, locations->config_is_named, &profiles.config,
                        ret_missing, ret_why);
        if (r >= 0)
                r = read_shared(environment, &(FileRules){ PROFILE_FILE_CREDENTIALS, any, any },
                                locations->credentials, locations->credentials_is_named,
                                &profiles.credentials, ret_missing, ret_why);
        if (r < 0)
                return r;

        *ret = profiles;
        profiles = (Profiles){ 0 };
        return 0;
}

int credentials_directory_read(const Environment *environment,
                Profiles *ret,
                char **ret_path,
                Buffer *ret_why) {
        const char *directory = environment_text(environment, "CREDENTIALS_DIRECTORY");
        static const FileRules rules = { PROFILE_FILE_CREDENTIALS, MODE_REFUSED_DIRECTORY, 0 };
        _cleanup_free_ char *path = NULL;
        ProfileFile *file = NULL;
        int r;

        if (!directory)
                return -ENOENT;
        path = path_join(directory, CREDENTIALS_FILE_NAME);
        if (!path)
                return -ENOMEM;
        r = read_file(&rules, path, &file, ret_why);
        if (r < 0)
                return r;

        *ret = (Profiles){ .credentials = file };
        *ret_path = TAKE_PTR(path);
        return 0;
}

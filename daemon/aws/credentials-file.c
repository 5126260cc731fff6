/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials from files in the format of ~/.aws/credentials
 *
 * Three kinds of sources read such a file, and differ in which file, which section, and what it
 * means when either is not there. Files are read anew at each question, because they are replaced
 * when keys rotate. The service takes no file that somebody else can read: such keys are no secret
 * any more, and the next source would hide that.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/credentials-source.h"
#include "aws/profile-file.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

/* The name under which the unit passes the file: LoadCredential=aws-credentials:/path. */
#define CREDENTIAL_NAME "aws-credentials"

/* systemd hands out its copies with mode 0440 where an access control list lets the service's user
 * in. */
#define MODE_REFUSED_DIRECTORY ((mode_t) (S_IROTH | S_IWOTH))
#define MODE_REFUSED_SERVICE   ((mode_t) (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH))

typedef struct FileProvider {
        CredentialsProvider provider;
        char *profile; /* of the settings; NULL: none */
        bool is_service;
} FileProvider;

/* One section of one file. */
typedef struct Section {
        const char *path;
        const char *profile;
        mode_t refused; /* mode bits that it must not have */
} Section;

static const CredentialsNames names = {
        .access_key_id = "aws_access_key_id",
        .secret_access_key = "aws_secret_access_key",
        .session_token = "aws_session_token",
        .expiration = "expiration",
};

static void erase_buffer(Buffer *buffer) {
        erase(buffer->data, buffer->capacity);
        buffer_done(buffer);
}

/* Says why and returns r, or that there is no memory to say so. */
static int explain(Buffer *why, int r, const char *path, const char *text) {
        return buffer_addf(why, "%s: %s", path, text) < 0 ? -ENOMEM : r;
}

static int read_profiles(const Section *section, ProfileFile **ret, Buffer *why) {
        _cleanup_(erase_buffer) Buffer text = { 0 };
        const char *fault = NULL;
        struct stat st;
        uint32_t line = 0;
        int r;

        r = file_read(section->path, PROFILE_FILE_SIZE_MAX, &text, &st);
        if (r < 0)
                return r == -ENOMEM ? r
                                    : explain(why, r == -ENOENT ? -ENOENT : -EINVAL, section->path,
                                                    strerror(-r));

        if (st.st_mode & section->refused)
                return buffer_addf(why,
                                       "%s: its mode %04o lets others read or write it; make it "
                                       "0600",
                                       section->path, (unsigned) st.st_mode & 07777)
                                                < 0
                                ? -ENOMEM
                                : -EPERM;

        r = profile_file_parse(PROFILE_FILE_CREDENTIALS, buffer_text(&text), text.length, ret,
                        &line, &fault);
        if (r == -EINVAL && buffer_addf(why, "%s:%u: %s", section->path, line, fault) < 0)
                return -ENOMEM;
        return r;
}

/* 0; -ENOENT: no such file; -ESRCH: no such section; -EPERM: readable for others; -EINVAL: wrong
 * otherwise; -ENOMEM. */
static int section_read(const Section *section, Credentials *ret, Buffer *why) {
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        _cleanup_buffer_ Buffer fault = { 0 };
        _cleanup_free_ char *origin = NULL;
        CredentialsText text;
        int r;

        r = read_profiles(section, &file, why);
        if (r < 0)
                return r;

        if (asprintf(&origin, "%s [%s]", section->path, section->profile) < 0)
                return -ENOMEM;
        if (!profile_file_has(file, section->profile))
                return explain(why, -ESRCH, origin, "no such section");

        text = (CredentialsText){
                .access_key_id = profile_file_get(file, section->profile, names.access_key_id),
                .secret_access_key =
                                profile_file_get(file, section->profile, names.secret_access_key),
                .session_token = profile_file_get(file, section->profile, names.session_token),
                .origin = origin,
        };
        r = credentials_from_text(&text, &names, ret, &fault);
        return r == -EINVAL ? explain(why, r, origin, buffer_text(&fault)) : r;
}

/* 0 with NULL where systemd gave no folder. */
static int directory_path(char **ret) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");

        if (is_blank(directory))
                return 0;
        *ret = path_join(directory, CREDENTIAL_NAME);
        return *ret ? 0 : -ENOMEM;
}

/* 0 with NULL where no file is to be looked at: the home of a service's user is nobody's choice. */
static int shared_path(bool is_service, char **ret) {
        const char *named = getenv("AWS_SHARED_CREDENTIALS_FILE"), *home = getenv("HOME");

        if (!is_blank(named))
                *ret = strdup(named);
        else if (!is_service && !is_blank(home))
                *ret = path_join(home, ".aws/credentials");
        else
                return 0;
        return *ret ? 0 : -ENOMEM;
}

static mode_t shared_mode(const FileProvider *provider) {
        return provider->is_service ? MODE_REFUSED_SERVICE : 0;
}

static void answer(int r,
                Credentials *credentials,
                Buffer *why,
                CredentialsCallback callback,
                void *userdata) {
        if (r < 0)
                callback(r, NULL, r == -ENOMEM ? "out of memory" : buffer_text(why), userdata);
        else
                callback(0, credentials, NULL, userdata);
}

/*
 * The profile of the settings: whoever names one means that one, so whatever goes wrong ends the
 * chain.
 */

static int settings_profile_read(const FileProvider *provider, Credentials *ret, Buffer *why) {
        _cleanup_free_ char *shared = NULL, *directory = NULL;
        Section sections[2];
        size_t n = 0;
        int r;

        r = shared_path(provider->is_service, &shared);
        if (r >= 0)
                r = directory_path(&directory);
        if (r < 0)
                return r;
        if (shared)
                sections[n++] = (Section){ shared, provider->profile, shared_mode(provider) };
        if (directory)
                sections[n++] = (Section){ directory, provider->profile, MODE_REFUSED_DIRECTORY };

        if (buffer_addf(why, "profile '%s' of the settings: ", provider->profile) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                if (i > 0 && buffer_add(why, "; ") < 0)
                        return -ENOMEM;
                r = section_read(&sections[i], ret, why);
                if (r >= 0 || r == -ENOMEM)
                        return r;
                if (r != -ENOENT && r != -ESRCH)
                        return -EPERM;
        }
        if (n == 0
                        && buffer_add(why,
                                           "there is no file to find it in; set "
                                           "AWS_SHARED_CREDENTIALS_FILE or LoadCredential=")
                                        < 0)
                return -ENOMEM;
        return -EPERM;
}

static int settings_profile_fetch(CredentialsProvider *base,
                CredentialsCallback callback,
                void *userdata) {
        FileProvider *provider = (FileProvider *) base;
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        int r = -ENOENT;

        if (provider->profile)
                r = settings_profile_read(provider, &credentials, &why);
        answer(r, &credentials, &why, callback, userdata);
        return 0;
}

/*
 * The file that systemd passes.
 */

static int directory_fetch(CredentialsProvider *base _unused_,
                CredentialsCallback callback,
                void *userdata) {
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        _cleanup_free_ char *path = NULL;
        int r;

        r = directory_path(&path);
        if (r >= 0) {
                Section section = { path, "default", MODE_REFUSED_DIRECTORY };

                r = path ? section_read(&section, &credentials, &why) : -ENOENT;
        }
        answer(r == -ESRCH ? -EINVAL : r, &credentials, &why, callback, userdata);
        return 0;
}

/*
 * The shared credentials file. AWS_PROFILE is a choice, too; without it, a file without [default]
 * has nothing to say.
 */

static int shared_file_read(const FileProvider *provider, Credentials *ret, Buffer *why) {
        const char *chosen = getenv("AWS_PROFILE");
        bool is_chosen = !is_blank(chosen);
        _cleanup_free_ char *path = NULL;
        Section section;
        int r;

        r = shared_path(provider->is_service, &path);
        if (r < 0)
                return r;

        section = (Section){ path, is_chosen ? chosen : "default", shared_mode(provider) };
        if (path)
                r = section_read(&section, ret, why);
        else if (is_chosen)
                r = explain(why, -EPERM, "AWS_PROFILE",
                                "there is no file to find it in; set AWS_SHARED_CREDENTIALS_FILE");
        else
                r = -ENOENT;

        if (is_chosen && r < 0 && r != -ENOMEM)
                return -EPERM;
        if (r == -ENOENT && !is_blank(getenv("AWS_SHARED_CREDENTIALS_FILE")))
                return -EINVAL;
        return r == -ESRCH ? -ENOENT : r;
}

static int shared_file_fetch(CredentialsProvider *base,
                CredentialsCallback callback,
                void *userdata) {
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        r = shared_file_read((FileProvider *) base, &credentials, &why);
        answer(r, &credentials, &why, callback, userdata);
        return 0;
}

/*
 * The three of them.
 */

static void file_provider_free(CredentialsProvider *base) {
        FileProvider *provider = (FileProvider *) base;

        free(provider->profile);
        free(provider);
}

static int file_provider_new(const CredentialsContext *options,
                CredentialsProvider base,
                CredentialsProvider **ret) {
        FileProvider *provider;

        assert(options && ret);

        provider = malloc(sizeof(*provider));
        if (!provider)
                return -ENOMEM;
        *provider = (FileProvider){ .provider = base, .is_service = options->is_service };
        provider->provider.free = file_provider_free;

        if (options->profile) {
                provider->profile = strdup(options->profile);
                if (!provider->profile) {
                        free(provider);
                        return -ENOMEM;
                }
        }

        *ret = &provider->provider;
        return 0;
}

int credentials_settings_profile_new(const CredentialsContext *options, CredentialsProvider **ret) {
        return file_provider_new(options,
                        (CredentialsProvider){ .name = "profile", .fetch = settings_profile_fetch },
                        ret);
}

int credentials_directory_new(const CredentialsContext *options, CredentialsProvider **ret) {
        return file_provider_new(options,
                        (CredentialsProvider){ .name = CREDENTIAL_NAME, .fetch = directory_fetch },
                        ret);
}

int credentials_shared_profile_new(const CredentialsContext *options, CredentialsProvider **ret) {
        return file_provider_new(options,
                        (CredentialsProvider){
                                        .name = "credentials file", .fetch = shared_file_fetch },
                        ret);
}

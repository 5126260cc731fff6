/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where credentials come from, and where they must not
 *
 * Each row is a world of environment variables and files, and says what the chain makes of it:
 * whose credentials, or which error with which words. Whatever the error, no secret is in its text.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/credentials.h"
#include "test.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* In each secret of this test, and in no message. */
#define MARK "HUSHHUSH"

typedef struct File {
        const char *name; /* below the test's folder; NULL: none */
        mode_t mode;
        const char *text;
} File;

#define SECTION(name, key)                                                                         \
        "[" name "]\naws_access_key_id = " key "\naws_secret_access_key = " MARK "\n"

/* DIR in a variable's value stands for the test's folder. */
typedef struct Row {
        const char *name;
        const char *profile; /* of the settings */
        bool by_hand; /* auditsharectl's way */
        File files[3];
        const char *environment[8]; /* name, value, ... */
        int error;
        const char *key; /* that is found */
        const char *why[3]; /* words of the message; with a key, of what was passed over */
} Row;

static const Row rows[] = {
        { .name = "nothing", .error = -ENOENT, .why = { "no credentials", "LoadCredential" } },
        { .name = "environment",
                        .environment = { "AWS_ACCESS_KEY_ID", "AKENV", "AWS_SECRET_ACCESS_KEY",
                                        MARK },
                        .key = "AKENV" },
        { .name = "environment/blank",
                        .environment = { "AWS_ACCESS_KEY_ID", " ", "AWS_SECRET_ACCESS_KEY", "" },
                        .error = -ENOENT,
                        .why = { "no credentials" } },
        { .name = "environment/no secret",
                        .environment = { "AWS_ACCESS_KEY_ID", "AKENV" },
                        .error = -EINVAL,
                        .why = { "AWS_SECRET_ACCESS_KEY is missing" } },
        { .name = "environment/no key",
                        .environment = { "AWS_SECRET_ACCESS_KEY", MARK },
                        .error = -EINVAL,
                        .why = { "AWS_ACCESS_KEY_ID is missing" } },
        { .name = "environment/line feed",
                        .environment = { "AWS_ACCESS_KEY_ID", "AKENV", "AWS_SECRET_ACCESS_KEY",
                                        MARK "\n" },
                        .error = -EINVAL,
                        .why = { "AWS_SECRET_ACCESS_KEY contains" } },
        { .name = "environment/expiration",
                        .environment = { "AWS_ACCESS_KEY_ID", "AKENV", "AWS_SECRET_ACCESS_KEY",
                                        MARK, "AWS_CREDENTIAL_EXPIRATION", "soon" },
                        .error = -EINVAL,
                        .why = { "AWS_CREDENTIAL_EXPIRATION is no time" } },

        { .name = "directory before environment",
                        .files = { { "aws-credentials", 0400, SECTION("default", "AKDIR") } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV", "AWS_SECRET_ACCESS_KEY", MARK },
                        .key = "AKDIR" },
        { .name = "directory/group may read",
                        .files = { { "aws-credentials", 0440, SECTION("default", "AKDIR") } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR" },
                        .key = "AKDIR" },
        { .name = "directory/others may not",
                        .files = { { "aws-credentials", 0444, SECTION("default", "AKDIR") } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV", "AWS_SECRET_ACCESS_KEY", MARK },
                        .error = -EPERM,
                        .why = { "aws-credentials", "0444" } },
        { .name = "directory/no such file",
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV", "AWS_SECRET_ACCESS_KEY", MARK },
                        .key = "AKENV" },
        { .name = "directory/no section, passed over",
                        .files = { { "aws-credentials", 0400, SECTION("other", "AKDIR") } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV", "AWS_SECRET_ACCESS_KEY", MARK },
                        .key = "AKENV",
                        .why = { "aws-credentials: profile 'default': it does not exist" } },
        { .name = "directory/syntax",
                        .files = { { "aws-credentials", 0400, "\n[default\n" MARK "\n" } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR" },
                        .error = -EINVAL,
                        .why = { "aws-credentials:2: " } },
        { .name = "directory/no secret in section",
                        .files = { { "aws-credentials", 0400,
                                        "[default]\naws_access_key_id = AKDIR\n" } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR" },
                        .error = -EINVAL,
                        .why = { "aws_secret_access_key is missing" } },

        { .name = "shared file/default",
                        .files = { { "shared", 0600,
                                        SECTION("default", "AKFILE") SECTION("p", "AKP") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared" },
                        .key = "AKFILE" },
        { .name = "shared file/AWS_PROFILE",
                        .files = { { "shared", 0600,
                                        SECTION("default", "AKFILE") SECTION("p", "AKP") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared", "AWS_PROFILE",
                                        "p" },
                        .key = "AKP" },
        { .name = "shared file/AWS_PROFILE that is not there",
                        .files = { { "shared", 0600, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared", "AWS_PROFILE",
                                        "p" },
                        .error = -EPERM,
                        .why = { "AWS_PROFILE: ", "shared: profile 'p': it does not exist" } },
        { .name = "shared file/AWS_PROFILE without a file",
                        .environment = { "AWS_PROFILE", "p", "HOME", "DIR" },
                        .error = -EPERM,
                        .why = { "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE" } },
        { .name = "shared file/named, not there",
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared" },
                        .error = -EINVAL,
                        .why = { "shared: No such file" } },
        { .name = "shared file/passed by systemd",
                        .files = { { "shared", 0440, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared",
                                        "CREDENTIALS_DIRECTORY", "DIR" },
                        .key = "AKFILE" },
        { .name = "shared file/not quite passed by systemd",
                        .files = { { "shared", 0440, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/other/../shared",
                                        "CREDENTIALS_DIRECTORY", "DIR/other" },
                        .error = -EINVAL,
                        .why = { "shared: No such file" } },
        { .name = "shared file/readable for the group",
                        .files = { { "shared", 0640, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared" },
                        .error = -EPERM,
                        .why = { "0640", "0600" } },
        { .name = "shared file/readable for all, by hand",
                        .by_hand = true,
                        .files = { { "shared", 0644, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared" },
                        .key = "AKFILE" },
        { .name = "shared file/a folder",
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR" },
                        .error = -EINVAL,
                        .why = { "Is a directory" } },
        { .name = "environment before shared file",
                        .files = { { "shared", 0600, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared",
                                        "AWS_ACCESS_KEY_ID", "AKENV", "AWS_SECRET_ACCESS_KEY",
                                        MARK },
                        .key = "AKENV" },
        { .name = "environment misconfigured, then shared file",
                        .files = { { "shared", 0600, SECTION("default", "AKFILE") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared",
                                        "AWS_ACCESS_KEY_ID", "AKENV" },
                        .key = "AKFILE",
                        .why = { "AWS_SECRET_ACCESS_KEY is missing" } },
        { .name = "several misconfigured",
                        .files = { { "aws-credentials", 0400, "[default]\n" } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV" },
                        .error = -EINVAL,
                        .why = { "it says nothing about signing in", "AWS_SECRET_ACCESS_KEY" } },

        { .name = "home/service",
                        .files = { { ".aws/credentials", 0600, SECTION("default", "AKHOME") } },
                        .environment = { "HOME", "DIR" },
                        .error = -ENOENT,
                        .why = { "no credentials" } },
        { .name = "home/by hand",
                        .by_hand = true,
                        .files = { { ".aws/credentials", 0600, SECTION("default", "AKHOME") } },
                        .environment = { "HOME", "DIR" },
                        .key = "AKHOME" },

        { .name = "profile of the settings",
                        .profile = "audit",
                        .files = { { "shared", 0600,
                                                   SECTION("default", "AKFILE")
                                                                   SECTION("audit", "AKAUDIT") },
                                        { "aws-credentials", 0400, SECTION("default", "AKDIR") } },
                        .environment = { "AWS_SHARED_CREDENTIALS_FILE", "DIR/shared",
                                        "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV" },
                        .key = "AKAUDIT" },
        { .name = "profile of the settings/from systemd",
                        .profile = "audit",
                        .files = { { "aws-credentials", 0440,
                                        SECTION("default", "AKDIR") SECTION("audit", "AKAUDIT") } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR" },
                        .key = "AKAUDIT" },
        { .name = "profile of the settings/no fall through",
                        .profile = "audit",
                        .files = { { "aws-credentials", 0400, SECTION("default", "AKDIR") } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV", "AWS_SECRET_ACCESS_KEY", MARK },
                        .error = -EPERM,
                        .why = { "settings: ", "settings: ",
                                        "profile 'audit': it does not exist" } },
        { .name = "profile of the settings/incomplete",
                        .profile = "audit",
                        .files = { { "aws-credentials", 0400,
                                        "[audit]\naws_secret_access_key=" MARK "\n" } },
                        .environment = { "CREDENTIALS_DIRECTORY", "DIR", "AWS_ACCESS_KEY_ID",
                                        "AKENV", "AWS_SECRET_ACCESS_KEY", MARK },
                        .error = -EPERM,
                        .why = { "aws_access_key_id is missing" } },
        { .name = "profile of the settings/no file at all",
                        .profile = "audit",
                        .error = -EPERM,
                        .why = { "there is no file to find it in" } },
};

static char folder[] = "/tmp/test-credentials-XXXXXX";

typedef struct Seen {
        unsigned n;
        int r;
        Credentials credentials;
        char why[1024];
} Seen;

static void on_credentials(int r, Credentials *credentials, const char *why, void *userdata) {
        Seen *seen = userdata;

        seen->n++;
        seen->r = r;
        (void) snprintf(seen->why, sizeof(seen->why), "%s", why ? why : "");
        if (r == 0) {
                seen->credentials = *credentials;
                *credentials = (Credentials){ 0 };
        }
}

static char *in_folder(const char *name) {
        char *path = path_join(folder, name);

        if (!path)
                abort();
        return path;
}

static void write_file(const File *file) {
        _cleanup_free_ char *path = in_folder(file->name);
        FILE *stream = fopen(path, "we");

        if (!stream || fputs(file->text, stream) < 0 || fclose(stream) != 0
                        || chmod(path, file->mode) < 0)
                abort();
}

static void remove_file(const char *name) {
        _cleanup_free_ char *path = in_folder(name);

        (void) unlink(path);
}

static const char *const variables[] = {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "CREDENTIALS_DIRECTORY",
        "HOME",
};

static void set_up(const Row *row) {
        for (size_t i = 0; i < ELEMENTSOF(variables); i++)
                (void) unsetenv(variables[i]);
        (void) setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
        for (size_t i = 0; i < ELEMENTSOF(row->environment) && row->environment[i]; i += 2) {
                const char *value = row->environment[i + 1], *below = starts_with(value, "DIR");
                _cleanup_free_ char *path = below ? in_folder(*below ? below + 1 : below) : NULL;

                (void) setenv(row->environment[i], path ? path : value, 1);
        }
        for (size_t i = 0; i < ELEMENTSOF(row->files) && row->files[i].name; i++)
                write_file(&row->files[i]);
}

static void fetch(CredentialsProvider *provider, Seen *seen) {
        *seen = (Seen){ 0 };
        ASSERT_OK(credentials_fetch(provider, on_credentials, seen));
        ASSERT_EQ(1, seen->n);
}

static void check_row(const Row *row) {
        CredentialsContext options = { .environment = &environment_process,
                .profile = row->profile,
                .is_service = !row->by_hand };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Seen seen;

        test_row(row->name);
        set_up(row);
        if (!ASSERT_OK(credentials_chain_new(&options, &provider)))
                return;

        /* Twice: nothing of the first answer may stick to the second. */
        for (int i = 0; i < 2; i++) {
                fetch(provider, &seen);
                ASSERT_EQ(row->error, seen.r);
                ASSERT_STREQ(row->key, seen.credentials.access_key_id);
                for (size_t j = 0; j < ELEMENTSOF(row->why) && row->why[j]; j++)
                        if (!ASSERT_TRUE(strstr(seen.why, row->why[j])))
                                printf("  want: %s\n  got:  %s\n", row->why[j], seen.why);
                if (row->key && !row->why[0])
                        ASSERT_STREQ("", seen.why);
                ASSERT_FALSE(strstr(seen.why, MARK));
                if (row->key) {
                        ASSERT_TRUE(seen.credentials.origin
                                        && !strstr(seen.credentials.origin, MARK));
                        ASSERT_EQ(TIME_INFINITY, seen.credentials.expires_usec);
                }
                credentials_done(&seen.credentials);
        }

        for (size_t i = 0; i < ELEMENTSOF(row->files) && row->files[i].name; i++)
                remove_file(row->files[i].name);
}

/* Files rotate under a service that runs for months. */
static void test_rotation(void) {
        static const Row first = {
                .files = { { "aws-credentials", 0400, SECTION("default", "AKONE") } },
                .environment = { "CREDENTIALS_DIRECTORY", "DIR" }
        };
        static const File second = { "aws-credentials", 0600,
                "[default]\naws_access_key_id=AKTWO\naws_secret_access_key=" MARK
                "\naws_session_token=T\n" };
        CredentialsContext options = { .environment = &environment_process, .is_service = true };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Credentials copy = { 0 };
        Seen seen;

        test_row("rotation");
        set_up(&first);
        ASSERT_OK(credentials_chain_new(&options, &provider));
        fetch(provider, &seen);
        ASSERT_STREQ("AKONE", seen.credentials.access_key_id);
        ASSERT_STREQ(NULL, secret_reveal(seen.credentials.session_token));
        ASSERT_OK(credentials_copy(&seen.credentials, &copy));
        ASSERT_TRUE(credentials_equal(&copy, &seen.credentials));
        credentials_done(&seen.credentials);

        remove_file("aws-credentials");
        write_file(&second);
        fetch(provider, &seen);
        ASSERT_STREQ("AKTWO", seen.credentials.access_key_id);
        ASSERT_STREQ("T", secret_reveal(seen.credentials.session_token));
        ASSERT_FALSE(credentials_equal(&copy, &seen.credentials));
        credentials_done(&seen.credentials);
        credentials_done(&copy);
        remove_file("aws-credentials");
}

static void test_expiration(void) {
        static const Row row = {
                .environment = { "AWS_ACCESS_KEY_ID", "AK", "AWS_SECRET_ACCESS_KEY", MARK,
                                "AWS_CREDENTIAL_EXPIRATION", "2026-01-02T15:04:05Z" }
        };
        CredentialsContext options = { .environment = &environment_process, .is_service = true };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Seen seen;

        test_row("expiration");
        set_up(&row);
        ASSERT_OK(credentials_chain_new(&options, &provider));
        fetch(provider, &seen);
        ASSERT_EQ(INT64_C(1767366245) * USEC_PER_SEC, seen.credentials.expires_usec);
        credentials_done(&seen.credentials);
}

int main(void) {
        _cleanup_free_ char *aws = NULL;

        if (!mkdtemp(folder))
                abort();
        aws = in_folder(".aws");
        if (mkdir(aws, 0700) < 0)
                abort();

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                check_row(&rows[i]);
        test_rotation();
        test_expiration();

        (void) rmdir(aws);
        (void) rmdir(folder);
        return test_end();
}

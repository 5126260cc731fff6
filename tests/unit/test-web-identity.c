/* SPDX-License-Identifier: Apache-2.0 */

/* Credentials of a role by a token in a file: what is read when, what STS is asked, and what is
 * said where something is missing. */

#include <sys/stat.h>
#include <unistd.h>

#include "sts-script.h"
#include "util/file.h"

#define TOKEN "eyJ" MARK ".token+1\n"
#define OK                                                                                         \
        { .status = 200, .body = STS_CREDENTIALS("AssumeRoleWithWebIdentity", "AKWEB") }
#define ERROR(code, message)                                                                       \
        { .status = 400, .body = STS_ERROR(code, message) }
#define OF "AssumeRoleWithWebIdentity of " ROLE ": "

static char folder[] = "/tmp/auditshared-web-identity-XXXXXX";
static char *token_file;

static void write_token(const void *text, size_t length) {
        FILE *file = fopen(token_file, "we");

        if (!file || fwrite(text, 1, length, file) != length || fclose(file) != 0)
                abort();
}

static int new_provider(StsWorld *world, CredentialsProvider **ret) {
        WebIdentity identity = { .role_arn = ROLE, .token_file = token_file };

        return credentials_web_identity_new(&world->context, &identity, ret);
}

static const struct {
        const char *name;
        StsStep steps[STS_STEPS_MAX];
        int r;
        const char *why;
} rows[] = {
        { "given", { OK }, 0, "" },
        { "identity provider out of reach, then given",
                        { ERROR("IDPCommunicationError", "x"), ERROR("IDPCommunicationError", "x"),
                                        OK },
                        0, "" },
        { "identity provider out of reach",
                        { ERROR("IDPCommunicationError", "x"), ERROR("IDPCommunicationError", "x"),
                                        ERROR("IDPCommunicationError", "no provider") },
                        -EIO, OF "IDPCommunicationError: no provider" },
        { "expired token", { ERROR("ExpiredTokenException", "Token expired: 1") }, -EINVAL,
                        OF "ExpiredTokenException: Token expired: 1" },
        { "refused", { ERROR("InvalidIdentityToken", "No OpenIDConnect provider found") }, -EINVAL,
                        OF "InvalidIdentityToken: No OpenIDConnect provider found" },
        { "token quoted",
                        { ERROR("ValidationError",
                                        "1 validation error detected: Value 'eyJ" MARK
                                        ".token+1' at 'webIdentityToken' failed") },
                        -EINVAL, OF "ValidationError: 1 validation error detected: Value '" },
        /* No signature, no clock. */
        { "skew",
                        { { .status = 403,
                                        .body = STS_ERROR("SignatureDoesNotMatch", "no"),
                                        .date = "Fri, 02 Jan 2026 04:04:05 GMT" } },
                        -EINVAL, OF "SignatureDoesNotMatch: no" },
        { "another answer", { { .status = 200, .body = STS_CREDENTIALS("AssumeRole", "AK") } },
                        -EINVAL, OF "the answer cannot be used: it holds no credentials" },
};

static void test_rows(void) {
        write_token(TOKEN, sizeof(TOKEN) - 1);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
                StsWorld world;
                size_t n = 0;

                test_row(rows[i].name);
                while (n < STS_STEPS_MAX && rows[i].steps[n].status > 0)
                        n++;
                sts_world_init(&world, (const char *[]){ NULL });
                ASSERT_OK(new_provider(&world, &provider));
                sts_world_script(&world, rows[i].steps, n);
                sts_world_fetch(&world, provider);
                ASSERT_EQ(rows[i].r, world.r);
                ASSERT_STREQ(rows[i].why, world.why);
                ASSERT_STREQ(rows[i].r < 0 ? NULL : "AKWEB", world.credentials.access_key_id);
                ASSERT_EQ(0, world.skew_usec);
                sts_world_done(&world);
        }
}

/* Whoever runs the cluster replaces the token while the service runs. */
static void test_request(void) {
        static const StsStep steps[] = { OK, OK };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        _cleanup_free_ char *origin = NULL;
        WebIdentity identity = { .role_arn = ROLE,
                .token_file = token_file,
                .session_name = "chosen",
                .duration_sec = 3600 };
        StsWorld world;

        test_row("request");
        write_token(TOKEN, sizeof(TOKEN) - 1);
        sts_world_init(&world, (const char *[]){ NULL });
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        ASSERT_OK(credentials_web_identity_new(&world.context, &identity, &provider));
        sts_world_fetch(&world, provider);
        ASSERT_STREQ("https://sts.eu-west-1.amazonaws.com/", world.requests[0].url);
        ASSERT_STREQ("Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                     "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx"
                     "&RoleSessionName=chosen&WebIdentityToken=eyJ" MARK ".token%2B1%0A"
                     "&DurationSeconds=3600",
                        world.requests[0].body);
        ASSERT_STREQ("application/x-www-form-urlencoded; charset=utf-8",
                        sts_header(&world, 0, "Content-Type"));
        ASSERT_STREQ("sts.eu-west-1.amazonaws.com", sts_header(&world, 0, "Host"));
        ASSERT_STREQ("agent/1", sts_header(&world, 0, "User-Agent"));
        ASSERT_STREQ("", sts_header(&world, 0, "Authorization"));
        ASSERT_STREQ("", sts_header(&world, 0, "X-Amz-Date"));
        ASSERT_STREQ("111122223333", world.credentials.account_id);
        ASSERT_TRUE(asprintf(&origin, "role " ROLE ", from the web identity token of %s",
                                    token_file)
                        > 0);
        ASSERT_STREQ(origin, world.credentials.origin);

        write_token("second", 6);
        sts_world_fetch(&world, provider);
        ASSERT_TRUE(strstr(world.requests[1].body, "&WebIdentityToken=second&"));
        sts_world_done(&world);
}

static void test_token_file(void) {
        static char large[64 * 1024 + 1];
        static const StsStep steps[] = { OK };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        StsWorld world;

        sts_world_init(&world, (const char *[]){ NULL });
        ASSERT_OK(new_provider(&world, &provider));

        test_row("token: no file");
        (void) unlink(token_file);
        sts_world_fetch(&world, provider);
        ASSERT_EQ(-EINVAL, world.r);
        ASSERT_TRUE(strstr(world.why, token_file) && strstr(world.why, "No such file"));

        test_row("token: a folder");
        ASSERT_OK(mkdir(token_file, 0700));
        sts_world_fetch(&world, provider);
        ASSERT_EQ(-EINVAL, world.r);
        ASSERT_TRUE(strstr(world.why, "directory"));
        ASSERT_OK(rmdir(token_file));

        test_row("token: empty");
        write_token("", 0);
        sts_world_fetch(&world, provider);
        ASSERT_EQ(-EINVAL, world.r);
        ASSERT_TRUE(strstr(world.why, "it is empty"));

        test_row("token: too large");
        memset(large, 'x', sizeof(large));
        write_token(large, sizeof(large));
        sts_world_fetch(&world, provider);
        ASSERT_EQ(-EINVAL, world.r);
        ASSERT_TRUE(strstr(world.why, "it is larger than 64 KiB"));

        test_row("token: as large as may be");
        write_token(large, sizeof(large) - 1);
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        sts_world_fetch(&world, provider);
        ASSERT_OK(world.r);
        sts_world_done(&world);
}

static const struct {
        const char *name;
        bool has_file;
        const char *lines[3];
        int r;
        const char *why, *session;
} environments[] = {
        { "environment", true, { "AWS_ROLE_ARN=" ROLE }, 0, "", "auditshared-main" },
        { "environment: session name", true, { "AWS_ROLE_ARN=" ROLE, "AWS_ROLE_SESSION_NAME=mine" },
                        0, "", "mine" },
        { "environment: blank session name", true,
                        { "AWS_ROLE_ARN=" ROLE, "AWS_ROLE_SESSION_NAME=" }, 0, "",
                        "auditshared-main" },
        { "environment: no role", true, { NULL }, -EINVAL,
                        "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not", NULL },
        { "environment: blank role", true, { "AWS_ROLE_ARN= " }, -EINVAL,
                        "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not", NULL },
        { "environment: no file", false, { "AWS_ROLE_ARN=" ROLE }, -ENOENT,
                        "AWS_WEB_IDENTITY_TOKEN_FILE is not set", NULL },
        { "environment: nothing", false, { NULL }, -ENOENT,
                        "AWS_WEB_IDENTITY_TOKEN_FILE is not set", NULL },
};

static void test_environment(void) {
        static const StsStep steps[] = { OK };

        write_token(TOKEN, sizeof(TOKEN) - 1);
        for (size_t i = 0; i < ELEMENTSOF(environments); i++) {
                _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
                const char *lines[5] = { NULL };
                _cleanup_free_ char *file = NULL, *session = NULL;
                size_t n = 0;
                StsWorld world;

                test_row(environments[i].name);
                ASSERT_TRUE(asprintf(&file, "AWS_WEB_IDENTITY_TOKEN_FILE=%s", token_file) > 0);
                if (environments[i].has_file)
                        lines[n++] = file;
                for (size_t j = 0; j < 3 && environments[i].lines[j]; j++)
                        lines[n++] = environments[i].lines[j];
                sts_world_init(&world, lines);
                ASSERT_OK(credentials_web_identity_environment_new(&world.context, &provider));
                sts_world_script(&world, steps, environments[i].r < 0 ? 0 : 1);
                sts_world_fetch(&world, provider);
                ASSERT_EQ(environments[i].r, world.r);
                ASSERT_STREQ(environments[i].why, world.why);
                if (environments[i].session) {
                        ASSERT_TRUE(asprintf(&session, "&RoleSessionName=%s&",
                                                    environments[i].session)
                                        > 0);
                        ASSERT_TRUE(strstr(world.requests[0].body, session));
                }
                sts_world_done(&world);
        }
}

static void test_freed(void) {
        static const StsStep steps[] = { OK };

        for (int in_callback = 0; in_callback < 2; in_callback++) {
                CredentialsProvider *provider = NULL;
                StsWorld world;

                test_row(in_callback ? "freed: in the callback" : "freed: STS is asked");
                sts_world_init(&world, (const char *[]){ NULL });
                sts_world_script(&world, steps, ELEMENTSOF(steps));
                ASSERT_OK(new_provider(&world, &provider));
                ASSERT_OK(credentials_fetch(provider, on_credentials, &world));
                if (in_callback) {
                        world.doomed = provider;
                        sts_world_run(&world);
                } else
                        (void) credentials_provider_free(provider);
                for (int i = 0; i < 3; i++)
                        (void) sd_event_run(world.event, 0);
                ASSERT_EQ(in_callback, world.n);
                sts_world_done(&world);
        }
}

int main(void) {
        if (!mkdtemp(folder))
                abort();
        token_file = path_join(folder, "token");
        if (!token_file)
                abort();

        test_rows();
        test_request();
        test_token_file();
        test_environment();
        test_freed();

        (void) unlink(token_file);
        (void) rmdir(folder);
        free(token_file);
        return test_end();
}

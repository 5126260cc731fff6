/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of the instance
 *
 * Each row is an environment and a script of what the metadata service is asked and answers. The
 * first version of that service is never asked: no GET goes without a token.
 */

#include "aws/credentials-source.h"
#include "script-http.h"

#define HOST  "http://169.254.169.254"
#define TOKEN MARK "TOKEN=="

#define PUT_URL  "/latest/api/token"
#define LIST_URL "/latest/meta-data/iam/security-credentials/"

#define PUT                                                                                        \
        .method = "PUT", .url = HOST PUT_URL,                                                      \
        .header = "X-aws-ec2-metadata-token-ttl-seconds: 21600",                                   \
        .no_header = "X-aws-ec2-metadata-token:"
#define GET_OF(token, url_)                                                                        \
        .method = "GET", .url = url_, .header = "X-aws-ec2-metadata-token: " token
#define GET_LIST GET_OF(TOKEN, HOST LIST_URL)
#define GET_ROLE GET_OF(TOKEN, HOST LIST_URL "my-role")

#define PUT_OK                                                                                     \
        { PUT, .status = 200, .body = TOKEN }
#define LIST_OK                                                                                    \
        { GET_LIST, .status = 200, .body = "my-role" }

#define BODY(key)                                                                                  \
        "{\"Code\":\"Success\",\"LastUpdated\":\"2026-01-02T09:00:00Z\",\"Type\":\"AWS-HMAC\","    \
        "\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"" MARK "\",\"Token\":\"" MARK           \
        "\",\"Expiration\":\"2026-01-02T15:04:05Z\"}"
#define ROLE_OK                                                                                    \
        { GET_ROLE, .status = 200, .body = BODY("AK") }

#define REFUSED .transport = TRANSPORT_CONNECTION, .unsent = true, .why = "Connection refused"

typedef struct Row {
        const char *name;
        const char *environment[4];
        const char *profile_endpoint;
        Exchange exchanges[SCRIPT_MAX];
        int error;
        const char *key;
        const char *why[3], *not_why;
        unsigned timeout_sec; /* 0: 1 */
} Row;

static const Row rows[] = {
        { .name = "token, role, credentials",
                        .exchanges = { PUT_OK, LIST_OK, ROLE_OK },
                        .key = "AK" },
        { .name = "disabled",
                        .environment = { "AWS_EC2_METADATA_DISABLED=True" },
                        .error = -ENOENT,
                        .why = { "AWS_EC2_METADATA_DISABLED is true" } },
        { .name = "not disabled",
                        .environment = { "AWS_EC2_METADATA_DISABLED=false" },
                        .exchanges = { PUT_OK, LIST_OK, ROLE_OK },
                        .key = "AK" },
        { .name = "endpoint, with a path",
                        .environment = { "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://mock:1338/x/" },
                        .exchanges = { { .url = "http://mock:1338/x" PUT_URL,
                                                       .status = 200,
                                                       .body = TOKEN },
                                        { GET_OF(TOKEN, "http://mock:1338/x" LIST_URL),
                                                        .status = 200, .body = "my-role" },
                                        { GET_OF(TOKEN, "http://mock:1338/x" LIST_URL "my-role"),
                                                        .status = 200, .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "IPv6",
                        .environment = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv6" },
                        .exchanges = { { .url = "http://[fd00:ec2::254]" PUT_URL, REFUSED } },
                        .error = -ENOENT,
                        .why = { "http://[fd00:ec2::254]" } },
        { .name = "endpoint of the profile",
                        .profile_endpoint = "http://mock",
                        .exchanges = { { .url = "http://mock" PUT_URL, REFUSED } },
                        .error = -ENOENT,
                        .why = { "http://mock does not answer" } },
        { .name = "bad mode",
                        .environment = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv7" },
                        .error = -EINVAL,
                        .why = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither" } },
        { .name = "timeout, attempts",
                        .environment = { "AWS_METADATA_SERVICE_TIMEOUT=7",
                                        "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2" },
                        .exchanges = { { PUT, REFUSED }, PUT_OK,
                                        { GET_LIST, .transport = TRANSPORT_TIMEOUT }, LIST_OK,
                                        { GET_ROLE, .status = 503 }, ROLE_OK },
                        .key = "AK",
                        .timeout_sec = 7 },
        { .name = "as many attempts as are allowed",
                        .environment = { "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2" },
                        .exchanges = { { PUT, .status = 500 }, { PUT, .status = 503 } },
                        .error = -EHOSTUNREACH,
                        .why = { HOST " gives no token: HTTP 503" } },
        { .name = "timeout that is none",
                        .environment = { "AWS_METADATA_SERVICE_TIMEOUT=0" },
                        .error = -EINVAL,
                        .why = { "AWS_METADATA_SERVICE_TIMEOUT is no whole number from 1 to "
                                 "300" } },
        { .name = "attempts that are none",
                        .environment = { "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2.5" },
                        .error = -EINVAL,
                        .why = { "AWS_METADATA_SERVICE_NUM_ATTEMPTS is no whole number" } },

        { .name = "not on EC2",
                        .exchanges = { { PUT, REFUSED } },
                        .error = -ENOENT,
                        .why = { "instance metadata at " HOST
                                 " does not answer: Connection refused" },
                        .not_why = "hop" },
        { .name = "not on EC2/nobody there",
                        .exchanges = { { PUT, .transport = TRANSPORT_TIMEOUT, .unsent = true,
                                        .why = "timed out" } },
                        .error = -ENOENT,
                        .why = { "does not answer: timed out" },
                        .not_why = "hop" },
        { .name = "in a container",
                        .exchanges = { { PUT, .transport = TRANSPORT_TIMEOUT,
                                        .why = "timed out" } },
                        .error = -ENOENT,
                        .why = { "does not answer: timed out",
                                        "--http-put-response-hop-limit 2" } },
        { .name = "turned off",
                        .exchanges = { { PUT, .status = 403, .body = "<html>" } },
                        .error = -ENOENT,
                        .why = { HOST " is turned off (HTTP 403)" } },
        { .name = "version 1 alone/404",
                        .exchanges = { { PUT, .status = 404 } },
                        .error = -EINVAL,
                        .why = { "gives no token: HTTP 404; version 1, ", "never used" } },
        { .name = "version 1 alone/405",
                        .exchanges = { { PUT, .status = 405 } },
                        .error = -EINVAL,
                        .why = { "HTTP 405; version 1, " } },
        { .name = "version 1 alone/400",
                        .exchanges = { { PUT, .status = 400 } },
                        .error = -EINVAL,
                        .why = { "HTTP 400; version 1, " } },
        { .name = "a token is asked for again",
                        .exchanges = { { PUT, .status = 503 }, { PUT, .status = 429 }, PUT_OK,
                                        LIST_OK, ROLE_OK },
                        .key = "AK" },
        { .name = "no token in the answer",
                        .exchanges = { { PUT, .status = 200 } },
                        .error = -EINVAL,
                        .why = { "a token that no header can have" } },
        { .name = "a token with a line break",
                        .exchanges = { { PUT, .status = 200, .body = MARK "\r\nX: y" } },
                        .error = -EINVAL,
                        .why = { "a token that no header can have" } },

        { .name = "no role/404",
                        .exchanges = { PUT_OK, { GET_LIST, .status = 404 } },
                        .error = -ENOENT,
                        .why = { "no IAM role attached to this instance" } },
        { .name = "no role/empty",
                        .exchanges = { PUT_OK, { GET_LIST, .status = 200, .body = "\n" } },
                        .error = -ENOENT,
                        .why = { "no IAM role attached to this instance" } },
        { .name = "role/first line",
                        .exchanges = { PUT_OK,
                                        { GET_LIST, .status = 200, .body = "my-role\nother" },
                                        ROLE_OK },
                        .key = "AK" },
        { .name = "role/escaped",
                        .exchanges = { PUT_OK, { GET_LIST, .status = 200, .body = "a+=,.@_-Z9" },
                                        { GET_OF(TOKEN, HOST LIST_URL "a%2B%3D%2C.%40_-Z9"),
                                                        .status = 200, .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "role/somewhere else",
                        .exchanges = { PUT_OK,
                                        { GET_LIST, .status = 200, .body = "../user-data" } },
                        .error = -EINVAL,
                        .why = { "a role that cannot be one" } },
        { .name = "role/too long",
                        .exchanges = { PUT_OK,
                                        { GET_LIST, .status = 200,
                                                        .body = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                                                "a" } },
                        .error = -EINVAL,
                        .why = { "a role that cannot be one" } },
        { .name = "role/no answer",
                        .exchanges = { PUT_OK, { GET_LIST, REFUSED }, { GET_LIST, REFUSED },
                                        { GET_LIST, REFUSED } },
                        .error = -EHOSTUNREACH,
                        .why = { HOST " names no role: Connection refused" } },
        { .name = "role/refused",
                        .exchanges = { PUT_OK, { GET_LIST, .status = 400, .body = MARK } },
                        .error = -EINVAL,
                        .why = { HOST " names no role: HTTP 400" } },

        { .name = "token is no longer good/role",
                        .exchanges = { PUT_OK, { GET_LIST, .status = 401 }, PUT_OK, LIST_OK,
                                        ROLE_OK },
                        .key = "AK" },
        { .name = "token is no longer good/credentials",
                        .exchanges = { PUT_OK, LIST_OK, { GET_ROLE, .status = 401 },
                                        { PUT, .status = 200, .body = MARK "2" },
                                        { GET_OF(MARK "2", HOST LIST_URL), .status = 200,
                                                        .body = "my-role" },
                                        { GET_OF(MARK "2", HOST LIST_URL "my-role"), .status = 200,
                                                        .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "no token is good",
                        .exchanges = { PUT_OK, { GET_LIST, .status = 401 }, PUT_OK,
                                        { GET_LIST, .status = 401 } },
                        .error = -EINVAL,
                        .why = { "names no role: HTTP 401" } },

        { .name = "credentials/refused",
                        .exchanges = { PUT_OK, LIST_OK,
                                        { GET_ROLE, .status = 200,
                                                        .body = "{\"Code\":\"AssumeRoleUnauthorized"
                                                                "Access\",\"Message\":\"EC2 cannot "
                                                                "assume the role my-role.\"}" } },
                        .error = -EINVAL,
                        .why = { "no credentials of role my-role: HTTP 200: "
                                 "AssumeRoleUnauthorizedAccess: EC2 cannot assume" } },
        { .name = "credentials/detached meanwhile",
                        .exchanges = { PUT_OK, LIST_OK, { GET_ROLE, .status = 404 } },
                        .error = -EINVAL,
                        .why = { "no credentials of role my-role: HTTP 404" } },
        { .name = "credentials/half an answer first",
                        .exchanges = { PUT_OK, LIST_OK,
                                        { GET_ROLE, .status = 200,
                                                        .body = "{\"AccessKeyId\":\"" MARK },
                                        { GET_ROLE, .status = 500 }, ROLE_OK },
                        .key = "AK" },
        { .name = "credentials/incomplete",
                        .exchanges = { PUT_OK, LIST_OK,
                                        { GET_ROLE, .status = 200,
                                                        .body = "{\"Code\":\"Success\","
                                                                "\"AccessKeyId\":"
                                                                "\"AK\",\"Token\":\"" MARK
                                                                "\"}" } },
                        .error = -EINVAL,
                        .why = { "SecretAccessKey is missing" } },
};

static const RetryNumbers quick = { .max_attempts = 3, .tokens = 500 };

static void check_seen(const Row *row, const Seen *seen) {
        ASSERT_EQ(1, seen->n);
        ASSERT_EQ(row->error, seen->r);
        ASSERT_STREQ(row->key, seen->credentials.access_key_id);
        for (size_t i = 0; i < ELEMENTSOF(row->why) && row->why[i]; i++)
                if (!ASSERT_TRUE(strstr(seen->why, row->why[i])))
                        printf("  want: %s\n  got:  %s\n", row->why[i], seen->why);
        if (row->not_why)
                ASSERT_FALSE(strstr(seen->why, row->not_why));
        ASSERT_FALSE(strstr(seen->why, MARK));
        ASSERT_FALSE(strchr(seen->why, '\n'));
        if (!row->key || seen->r < 0)
                return;
        ASSERT_STREQ("", seen->why);
        ASSERT_STREQ(MARK, secret_reveal(seen->credentials.secret_access_key));
        ASSERT_STREQ(MARK, secret_reveal(seen->credentials.session_token));
        ASSERT_EQ(INT64_C(1767366245) * USEC_PER_SEC, seen->credentials.expires_usec);
        ASSERT_TRUE(seen->credentials.may_outlive);
        ASSERT_TRUE(starts_with(seen->credentials.origin, "instance metadata (role "));
}

static void check_row(const Row *row, bool free_within) {
        EnvironmentList environment = environment_list(row->environment);
        CredentialsContext context = {
                .environment = &environment.environment,
                .retry = &quick,
                .metadata_endpoint = row->profile_endpoint,
        };
        CredentialsProvider *provider = NULL;
        Bench bench;
        Seen seen = { .free_me = free_within ? &provider : NULL };

        test_row(row->name);
        bench_init(&bench, row->exchanges);
        context.event = bench.event;
        context.http = bench.http;

        ASSERT_OK(credentials_imds_new(&context, &provider));
        ASSERT_OK(credentials_fetch(provider, on_credentials, &seen));
        if (ASSERT_TRUE(bench_wait(&bench, &seen.n)))
                check_seen(row, &seen);
        bench_drain(&bench);
        ASSERT_EQ(1, seen.n);
        ASSERT_FALSE(free_within && provider);
        script_end(&bench.script);
        if (bench.script.at > 0) {
                ASSERT_TRUE(bench.script.last.no_proxy);
                ASSERT_EQ(row->timeout_sec > 0 ? row->timeout_sec : 1,
                                bench.script.last.timeout_sec);
        }

        credentials_done(&seen.credentials);
        (void) credentials_provider_free(provider);
        bench_done(&bench);
}

static int64_t monotonic_now;

static int64_t fake_monotonic(void) {
        return monotonic_now;
}

static void ask(CredentialsProvider *provider, const Bench *bench, const char *key) {
        Seen seen = { 0 };

        ASSERT_OK(credentials_fetch(provider, on_credentials, &seen));
        for (unsigned i = 0; i < 100 && seen.n == 0; i++)
                ASSERT_TRUE(sd_event_run(bench->event, (uint64_t) USEC_PER_SEC) >= 0);
        ASSERT_EQ(1, seen.n);
        ASSERT_STREQ(key, seen.credentials.access_key_id);
        credentials_done(&seen.credentials);
}

/* A token lasts for six hours, and is of use to no other service. */
static void test_token_is_kept(void) {
        static const Exchange exchanges[SCRIPT_MAX] = {
                PUT_OK,
                LIST_OK,
                ROLE_OK,
                LIST_OK,
                { GET_ROLE, .status = 200, .body = BODY("AKTWO") },
                PUT_OK, /* it is about to end */
                LIST_OK,
                ROLE_OK,
                { .method = "PUT", .url = "http://mock" PUT_URL, .status = 200, .body = "other" },
                { GET_OF("other", "http://mock" LIST_URL), .status = 200, .body = "my-role" },
                { GET_OF("other", "http://mock" LIST_URL "my-role"), .status = 200,
                                .body = BODY("AKMOCK") },
        };
        const char *lines[] = { NULL, NULL };
        EnvironmentList environment = environment_list(lines);
        CredentialsContext context = { .environment = &environment.environment, .retry = &quick };
        CredentialsProvider *provider = NULL;
        Bench bench;

        test_row("token is kept");
        time_set_source(NULL, fake_monotonic);
        monotonic_now = 5 * USEC_PER_HOUR;
        bench_init(&bench, exchanges);
        context.event = bench.event;
        context.http = bench.http;
        ASSERT_OK(credentials_imds_new(&context, &provider));

        ask(provider, &bench, "AK");
        monotonic_now += 5 * USEC_PER_HOUR;
        ask(provider, &bench, "AKTWO");
        monotonic_now += USEC_PER_HOUR - USEC_PER_SEC;
        ask(provider, &bench, "AK");
        lines[0] = "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://mock";
        ask(provider, &bench, "AKMOCK");
        script_end(&bench.script);

        (void) credentials_provider_free(provider);
        bench_done(&bench);
        time_set_source(NULL, NULL);
}

/* Dropped before each of its answers, and while it waits. */
static void test_dropped(void) {
        static const Exchange exchanges[] = { PUT_OK, LIST_OK, ROLE_OK };

        for (size_t n = 1; n <= ELEMENTSOF(exchanges); n++) {
                Exchange script[SCRIPT_MAX] = { { 0 } };
                static const char *const lines[] = { NULL };
                EnvironmentList environment = environment_list(lines);
                CredentialsContext context = { .environment = &environment.environment,
                        .retry = &quick };
                CredentialsProvider *provider = NULL;
                Bench bench;
                Seen seen = { 0 };

                test_row("dropped");
                memcpy(script, exchanges, n * sizeof(*script));
                bench_init(&bench, script);
                context.event = bench.event;
                context.http = bench.http;
                ASSERT_OK(credentials_imds_new(&context, &provider));
                ASSERT_OK(credentials_fetch(provider, on_credentials, &seen));
                while (bench.script.at < n)
                        ASSERT_TRUE(sd_event_run(bench.event, 0) >= 0);
                (void) credentials_provider_free(provider);
                bench_drain(&bench);
                ASSERT_EQ(0, seen.n);
                script_end(&bench.script);
                bench_done(&bench);
        }
}

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                check_row(&rows[i], false);
                check_row(&rows[i], true);
        }
        test_token_is_kept();
        test_dropped();
        return test_end();
}

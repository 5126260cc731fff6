/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of a container: which URL may be asked, with which token, and what answers mean
 *
 * Each row is an environment and a script of what is asked and answered. Whatever comes of it, no
 * secret is in a message.
 */

#include <curl/curl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/container-uri.h"
#include "aws/credentials-source.h"
#include "script-http.h"
#include "util/file.h"
#include "util/mem.h"

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="
#define FULL     "AWS_CONTAINER_CREDENTIALS_FULL_URI="
#define TOKEN    "AWS_CONTAINER_AUTHORIZATION_TOKEN="
#define FILE_    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="

#define ONLY_LOOPBACK "http is for loopback"

static const struct {
        const char *environment[3];
        int error;
        const char *url; /* NULL: as it is written */
        const char *host, *why;
} uris[] = {
        { { NULL }, -ENOENT, NULL, NULL, "neither" },
        { { RELATIVE "", FULL " " }, -ENOENT, NULL, NULL, "neither" },
        { { RELATIVE "/c" }, 0, "http://169.254.170.2/c", "http://169.254.170.2", NULL },
        { { RELATIVE "/c?a=1&b=/x" }, 0, "http://169.254.170.2/c?a=1&b=/x", "http://169.254.170.2",
                        NULL },
        { { RELATIVE "/" }, 0, "http://169.254.170.2/", "http://169.254.170.2", NULL },
        { { RELATIVE "/c", FULL "http://localhost/d" }, 0, "http://169.254.170.2/c",
                        "http://169.254.170.2", NULL },
        { { RELATIVE " ", FULL "http://localhost/d" }, 0, "http://localhost/d", "http://localhost",
                        NULL },
        { { RELATIVE "c" }, -EINVAL, NULL, NULL,
                        "RELATIVE_URI is no URL to ask: it does not begin with /" },
        { { RELATIVE "@evil.com/" }, -EINVAL, NULL, NULL, "does not begin with /" },
        { { RELATIVE ".evil.com/" }, -EINVAL, NULL, NULL, "does not begin with /" },
        { { RELATIVE "/a b" }, -EINVAL, NULL, NULL, "character" },
        { { RELATIVE "/a\r\nX: y" }, -EINVAL, NULL, NULL, "character" },
        { { RELATIVE "/a\\b" }, -EINVAL, NULL, NULL, "character" },
        { { RELATIVE "/a#b" }, -EINVAL, NULL, NULL, "fragment" },
        { { RELATIVE "/a?b#c" }, -EINVAL, NULL, NULL, "fragment" },
        { { RELATIVE "/\xc3\xa4" }, -EINVAL, NULL, NULL, "character" },

        { { FULL "https://any.host/x?y=z" }, 0, "https://any.host/x?y=z", "https://any.host",
                        NULL },
        { { FULL "https://any.host:8443" }, 0, "https://any.host:8443", "https://any.host:8443",
                        NULL },
        { { FULL "https://192.0.2.1?q" }, 0, "https://192.0.2.1?q", "https://192.0.2.1", NULL },
        { { FULL "http://localhost:8080/c" }, 0, "http://localhost:8080/c", "http://localhost:8080",
                        NULL },
        { { FULL "HTTP://LocalHost/C" }, 0, "HTTP://LocalHost/C", "http://localhost", NULL },
        { { FULL "http://127.0.0.1/c" }, 0, "http://127.0.0.1/c", "http://127.0.0.1", NULL },
        { { FULL "http://127.255.3.4/c" }, 0, "http://127.255.3.4/c", "http://127.255.3.4", NULL },
        { { FULL "http://[::1]:80/c" }, 0, "http://[::1]:80/c", "http://[::1]", NULL },
        { { FULL "http://[0:0:0:0:0:0:0:1]/c" }, 0, "http://[0:0:0:0:0:0:0:1]/c",
                        "http://[0:0:0:0:0:0:0:1]", NULL },
        { { FULL "http://169.254.170.2/c" }, 0, "http://169.254.170.2/c", "http://169.254.170.2",
                        NULL },
        { { FULL "http://169.254.170.2:8080/c" }, 0, "http://169.254.170.2:8080/c",
                        "http://169.254.170.2:8080", NULL },
        { { FULL "http://169.254.170.23/v1" }, 0, "http://169.254.170.23/v1",
                        "http://169.254.170.23", NULL },
        { { FULL "http://[fd00:ec2::23]/v1" }, 0, "http://[fd00:ec2::23]/v1",
                        "http://[fd00:ec2::23]", NULL },
        { { FULL "http://[fd00:ec2:0:0:0:0:0:23]/v1" }, 0, "http://[fd00:ec2:0:0:0:0:0:23]/v1",
                        "http://[fd00:ec2:0:0:0:0:0:23]", NULL },
        { { FULL "http://[FD00:0EC2::0023]/v1" }, 0, "http://[FD00:0EC2::0023]/v1",
                        "http://[fd00:0ec2::0023]", NULL },

        { { FULL "http://any.host/x" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://169.254.170.2.evil.com/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://169.254.170.2@evil.com/" }, -EINVAL, NULL, NULL, "user information" },
        { { FULL "http://evil.com?@169.254.170.2/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://evil.com\\@169.254.170.2/" }, -EINVAL, NULL, NULL, "character" },
        { { FULL "http://evil.com#@169.254.170.2/" }, -EINVAL, NULL, NULL, "fragment" },
        { { FULL "http://localhost.evil.com/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://127.0.0.1.evil.com/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://0x7f.1/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://127.1/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://2130706433/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://128.0.0.1/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://0.0.0.0/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://169.254.170.3/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://169.254.170.02/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://169.254.169.254/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://[fd00:ec2::254]/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://[fd00:ec2::24]/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://[::ffff:169.254.170.2]/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://[::2]/" }, -EINVAL, NULL, NULL, ONLY_LOOPBACK },
        { { FULL "http://[fd00:ec2::23%25eth0]/" }, -EINVAL, NULL, NULL, "no IPv6 address" },
        { { FULL "http://[::1/" }, -EINVAL, NULL, NULL, "bracket" },
        { { FULL "http:///c" }, -EINVAL, NULL, NULL, "no host" },
        { { FULL "/credentials" }, -EINVAL, NULL, NULL, "FULL_URI is no URL to ask" },
        { { FULL "ftp://localhost/" }, -EINVAL, NULL, NULL, "https://" },
        { { FULL "http://localhost:0/" }, -EINVAL, NULL, NULL, "port" },
        { { FULL "http://localhost:99999/" }, -EINVAL, NULL, NULL, "port" },
};

/* The host within "scheme://host:port", an IPv6 address in one way of writing it. */
static char *host_of(const char *url) {
        CURLU *parsed = curl_url();
        char *text = NULL, *host = NULL;

        /* libcurl writes addresses its own way, and lets names be. */
        if (parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK
                        && curl_url_get(parsed, CURLUPART_HOST, &text, 0) == CURLUE_OK)
                host = strdup(text);
        curl_free(text);
        curl_url_cleanup(parsed);
        return host;
}

/* libcurl, which asks in the end, must see the same host. */
static void check_host(const char *url, const char *host) {
        _cleanup_free_ char *ours = host_of(host), *theirs = host_of(url);

        ASSERT_TRUE(ours && theirs && strcasecmp(ours, theirs) == 0);
}

static void test_uris(void) {
        for (size_t i = 0; i < ELEMENTSOF(uris); i++) {
                EnvironmentList environment = environment_list(uris[i].environment);
                _cleanup_buffer_ Buffer url = { 0 }, host = { 0 }, why = { 0 };

                test_row(uris[i].environment[0]);
                ASSERT_EQ(uris[i].error,
                                container_uri(&environment.environment, &url, &host, &why));
                ASSERT_STREQ(uris[i].url ? uris[i].url : "", buffer_text(&url));
                ASSERT_STREQ(uris[i].host ? uris[i].host : "", buffer_text(&host));
                if (uris[i].why)
                        ASSERT_TRUE(strstr(buffer_text(&why), uris[i].why));
                else {
                        ASSERT_STREQ("", buffer_text(&why));
                        check_host(buffer_text(&url), buffer_text(&host));
                }
        }
}

#define EXPIRES "2026-01-02T15:04:05Z"
#define BODY(key)                                                                                  \
        "{\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"" MARK "\",\"Token\":\"" MARK          \
        "\",\"Expiration\":\"" EXPIRES "\"}"
#define GOOD                                                                                       \
        { .status = 200, .body = BODY("AK") }
#define PATH "/v2/credentials/" MARK

typedef struct Row {
        const char *name;
        const char *environment[5]; /* DIR stands for the test's folder */
        const char *file; /* the text of DIR/token; NULL: it is not there */
        Exchange exchanges[SCRIPT_MAX];
        int error;
        const char *key, *account;
        const char *why[3];
} Row;

static const Row rows[] = {
        { .name = "not configured", .error = -ENOENT, .why = { "neither AWS_CONTAINER" } },
        { .name = "relative",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .method = "GET",
                                        .url = "http://169.254.170.2" PATH,
                                        .header = "Accept: application/json",
                                        .no_header = "Authorization",
                                        .status = 200,
                                        .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "full, with a query",
                        .environment = { FULL "https://any.host/c?role=a" },
                        .exchanges = { { .url = "https://any.host/c?role=a",
                                        .header = "User-Agent: agent/1",
                                        .status = 200,
                                        .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "account",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 200,
                                        .body = "{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":"
                                                "\"" MARK
                                                "\",\"Token\":\"t\",\"Expiration\":\"" EXPIRES
                                                "\",\"AccountId\":\"111122223333\",\"RoleArn\":"
                                                "1}" } },
                        .key = "AK",
                        .account = "111122223333" },
        { .name = "must not be asked",
                        .environment = { FULL "http://any.host/" MARK, TOKEN MARK },
                        .error = -EINVAL,
                        .why = { "AWS_CONTAINER_CREDENTIALS_FULL_URI", "https" } },

        { .name = "token",
                        .environment = { FULL "http://[fd00:ec2::23]/v1", TOKEN "Bearer " MARK },
                        .exchanges = { { .header = "Authorization: Bearer " MARK,
                                        .status = 200,
                                        .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "token of a file comes first",
                        .environment = { RELATIVE PATH, TOKEN "other", FILE_ "DIR/token" },
                        .file = MARK "1",
                        .exchanges = { { .header = "Authorization: " MARK "1",
                                        .status = 200,
                                        .body = BODY("AK") } },
                        .key = "AK" },
        { .name = "token of a file/not there",
                        .environment = { RELATIVE PATH, TOKEN "other", FILE_ "DIR/token" },
                        .error = -EINVAL,
                        .why = { "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                        "/token': No such file" } },
        { .name = "token of a file/empty",
                        .environment = { RELATIVE PATH, FILE_ "DIR/token" },
                        .file = "",
                        .error = -EINVAL,
                        .why = { "TOKEN_FILE is empty" } },
        { .name = "token of a file/line break at its end",
                        .environment = { RELATIVE PATH, FILE_ "DIR/token" },
                        .file = MARK "\n",
                        .error = -EINVAL,
                        .why = { "TOKEN_FILE contains a line break" } },
        { .name = "token/another header within",
                        .environment = { RELATIVE PATH, TOKEN MARK "\r\nHost: evil" },
                        .error = -EINVAL,
                        .why = { "AUTHORIZATION_TOKEN contains a line break" } },
        { .name = "token/a character that no header has",
                        .environment = { RELATIVE PATH, TOKEN MARK "\x7f" },
                        .error = -EINVAL,
                        .why = { "AUTHORIZATION_TOKEN contains a character" } },

        { .name = "trouble, then credentials",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 503 }, { .transport = TRANSPORT_TIMEOUT },
                                        GOOD },
                        .key = "AK" },
        { .name = "half an answer, then credentials",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 200, .body = "{\"AccessKeyId\":\"" MARK },
                                        GOOD },
                        .key = "AK" },
        { .name = "no answer",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .transport = TRANSPORT_CONNECTION, .why = "refused" },
                                        { .transport = TRANSPORT_CONNECTION, .why = "refused" },
                                        { .transport = TRANSPORT_CONNECTION, .why = "refused" } },
                        .error = -EHOSTUNREACH,
                        .why = { "the container's endpoint http://169.254.170.2: refused" } },
        { .name = "busy",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 429 }, { .status = 429 }, { .status = 429 } },
                        .error = -EHOSTUNREACH,
                        .why = { "HTTP 429" } },
        { .name = "refused",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 400,
                                        .body = "{\"code\":\"InvalidIdInRequest\",\"message\":"
                                                "\"Role"
                                                "\\nnot found\",\"SecretAccessKey\":\"" MARK
                                                "\"}" } },
                        .error = -EINVAL,
                        .why = { ": HTTP 400: InvalidIdInRequest: Role?not found" } },
        { .name = "refused, in HTML",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 404, .body = "<h1>" MARK "</h1>" } },
                        .error = -EINVAL,
                        .why = { ": HTTP 404" } },
        { .name = "an error that calls itself an answer",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 200,
                                        .body = "{\"Code\":\"Nope\",\"Message\":\"because\"}" } },
                        .error = -EINVAL,
                        .why = { "Nope: because" } },
        { .name = "a code that is no text",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 403, .body = "{\"Code\":7,\"Message\":[]}" } },
                        .error = -EINVAL,
                        .why = { ": HTTP 403" } },
        { .name = "no JSON, ever",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 200, .body = MARK }, { .status = 200 },
                                        { .status = 200, .body = "[]" } },
                        .error = -EINVAL,
                        .why = { "the answer is no object" } },
        { .name = "no token in it",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 200,
                                        .body = "{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":"
                                                "\"" MARK "\",\"Expiration\":\"" EXPIRES "\"}" } },
                        .error = -EINVAL,
                        .why = { "Token is missing" } },
        { .name = "no expiration in it",
                        .environment = { RELATIVE PATH },
                        .exchanges = { { .status = 200,
                                        .body = "{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":"
                                                "\"" MARK "\",\"Token\":\"" MARK "\"}" } },
                        .error = -EINVAL,
                        .why = { "Expiration is missing" } },
};

static char folder[] = "/tmp/test-container-XXXXXX";

static char *in_folder(const char *line) {
        const char *dir = strstr(line, "DIR");
        char *text = NULL;

        if (!dir)
                text = strdup(line);
        else if (asprintf(&text, "%.*s%s%s", (int) (dir - line), line, folder, dir + 3) < 0)
                text = NULL;
        if (!text)
                abort();
        return text;
}

static void write_token(const char *text) {
        _cleanup_free_ char *path = in_folder("DIR/token");
        FILE *stream = fopen(path, "we");

        if (!stream || fputs(text, stream) < 0 || fclose(stream) != 0)
                abort();
}

static void remove_token(void) {
        _cleanup_free_ char *path = in_folder("DIR/token");

        (void) unlink(path);
}

static const RetryNumbers quick = { .max_attempts = 3, .tokens = 500 };

static void check_seen(const Row *row, const Seen *seen) {
        ASSERT_EQ(1, seen->n);
        ASSERT_EQ(row->error, seen->r);
        ASSERT_STREQ(row->key, seen->credentials.access_key_id);
        ASSERT_STREQ(row->account, seen->credentials.account_id);
        for (size_t i = 0; i < ELEMENTSOF(row->why) && row->why[i]; i++)
                if (!ASSERT_TRUE(strstr(seen->why, row->why[i])))
                        printf("  want: %s\n  got:  %s\n", row->why[i], seen->why);
        ASSERT_FALSE(strstr(seen->why, MARK));
        ASSERT_FALSE(strchr(seen->why, '\n'));
        if (!row->key || seen->r < 0)
                return;
        ASSERT_STREQ("", seen->why);
        ASSERT_STREQ(MARK, secret_reveal(seen->credentials.secret_access_key));
        ASSERT_EQ(INT64_C(1767366245) * USEC_PER_SEC, seen->credentials.expires_usec);
        ASSERT_TRUE(seen->credentials.may_outlive);
        ASSERT_TRUE(starts_with(seen->credentials.origin, "the container's endpoint http"));
        ASSERT_FALSE(strstr(seen->credentials.origin, MARK));
}

static void check_request(const HttpRequest *request) {
        ASSERT_TRUE(request->no_proxy);
        ASSERT_EQ(HTTP_PLAIN_METADATA, request->plain);
        ASSERT_EQ(1, request->connect_timeout_sec);
        ASSERT_EQ(2, request->timeout_sec);
        ASSERT_STREQ("/bundle", request->ca_bundle);
}

static void check_row(const Row *row, bool free_within) {
        const char *lines[ELEMENTSOF(row->environment)] = { NULL };
        EnvironmentList environment = environment_list(lines);
        CredentialsContext context = {
                .environment = &environment.environment,
                .retry = &quick,
                .user_agent = "agent/1",
                .ca_bundle = "/bundle",
        };
        CredentialsProvider *provider = NULL;
        Bench bench;
        Seen seen = { .free_me = free_within ? &provider : NULL };

        test_row(row->name);
        for (size_t i = 0; i < ELEMENTSOF(lines) && row->environment[i]; i++)
                lines[i] = in_folder(row->environment[i]);
        if (row->file)
                write_token(row->file);
        bench_init(&bench, row->exchanges);
        context.event = bench.event;
        context.http = bench.http;

        ASSERT_OK(credentials_container_new(&context, &provider));
        ASSERT_OK(credentials_fetch(provider, on_credentials, &seen));
        if (ASSERT_TRUE(bench_wait(&bench, &seen.n)))
                check_seen(row, &seen);
        if (bench.script.at > 0)
                check_request(&bench.script.last);
        bench_drain(&bench);
        ASSERT_EQ(1, seen.n);
        ASSERT_FALSE(free_within && provider);
        script_end(&bench.script);

        credentials_done(&seen.credentials);
        provider = credentials_provider_free(provider);
        bench_done(&bench);
        remove_token();
        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                free((char *) lines[i]);
}

/* EKS writes the file anew; nothing of one question may stick to the next. */
static void test_rotation(void) {
        static const Exchange exchanges[SCRIPT_MAX] = {
                { .header = "Authorization: " MARK "1", .status = 200, .body = BODY("AKONE") },
                { .header = "Authorization: " MARK "2", .status = 200, .body = BODY("AKTWO") },
        };
        _cleanup_free_ char *file = in_folder(FILE_ "DIR/token");
        const char *lines[] = { RELATIVE PATH, file, NULL };
        EnvironmentList environment = environment_list(lines);
        CredentialsContext context = { .environment = &environment.environment, .retry = &quick };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Bench bench;
        Seen one = { 0 }, two = { 0 }, three = { 0 };

        test_row("rotation");
        bench_init(&bench, exchanges);
        context.event = bench.event;
        context.http = bench.http;
        ASSERT_OK(credentials_container_new(&context, &provider));

        write_token(MARK "1");
        ASSERT_OK(credentials_fetch(provider, on_credentials, &one));
        ASSERT_TRUE(bench_wait(&bench, &one.n));
        ASSERT_STREQ("AKONE", one.credentials.access_key_id);

        write_token(MARK "2");
        ASSERT_OK(credentials_fetch(provider, on_credentials, &two));
        ASSERT_TRUE(bench_wait(&bench, &two.n));
        ASSERT_STREQ("AKTWO", two.credentials.access_key_id);

        remove_token();
        ASSERT_OK(credentials_fetch(provider, on_credentials, &three));
        ASSERT_EQ(-EINVAL, three.r);
        script_end(&bench.script);

        credentials_done(&one.credentials);
        credentials_done(&two.credentials);
        provider = credentials_provider_free(provider);
        bench_done(&bench);
}

/* In the middle of a question, and while it waits for another attempt. */
static void test_dropped(void) {
        static const Exchange exchanges[2][SCRIPT_MAX] = {
                { GOOD },
                { { .status = 503, .x_amz_retry_after = "5000" } },
        };
        static const char *const lines[] = { RELATIVE PATH, TOKEN MARK, NULL };
        EnvironmentList environment = environment_list(lines);

        for (size_t i = 0; i < ELEMENTSOF(exchanges); i++) {
                CredentialsContext context = { .environment = &environment.environment,
                        .retry = &quick };
                CredentialsProvider *provider = NULL;
                Bench bench;
                Seen seen = { 0 };

                test_row("dropped");
                bench_init(&bench, exchanges[i]);
                context.event = bench.event;
                context.http = bench.http;
                ASSERT_OK(credentials_container_new(&context, &provider));
                ASSERT_OK(credentials_fetch(provider, on_credentials, &seen));
                if (i == 1)
                        bench_drain(&bench);
                (void) credentials_provider_free(provider);
                ASSERT_TRUE(sd_event_run(bench.event, 10 * (uint64_t) USEC_PER_MSEC) >= 0);
                ASSERT_EQ(0, seen.n);
                script_end(&bench.script);
                bench_done(&bench);
        }
}

int main(void) {
        if (!mkdtemp(folder))
                abort();

        test_uris();
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                check_row(&rows[i], false);
                check_row(&rows[i], true);
        }
        test_rotation();
        test_dropped();

        (void) rmdir(folder);
        return test_end();
}

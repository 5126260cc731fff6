/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The client against a server that misbehaves on purpose
 *
 * Each test is a story: a script of answers, a few calls, and what came of them. Requests for
 * GetCallerIdentity are answered apart from the script; a step of the script that nobody asked for
 * is a failure, and so is a request beyond its end.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "aws/client.h"
#include "script-server.h"
#include "test.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define ACCOUNT UINT64_C(111122223333)

#define NO_REQUESTS "{\"assessmentFrameworkShareRequests\":[]}"
#define RECORD                                                                                     \
        "{\"id\":\"0a1b2c3d-0000-4000-8000-000000000001\",\"frameworkId\":\"6f0f2b1c-0000-4000-"   \
        "8000-000000000002\","                                                                     \
        "\"frameworkName\":\"F\",\"destinationAccount\":\"444455556666\",\"destinationRegion\":"   \
        "\"eu-west-1\","                                                                           \
        "\"status\":\"ACTIVE\",\"creationTime\":1780000000.5,\"lastUpdated\":1780000000.5,"        \
        "\"expirationTime\":1790000000}"
#define STARTED    "{\"assessmentFrameworkShareRequest\":" RECORD "}"
#define ONE_OF_TWO "{\"assessmentFrameworkShareRequests\":[" RECORD ",{\"id\":7}]}"
#define THROTTLED_400                                                                              \
        { .status = 400, .headers = "x-amzn-errortype: ThrottlingException:\r\n", .body = "{}" }
#define INTERNAL_500                                                                               \
        { .status = 500, .headers = "x-amzn-ErrorType: InternalServerException\r\n", .body = "{}" }
#define EXPIRED_403                                                                                \
        { .status = 403, .headers = "x-amzn-errortype: ExpiredTokenException\r\n", .body = "{}" }
#define OK(text)                                                                                   \
        { .body = (text) }

#define STS_ANSWER(account)                                                                        \
        "<GetCallerIdentityResponse "                                                              \
        "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>"       \
        "arn:aws:sts::" account ":assumed-role/r/s</Arn><UserId>U</UserId><Account>" account       \
        "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define STS_INVALID                                                                                \
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The "  \
        "security token included"                                                                  \
        " in the request is invalid.</Message></Error></ErrorResponse>"

#define STS_THROTTLED                                                                              \
        "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate "           \
        "exceeded</Message></Error></ErrorResponse>"

static const RetryNumbers quick = {
        .max_attempts = 3,
        .tokens = 500,
        .cost_transient = 14,
        .cost_throttling = 5,
        .cost_timeout = 14,
        .base_transient_usec = USEC_PER_MSEC,
        .base_throttling_usec = USEC_PER_MSEC,
        .max_backoff_usec = USEC_PER_MSEC,
};

/* What a test cannot go on without. */
#define MUST(x)                                                                                    \
        do {                                                                                       \
                if (!(x))                                                                          \
                        abort();                                                                   \
        } while (0)

/* What became of one call. */
typedef struct Got {
        struct World *world;
        unsigned n; /* of callbacks */
        ApiOutcome outcome;
        bool has_request, inside_call;
        char next_token[64];
        ShareCall *call;
} Got;

typedef struct World {
        sd_event *event;
        ScriptServer *server;
        HttpClient *http;
        AwsClient *client;
        Source source;
        char endpoint[64];
        Observation *sink;

        const ScriptAnswer *script;
        size_t n_script, at;
        bool repeats; /* the last step, for ever */
        unsigned n_sts, n_posts, n_requests;
        ScriptAnswer sts;
        char last_date[32], last_key[256], last_token[64], last_agent[256], last_attempt[32];

        unsigned waiting;
        bool calling, timed_out;
        unsigned notices[CLIENT_NOTICE_MAX];
        char notice[256];
        void (*on_request)(struct World *world, unsigned n);
} World;

static void note(const ScriptRequest *request, const char *name, char *to, size_t size) {
        char *value = script_header(request, name);

        (void) snprintf(to, size, "%s", value ? value : "");
        free(value);
}

static void on_request(const ScriptRequest *request, ScriptAnswer *answer, void *userdata) {
        World *world = userdata;

        note(request, "x-amz-date", world->last_date, sizeof(world->last_date));
        note(request, "authorization", world->last_key, sizeof(world->last_key));
        note(request, "x-amz-security-token", world->last_token, sizeof(world->last_token));
        note(request, "user-agent", world->last_agent, sizeof(world->last_agent));
        note(request, "amz-sdk-request", world->last_attempt, sizeof(world->last_attempt));

        if (starts_with(request->body, "Action=GetCallerIdentity")) {
                world->n_sts++;
                *answer = world->sts;
                return;
        }

        world->n_requests++;
        world->n_posts += streq(request->method, "POST");
        if (world->on_request)
                world->on_request(world, world->n_requests);
        if (!ASSERT_TRUE(world->at < world->n_script)) {
                answer->status = 404;
                return;
        }
        *answer = world->script[world->at];
        if (!world->repeats || world->at + 1 < world->n_script)
                world->at++;
}

static void on_notice(AwsClient *client, ClientNotice notice, const char *detail, void *userdata) {
        World *world = userdata;

        ASSERT_TRUE(client == world->client);
        world->notices[notice]++;
        if (notice != CLIENT_NOTICE_SIGNED_IN)
                (void) snprintf(world->notice, sizeof(world->notice), "%s", detail);
}

static void set_credentials(const char *key, const char *secret, const char *token) {
        (void) setenv("AWS_ACCESS_KEY_ID", key, 1);
        (void) setenv("AWS_SECRET_ACCESS_KEY", secret, 1);
        (void) setenv("AWS_SESSION_TOKEN", token, 1);
}

#define SETTLE_CREDENTIALS() set_credentials("AKIDFIRST", "secret-first", "")

static void world_open(World *world,
                const char *name,
                const Limits *limits,
                const ScriptAnswer *script,
                size_t n) {
        static const Limits wide = { .requests_per_second = 0, .concurrency = 8 };
        char *why = NULL;

        test_row(name);
        SETTLE_CREDENTIALS();
        *world = (World){
                .script = script, .n_script = n, .sts = { .body = STS_ANSWER("111122223333") }
        };
        MUST(sd_event_new(&world->event) >= 0);
        MUST(script_server_new(world->event, on_request, world, &world->server) >= 0);
        MUST(http_client_new(world->event, &world->http) >= 0);
        MUST(observation_new(&world->sink) >= 0);

        (void) snprintf(world->endpoint, sizeof(world->endpoint), "http://127.0.0.1:%u",
                        script_server_port(world->server));
        world->source = (Source){
                .name = (char *) "governance",
                .account = ACCOUNT,
                .region = region_find("us-east-1"),
                .endpoint_url = world->endpoint,
                .sts_endpoint_url = world->endpoint,
        };
        MUST(aws_client_new(&(ClientOptions){ .event = world->event,
                                            .http = world->http,
                                            .source = &world->source,
                                            .limits = limits ? limits : &wide,
                                            .is_service = true,
                                            .notice = on_notice,
                                            .userdata = world,
                                            .retry = &quick,
                                            .timeout_sec = 1 },
                             &world->client, &why)
                        >= 0);
}

#define OPEN(world, name, ...)                                                                     \
        static const ScriptAnswer script[] = { __VA_ARGS__ };                                      \
        world_open(world, name, NULL, script, ELEMENTSOF(script))

static void world_close(World *world) {
        if (!world->repeats)
                ASSERT_EQ(world->n_script, world->at);
        (void) aws_client_free(world->client);
        (void) http_client_free(world->http);
        (void) script_server_free(world->server);
        (void) observation_free(world->sink);
        (void) sd_event_unref(world->event);
        test_row(NULL);
}

static void on_result(const ApiResult *result, void *userdata) {
        Got *got = userdata;

        got->n++;
        got->inside_call = got->world->calling;
        got->outcome = result->outcome;
        got->has_request = result->has_request;
        (void) snprintf(got->next_token, sizeof(got->next_token), "%s",
                        result->next_token ? result->next_token : "");
        got->world->waiting--;
}

static void begin(World *world, const ApiRequest *request, Got *got) {
        *got = (Got){ .world = world };
        world->calling = true;
        ASSERT_OK(share_service_call(
                        aws_client_service(world->client), request, on_result, got, &got->call));
        world->calling = false;
        world->waiting++;
}

static int on_deadline(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        ((World *) userdata)->timed_out = true;
        return 0;
}

static void run_for(World *world, unsigned msec, bool until_idle) {
        sd_event_source *timer = NULL;

        world->timed_out = false;
        MUST(sd_event_add_time_relative(world->event, &timer, CLOCK_MONOTONIC,
                             msec * (uint64_t) USEC_PER_MSEC, 1, on_deadline, world)
                        >= 0);
        while (!world->timed_out && (!until_idle || world->waiting > 0))
                MUST(sd_event_run(world->event, UINT64_MAX) >= 0);
        (void) sd_event_source_disable_unref(timer);
        if (until_idle)
                ASSERT_FALSE(world->timed_out);
}

static void run(World *world) {
        run_for(world, 20000, true);
}

static void ask(World *world, const ApiRequest *request, Got *got) {
        begin(world, request, got);
        run(world);
        ASSERT_EQ(1, got->n);
        ASSERT_FALSE(got->inside_call);
}

static ApiRequest listing(World *world) {
        return (ApiRequest){ .operation = API_LIST_SHARE_REQUESTS, .sink = world->sink };
}

static ApiRequest start(World *world) {
        ApiRequest request = {
                .operation = API_START_SHARE, .comment = "to whom it concerns", .sink = world->sink
        };

        MUST(uuid_parse("6f0f2b1c-0000-4000-8000-000000000002", &request.framework_id) >= 0);
        request.recipient = recipient_make(UINT64_C(444455556666), region_find("eu-west-1"));
        return request;
}

static ApiRequest take_back(World *world) {
        ApiRequest request = { .operation = API_UPDATE_SHARE, .sink = world->sink };

        MUST(uuid_parse("0a1b2c3d-0000-4000-8000-000000000001", &request.request_id) >= 0);
        return request;
}

static void list(World *world, Got *got) {
        ApiRequest request = listing(world);

        ask(world, &request, got);
}

static void start_one(World *world, Got *got) {
        ApiRequest request = start(world);

        ask(world, &request, got);
}

#define ASSERT_KIND(want, got)                                                                     \
        ASSERT_STREQ(outcome_kind_name(want), outcome_kind_name((got).outcome.kind))

/*
 * The stories.
 */

static void test_plain(void) {
        World world;
        Got got;

        OPEN(&world, "plain",
                        OK("{\"assessmentFrameworkShareRequests\":[" RECORD
                           "],\"nextToken\":\"a+/=\"}"),
                        OK(STARTED));
        (void) setenv("AWS_SESSION_TOKEN", "token-1", 1);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_STREQ("a+/=", got.next_token);
        ASSERT_EQ(1, world.sink->n_requests);
        ASSERT_EQ(1, world.n_sts);
        ASSERT_STREQ("token-1", world.last_token);
        ASSERT_TRUE(strstr(world.last_key, "Credential=AKIDFIRST/"));
        ASSERT_TRUE(strstr(world.last_key, "/us-east-1/auditmanager/aws4_request"));
        ASSERT_TRUE(strstr(world.last_key,
                        "amz-sdk-invocation-id;amz-sdk-request;host;x-amz-date;x-amz-security-"
                        "token"));
        ASSERT_TRUE(starts_with(world.last_agent, "auditshared/"));
        ASSERT_TRUE(strstr(world.last_agent, " md/libcurl#"));
        ASSERT_STREQ("attempt=1; max=3", world.last_attempt);

        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_TRUE(got.has_request);
        /* The identity was checked once, on the connection that everything else used as well. */
        ASSERT_EQ(1, world.n_sts);
        ASSERT_EQ(1, script_server_connections(world.server));
        world_close(&world);
}

/* A connection that was used before dies under a POST that the server has read: libcurl must not
 * send it again. */
static void test_dead_connection(void) {
        World world;
        Got got;

        OPEN(&world, "start on a connection that dies", OK(NO_REQUESTS), { .kind = ANSWER_CLOSE });
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(1, world.n_posts);
        world_close(&world);
}

/* The same to a request that may be repeated, which nobody needs to hear of. */
static void test_dead_connection_revoke(void) {
        World world;
        ApiRequest request;
        Got got;

        OPEN(&world, "revoke on a connection that dies", OK(NO_REQUESTS), { .kind = ANSWER_CLOSE },
                        OK(STARTED));
        request = take_back(&world);
        list(&world, &got);
        ask(&world, &request, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        world_close(&world);
}

static void test_reset(void) {
        World world;
        Got got;

        OPEN(&world, "start on a connection that is reset", OK(NO_REQUESTS),
                        { .kind = ANSWER_RESET });
        list(&world, &got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(1, world.n_posts);
        world_close(&world);
}

static void test_first_connection_dies(void) {
        World world;
        Got got;

        OPEN(&world, "start on a new connection that dies", { .kind = ANSWER_CLOSE });
        /* GetCallerIdentity closes its connection, so that the start opens one. */
        world.sts.close = true;
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(1, world.n_posts);
        world_close(&world);
}

static void stop_listening(World *world, unsigned n _unused_) {
        script_server_stop_listening(world->server);
}

static void test_refused_connection(void) {
        World world;
        Got got;

        OPEN(&world, "connection refused", { .body = NO_REQUESTS, .close = true });
        world.on_request = stop_listening;
        list(&world, &got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNREACHABLE, got);
        ASSERT_TRUE(strstr(got.outcome.message, "(3 attempts)"));
        ASSERT_EQ(2, aws_client_retries(world.client));
        ASSERT_EQ(0, world.n_posts);
        world_close(&world);
}

static void test_throttled(void) {
        World world;
        Got got;

        OPEN(&world, "throttled twice", THROTTLED_400, { .status = 429 }, OK(STARTED),
                        THROTTLED_400, THROTTLED_400, THROTTLED_400);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_STREQ("attempt=3; max=3", world.last_attempt);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_THROTTLED, got);
        ASSERT_STREQ("ThrottlingException", got.outcome.code);
        ASSERT_EQ(400, got.outcome.http_status);
        world_close(&world);
}

static void test_server_errors(void) {
        World world;
        Got got;

        OPEN(&world, "500", INTERNAL_500, INTERNAL_500, INTERNAL_500, INTERNAL_500,
                        { .status = 501 }, { .status = 501 });
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(1, world.n_requests);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_UNREACHABLE, got);
        ASSERT_EQ(4, world.n_requests);
        /* Not a status that is worth another try. */
        list(&world, &got);
        ASSERT_KIND(OUTCOME_ERROR, got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(6, world.n_requests);
        world_close(&world);
}

/* Revoking may be repeated, and yet nobody knows what three failures have done. */
static void test_server_errors_revoke(void) {
        World world;
        ApiRequest request;
        Got got;

        OPEN(&world, "500 to a revoke", INTERNAL_500, INTERNAL_500, INTERNAL_500, INTERNAL_500,
                        OK(STARTED), INTERNAL_500,
                        { .status = 404,
                                        .headers = "x-amzn-errortype: "
                                                   "ResourceNotFoundException\r\n",
                                        .body = "{}" });
        request = take_back(&world);
        ask(&world, &request, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ask(&world, &request, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ask(&world, &request, &got);
        ASSERT_KIND(OUTCOME_NOT_FOUND, got);
        world_close(&world);
}

static void test_refusals(void) {
        World world;
        Got got;

        OPEN(&world, "refusals",
                        { .status = 400,
                                        .headers = "x-amzn-errortype: "
                                                   "ValidationException:http://a/"
                                                   "\r\nx-amzn-RequestId: r-1\r\n",
                                        .body = "{\"message\":\"no\\nsuch\"}" },
                        { .status = 403,
                                        .body = "{\"__type\":\"a#AccessDeniedException\","
                                                "\"Message\":\"no\"}" },
                        { .status = 402, .body = "{\"code\":\"ServiceQuotaExceededException\"}" });
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_INVALID, got);
        ASSERT_STREQ("ValidationException", got.outcome.code);
        ASSERT_STREQ("no such", got.outcome.message);
        ASSERT_STREQ("r-1", got.outcome.request_id);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_ACCESS_DENIED, got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_QUOTA, got);
        ASSERT_EQ(0, aws_client_retries(world.client));
        world_close(&world);
}

static void test_truncated(void) {
        World world;
        Got got;

        OPEN(&world, "truncated", { .body = NO_REQUESTS, .cut = 10 },
                        { .body = NO_REQUESTS, .cut = 10 },
                        { .body = "{\"assessmentFrameworkShareRequests\":[" RECORD "]}" },
                        { .body = STARTED, .cut = 10 });
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(1, world.sink->n_requests);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        world_close(&world);
}

static void test_unreadable(void) {
        World world;
        Got got;

        OPEN(&world, "unreadable", OK("<html>"), OK(ONE_OF_TWO), OK("{}"), OK("<html>"),
                        { .status = 204 });
        list(&world, &got);
        ASSERT_KIND(OUTCOME_UNREADABLE, got);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_UNREADABLE, got);
        ASSERT_EQ(0, world.sink->n_requests);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_UNREADABLE, got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(5, world.n_requests);
        world_close(&world);
}

static void test_timeout(void) {
        World world;
        Got got;

        OPEN(&world, "timeout", { .kind = ANSWER_HANG }, { .kind = ANSWER_HANG }, OK(NO_REQUESTS));
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(1, world.n_posts);
        world_close(&world);
}

static void test_oversized(void) {
        static ScriptAnswer script[2] = { { .status = 200 }, { .status = 200 } };
        World world;
        char *body;
        Got got;

        script[0].body_length = script[1].body_length = HTTP_ANSWER_MAX + 1;
        body = malloc(HTTP_ANSWER_MAX + 1);
        MUST(body);
        memset(body, ' ', HTTP_ANSWER_MAX + 1);
        script[0].body = script[1].body = body;

        world_open(&world, "oversized", NULL, script, 2);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_UNREADABLE, got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        world_close(&world);
        free(body);
}

/* Headers without end are as bad as a body without end. */
static void test_many_headers(void) {
        static char headers[80 * 1000 + 1];
        static const ScriptAnswer script[] = { { .headers = headers, .body = NO_REQUESTS } };
        World world;
        Got got;

        for (size_t i = 0; i < 80; i++) {
                char *line = headers + i * 1000;

                memset(line, 'x', 1000);
                memcpy(line, "x-x: ", 5);
                memcpy(line + 998, "\r\n", 2);
        }
        world_open(&world, "many headers", NULL, script, 1);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_UNREADABLE, got);
        world_close(&world);
}

static void test_redirect(void) {
        World world;
        Got got;

        OPEN(&world, "redirect", { .status = 307, .headers = "Location: http://127.0.0.1:1/\r\n" },
                        { .status = 307, .headers = "Location: http://127.0.0.1:1/\r\n" });
        list(&world, &got);
        ASSERT_KIND(OUTCOME_ERROR, got);
        ASSERT_EQ(307, got.outcome.http_status);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        world_close(&world);
}

static int64_t later_usec;

static int64_t later(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000 + later_usec;
}

static void test_wrong_identity(void) {
        World world;
        Got got[4];
        ApiRequest request;

        world_open(&world, "wrong identity", NULL, NULL, 0);
        world.sts.body = STS_ANSWER("999988887777");
        request = start(&world);
        for (size_t i = 0; i < 3; i++)
                begin(&world, &request, &got[i]);
        run(&world);
        for (size_t i = 0; i < 3; i++)
                ASSERT_KIND(OUTCOME_WRONG_IDENTITY, got[i]);
        ASSERT_TRUE(strstr(got[0].outcome.message, "999988887777"));
        ASSERT_TRUE(strstr(got[0].outcome.message, "111122223333"));
        ASSERT_TRUE(strstr(got[0].outcome.message, "arn:aws:sts::999988887777:assumed-role/r/s"));

        /* Not asked again for every call, but after a minute: somebody may have put it right. */
        list(&world, &got[3]);
        ASSERT_KIND(OUTCOME_WRONG_IDENTITY, got[3]);
        ASSERT_EQ(1, world.n_sts);
        later_usec = 59 * USEC_PER_SEC;
        time_set_source(NULL, later);
        list(&world, &got[3]);
        ASSERT_EQ(1, world.n_sts);
        later_usec = 61 * USEC_PER_SEC;
        list(&world, &got[3]);
        ASSERT_KIND(OUTCOME_WRONG_IDENTITY, got[3]);
        ASSERT_EQ(2, world.n_sts);
        time_set_source(NULL, NULL);
        ASSERT_EQ(0, world.n_requests);
        world_close(&world);
}

/* A wait, and no word about credentials: those there are may be as good as ever. */
static void test_identity_throttled(void) {
        World world;
        Got got;

        world_open(&world, "identity throttled", NULL, NULL, 0);
        world.sts = (ScriptAnswer){ .status = 400, .body = STS_THROTTLED };
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_THROTTLED, got);
        ASSERT_TRUE(strstr(got.outcome.message, "the identity cannot be checked: "));
        ASSERT_EQ(0, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        ASSERT_EQ(0, world.n_requests);
        world_close(&world);
}

static void test_identity_fails(void) {
        World world;
        Got got;

        OPEN(&world, "identity cannot be checked", OK(NO_REQUESTS));
        world.sts = (ScriptAnswer){ .status = 503 };
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNREACHABLE, got);
        ASSERT_EQ(3, world.n_sts);
        world.sts = (ScriptAnswer){ .body = "<html/>" };
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_UNREACHABLE, got);
        ASSERT_EQ(0, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);

        world.sts = (ScriptAnswer){ .status = 403, .body = STS_INVALID };
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_TRUE(strstr(got.outcome.message, "InvalidClientTokenId"));
        start_one(&world, &got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        ASSERT_EQ(0, world.n_requests);

        world.sts = (ScriptAnswer){ .body = STS_ANSWER("111122223333") };
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_BACK]);
        world_close(&world);
}

static void test_no_credentials(void) {
        World world;
        Got got;

        OPEN(&world, "no credentials", OK(NO_REQUESTS));
        (void) unsetenv("AWS_SECRET_ACCESS_KEY");
        list(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_TRUE(strstr(got.outcome.message, "AWS_SECRET_ACCESS_KEY"));
        list(&world, &got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        ASSERT_EQ(0, world.n_sts);
        SETTLE_CREDENTIALS();
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_BACK]);
        world_close(&world);
}

static void rotate(World *world _unused_, unsigned n) {
        if (n == 2)
                set_credentials("AKIDSECOND", "secret-second", "");
}

static void test_expired(void) {
        World world;
        Got got;

        OPEN(&world, "expired token", OK(NO_REQUESTS), EXPIRED_403, OK(STARTED));
        world.on_request = rotate;
        list(&world, &got);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_TRUE(strstr(world.last_key, "Credential=AKIDSECOND/"));
        ASSERT_EQ(2, world.n_sts);
        ASSERT_EQ(2, world.n_posts);
        ASSERT_EQ(0, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        world_close(&world);
}

static void test_expired_for_good(void) {
        World world;
        Got got;

        OPEN(&world, "expired token for good", EXPIRED_403, EXPIRED_403);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        world_close(&world);
}

/* AWS quotes the whole canonical request, and with it the token. */
static void test_no_secrets(void) {
        World world;
        Got got;

        OPEN(&world, "no secrets in messages",
                        { .status = 403,
                                        .headers = "x-amzn-errortype: "
                                                   "InvalidSignatureException\r\n",
                                        .body = "{\"message\":\"It does not match.\\n\\nThe "
                                                "Canonical String for this request"
                                                " should have "
                                                "been\\n'x-amz-security-token:HUSH\"}" },
                        { .status = 403,
                                        .headers = "x-amzn-errortype: "
                                                   "IncompleteSignatureException\r\n",
                                        .body = "{\"message\":\"It lacks a comma. "
                                                "Authorization=HUSH\"}" });
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_TRUE(starts_with(got.outcome.message, "It lacks a comma."));
        ASSERT_FALSE(strstr(got.outcome.message, "HUSH"));
        ASSERT_FALSE(strstr(world.notice, "HUSH"));

        world.sts = (ScriptAnswer){ .status = 403,
                .body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>No "
                        "match.&#10;&#10;The Canonical"
                        " String should have been 'HUSH</Message></Error></ErrorResponse>" };
        list(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_TRUE(strstr(got.outcome.message, "No match."));
        ASSERT_FALSE(strstr(got.outcome.message, "HUSH"));
        world_close(&world);
}

static void test_skew(void) {
        static const char date[] = "Date: Thu, 01 Jan 2032 00:00:00 GMT\r\nx-amzn-errortype: "
                                   "InvalidSignatureException\r\n";
        World world;
        Got got[3];
        ApiRequest request;

        OPEN(&world, "clock skew", { .status = 403, .headers = date, .body = "{}" },
                        { .status = 403, .headers = date, .body = "{}" }, OK(STARTED), OK(STARTED),
                        OK(STARTED));
        /* Two calls under way learn the same at once; it is said once. */
        request = start(&world);
        begin(&world, &request, &got[0]);
        begin(&world, &request, &got[1]);
        run(&world);
        ASSERT_KIND(OUTCOME_OK, got[0]);
        ASSERT_KIND(OUTCOME_OK, got[1]);
        ASSERT_TRUE(starts_with(world.last_date, "20320101T000"));
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CLOCK_SKEW]);
        ASSERT_TRUE(starts_with(world.notice, "signing ")
                        && strstr(world.notice, " s ahead of this host's clock"));
        start_one(&world, &got[2]);
        ASSERT_KIND(OUTCOME_OK, got[2]);
        ASSERT_EQ(5, world.n_posts);
        ASSERT_EQ(1, world.n_sts);
        world_close(&world);
}

/* A bad signature under a good clock is no skew. */
static void test_no_skew(void) {
        World world;
        char now[96];
        ScriptAnswer script[2] = { 0 };
        time_t seconds = time(NULL);
        struct tm tm;
        Got got;

        (void) strftime(now, sizeof(now),
                        "Date: %a, %d %b %Y %H:%M:%S GMT\r\nx-amzn-errortype: "
                        "SignatureDoesNotMatch\r\n",
                        gmtime_r(&seconds, &tm));
        script[0] = script[1] = (ScriptAnswer){ .status = 403, .headers = now, .body = "{}" };
        world_open(&world, "no clock skew", NULL, script, 2);
        start_one(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_EQ(0, world.notices[CLIENT_NOTICE_CLOCK_SKEW]);
        world_close(&world);
}

static void test_many(void) {
        static const ScriptAnswer script[] = { { .body = NO_REQUESTS, .delay_msec = 1 } };
        static Got got[1000];
        World world;
        ApiRequest request;
        unsigned good = 0;

        world_open(&world, "a thousand calls", NULL, script, 1);
        world.repeats = true;
        request = listing(&world);
        for (size_t i = 0; i < ELEMENTSOF(got); i++)
                begin(&world, &request, &got[i]);
        run(&world);
        for (size_t i = 0; i < ELEMENTSOF(got); i++)
                good += got[i].n == 1 && got[i].outcome.kind == OUTCOME_OK;
        ASSERT_EQ(1000, good);
        ASSERT_TRUE(script_server_most_busy(world.server) <= 8);
        ASSERT_TRUE(script_server_connections(world.server) <= 9);
        world_close(&world);
}

static void test_pace(void) {
        static const ScriptAnswer script[] = { OK(NO_REQUESTS) };
        static const Limits slow = { .requests_per_second = 10, .concurrency = 8 };
        World world;
        ApiRequest request;
        Got got[25];
        int64_t begun;

        world_open(&world, "pace", &slow, script, 1);
        world.repeats = true;
        request = listing(&world);
        begun = monotonic_usec();
        for (size_t i = 0; i < ELEMENTSOF(got); i++)
                begin(&world, &request, &got[i]);
        run(&world);
        /* 25 and the identity: ten at once, ten after a second, six after two. */
        ASSERT_TRUE(monotonic_usec() - begun >= 2 * USEC_PER_SEC - 50 * USEC_PER_MSEC);
        ASSERT_EQ(26, world.n_sts + world.n_requests);
        world_close(&world);
}

static void test_cancel(void) {
        World world;
        ApiRequest request;
        ShareService *service;
        Got got;

        OPEN(&world, "cancel", OK(NO_REQUESTS), { .kind = ANSWER_HANG }, OK(NO_REQUESTS));
        service = aws_client_service(world.client);
        list(&world, &got);

        request = start(&world);
        begin(&world, &request, &got);
        ASSERT_FALSE(service->cancel(got.call));
        world.waiting--;
        run_for(&world, 30, false);
        ASSERT_EQ(0, got.n);
        ASSERT_EQ(1, world.n_requests);

        begin(&world, &request, &got);
        run_for(&world, 100, false);
        ASSERT_EQ(1, world.n_posts);
        ASSERT_TRUE(service->cancel(got.call));
        world.waiting--;
        ASSERT_EQ(0, got.n);
        ASSERT_FALSE(service->cancel(NULL));

        /* And the place in the flight is free again. */
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        world_close(&world);
}

/* Freeing a client drops its calls wherever they are. */
static void test_free_under_way(void) {
        World world;
        Got got[20];
        ApiRequest request;

        static const ScriptAnswer script[] = { { .kind = ANSWER_HANG } };

        world_open(&world, "freed under way", NULL, script, 1);
        world.repeats = true;
        request = listing(&world);
        for (size_t i = 0; i < ELEMENTSOF(got); i++)
                begin(&world, &request, &got[i]);
        for (int i = 0; i < 100 && world.n_requests < 8; i++)
                run_for(&world, 50, false);
        ASSERT_EQ(8, world.n_requests);
        world.client = aws_client_free(world.client);
        for (size_t i = 0; i < ELEMENTSOF(got); i++)
                ASSERT_EQ(0, got[i].n);
        world_close(&world);
}

static void on_result_free(const ApiResult *result, void *userdata) {
        Got *got = userdata;

        on_result(result, got);
        got->world->client = aws_client_free(got->world->client);
}

/* A pass ends in the callback of its last call, and what ends with the pass may be the client. */
static void test_free_in_callback(void) {
        static const ScriptAnswer script[] = { { .body = NO_REQUESTS } };

        for (int wrong = 0; wrong < 2; wrong++) {
                World world;
                Got got[20];
                ApiRequest request;

                world_open(&world,
                                wrong ? "freed in a callback of many that fail"
                                      : "freed in a callback",
                                NULL, script, 1);
                world.repeats = true;
                if (wrong)
                        world.sts.body = STS_ANSWER("999988887777");
                request = listing(&world);
                for (size_t i = 0; i < ELEMENTSOF(got); i++) {
                        got[i] = (Got){ .world = &world };
                        ASSERT_OK(share_service_call(aws_client_service(world.client), &request,
                                        on_result_free, &got[i], &got[i].call));
                }
                world.waiting = 1;
                run(&world);
                run_for(&world, 30, false);
                for (size_t i = 1; i < ELEMENTSOF(got); i++)
                        ASSERT_EQ(0, got[i].n * got[0].n);
                ASSERT_TRUE(!world.client);
                world_close(&world);
        }
}

static int64_t fake_now;

static int64_t fake_clock(void) {
        return fake_now;
}

/* Credentials of an hour: fetched anew while they still work, and what cannot be had anew works to
 * its very end. */
static void test_refresh(void) {
        World world;
        Got got;

        fake_now = INT64_C(1780000000) * USEC_PER_SEC; /* 2026-05-28T20:26:40Z */
        time_set_source(fake_clock, NULL);
        OPEN(&world, "refresh", OK(NO_REQUESTS), OK(NO_REQUESTS), OK(NO_REQUESTS), OK(NO_REQUESTS),
                        OK(NO_REQUESTS));
        (void) setenv("AWS_CREDENTIAL_EXPIRATION", "2026-05-28T21:26:40Z", 1);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        set_credentials("AKIDSECOND", "secret-second", "");
        (void) setenv("AWS_CREDENTIAL_EXPIRATION", "2026-05-28T22:26:40Z", 1);

        fake_now += 44 * USEC_PER_MINUTE;
        list(&world, &got);
        ASSERT_TRUE(strstr(world.last_key, "AKIDFIRST"));
        ASSERT_EQ(1, world.n_sts);

        /* Ahead of the end: this call is not held up, the next one has the new ones. */
        fake_now += 2 * USEC_PER_MINUTE;
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(2, world.n_sts);
        list(&world, &got);
        ASSERT_TRUE(strstr(world.last_key, "AKIDSECOND"));

        /* Nothing new to be had, and a minute left. */
        fake_now += 73 * USEC_PER_MINUTE;
        (void) unsetenv("AWS_ACCESS_KEY_ID");
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(0, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        fake_now += 2 * USEC_PER_MINUTE;
        list(&world, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        world_close(&world);
        (void) unsetenv("AWS_CREDENTIAL_EXPIRATION");
        time_set_source(NULL, NULL);
}

/* Keys that stay the same and live on are not proven a second time. */
static void test_refresh_of_the_same(void) {
        World world;
        Got got;

        fake_now = INT64_C(1780000000) * USEC_PER_SEC;
        time_set_source(fake_clock, NULL);
        OPEN(&world, "refresh of the same", OK(NO_REQUESTS), OK(NO_REQUESTS), OK(NO_REQUESTS));
        (void) setenv("AWS_CREDENTIAL_EXPIRATION", "2026-05-28T21:26:40Z", 1);
        list(&world, &got);
        (void) setenv("AWS_CREDENTIAL_EXPIRATION", "2026-05-28T22:26:40Z", 1);
        fake_now += 46 * USEC_PER_MINUTE;
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);

        fake_now += 20 * USEC_PER_MINUTE; /* past the end that they had at first */
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(1, world.n_sts);
        world_close(&world);
        (void) unsetenv("AWS_CREDENTIAL_EXPIRATION");
        time_set_source(NULL, NULL);
}

/* The second attempt could not be made; what became of the first is as unknown as before. */
static void test_credentials_lost_between_attempts(void) {
        ApiRequest request;
        World world;
        Got got;

        OPEN(&world, "credentials lost between attempts", OK(NO_REQUESTS), INTERNAL_500,
                        EXPIRED_403);
        list(&world, &got);
        (void) unsetenv("AWS_ACCESS_KEY_ID");
        request = take_back(&world);
        ask(&world, &request, &got);
        ASSERT_KIND(OUTCOME_UNKNOWN, got);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_LOST]);
        ask(&world, &request, &got);
        ASSERT_KIND(OUTCOME_CREDENTIALS, got);
        world_close(&world);
}

/* Said once, and calls go on with what was found instead. */
static void test_odd(void) {
        World world;
        Got got;

        OPEN(&world, "misconfigured source", OK(NO_REQUESTS), EXPIRED_403, OK(NO_REQUESTS));
        (void) setenv("CREDENTIALS_DIRECTORY", "/dev/null", 1);
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_TRUE(strstr(world.notice, "/dev/null/aws-credentials"));
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        ASSERT_EQ(2, world.n_sts);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_CREDENTIALS_ODD]);
        ASSERT_EQ(1, world.notices[CLIENT_NOTICE_SIGNED_IN]);
        (void) unsetenv("CREDENTIALS_DIRECTORY");
        world_close(&world);
}

static void test_counts(void) {
        const ClientCount *counts;
        World world;
        Got got;
        size_t n;

        OPEN(&world, "counts", INTERNAL_500, { .kind = ANSWER_CLOSE }, OK(NO_REQUESTS));
        list(&world, &got);
        ASSERT_KIND(OUTCOME_OK, got);
        counts = aws_client_counts(world.client, &n);
        /* The connection that died was new to nobody but libcurl, which tries again by itself. */
        ASSERT_TRUE(n >= 3);
        ASSERT_STREQ("GetCallerIdentity", counts[0].operation);
        ASSERT_STREQ("200", counts[0].code);
        ASSERT_STREQ("500", counts[1].code);
        ASSERT_EQ(1, counts[1].count);
        ASSERT_TRUE(aws_client_progress_usec(world.client) > 0);
        world_close(&world);
}

/* A bad endpoint is said at once; so is one that would leave this host without TLS. */
static void test_endpoints(void) {
        static const Limits limits = { .concurrency = 1 };
        World world;
        AwsClient *client = NULL;
        char *why = NULL;

        world_open(&world, "endpoints", NULL, NULL, 0);
        world.source.endpoint_url = (char *) "http://example.com";
        ASSERT_EQ(-EINVAL,
                        aws_client_new(&(ClientOptions){ .event = world.event,
                                                       .http = world.http,
                                                       .source = &world.source,
                                                       .limits = &limits },
                                        &client, &why));
        ASSERT_TRUE(why && strstr(why, "http://example.com") && strstr(why, "loopback"));
        free(why);
        world_close(&world);
}

int main(void) {
        static const char *const cleared[] = {
                "AWS_ENDPOINT_URL",
                "AWS_ENDPOINT_URL_STS",
                "AWS_ENDPOINT_URL_AUDITMANAGER",
                "AWS_MAX_ATTEMPTS",
                "AWS_PROFILE",
                "AWS_SHARED_CREDENTIALS_FILE",
                "CREDENTIALS_DIRECTORY",
                "AWS_CA_BUNDLE",
                "AWS_CREDENTIAL_EXPIRATION",
                "AWS_SDK_UA_APP_ID",
        };

        for (size_t i = 0; i < ELEMENTSOF(cleared); i++)
                (void) unsetenv(cleared[i]);
        /* A proxy in the environment must not see what stays on this host. */
        (void) setenv("http_proxy", "http://127.0.0.1:1", 1);
        (void) setenv("ALL_PROXY", "http://127.0.0.1:1", 1);

        test_plain();
        test_dead_connection();
        test_dead_connection_revoke();
        test_reset();
        test_first_connection_dies();
        test_refused_connection();
        test_throttled();
        test_server_errors();
        test_server_errors_revoke();
        test_refusals();
        test_truncated();
        test_unreadable();
        test_timeout();
        test_oversized();
        test_many_headers();
        test_redirect();
        test_wrong_identity();
        test_identity_throttled();
        test_identity_fails();
        test_no_credentials();
        test_expired();
        test_expired_for_good();
        test_no_secrets();
        test_skew();
        test_no_skew();
        test_many();
        test_pace();
        test_cancel();
        test_free_under_way();
        test_free_in_callback();
        test_refresh();
        test_refresh_of_the_same();
        test_credentials_lost_between_attempts();
        test_odd();
        test_counts();
        test_endpoints();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A month of passes in seconds
 *
 * A pass every quarter of an hour over thirty days, with real clients and memory, against a world
 * with a clock of its own: an instance whose metadata service hands out credentials for an hour,
 * changes its role, goes away for hours and hands out what has expired; an STS whose roles live an
 * hour; a host whose clock steps. The world knows which pass must succeed, and notes each use of a
 * key past its end.
 */

#include <ctype.h>
#include <stdlib.h>
#include <time.h>

#include "aws/client.h"
#include "aws/uri.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/random.h"
#include "util/string-util.h"
#include "world.h"

#define DAYS       30
#define INTERVAL   (15 * USEC_PER_MINUTE)
#define BEGIN      (INT64_C(1800000000) * USEC_PER_SEC)
#define KEYS_MAX   20000
#define TOKEN_LIFE (6 * USEC_PER_HOUR)

/* From hour to hour of the month. */
typedef struct Window {
        unsigned from_hour, to_hour;
} Window;

typedef struct Month {
        const char *name;
        const char *role_arn; /* the source's own, assumed from the instance's; NULL: none */
        unsigned key_minutes; /* life of the instance's keys */
        Window down[4]; /* metadata does not answer */
        Window stale; /* metadata hands out old keys, and AWS takes them */
        Window sts_down; /* STS answers 503 to AssumeRole */
        unsigned new_role_hour; /* the instance gets another role; 0: never */
        unsigned step_hour; /* the host's clock steps from then on; 0: never */
        int64_t step_usec;
        unsigned n_failed_max; /* passes that may fail, as the world counts them */
} Month;

typedef struct Key {
        int64_t ends_usec;
        bool is_instance;
} Key;

static struct {
        const Month *month;
        int64_t true_usec, mono_usec; /* the world's clocks; the host has its own */
        Key keys[KEYS_MAX];
        size_t n_keys;
        int64_t token_ends_usec;
        unsigned n_tokens, n_roles, n_lists;
        unsigned n_past_end; /* signed with a key past its end that no metadata handed out late */
        bool list_failed;
        int64_t works_until_usec; /* with what the client was handed out */
} now;

static bool is_in(Window window) {
        int64_t hour = (now.true_usec - BEGIN) / USEC_PER_HOUR;

        return hour >= window.from_hour && hour < window.to_hour;
}

static bool is_down(void) {
        for (size_t i = 0; i < ELEMENTSOF(now.month->down); i++)
                if (is_in(now.month->down[i]))
                        return true;
        return false;
}

static int64_t host_offset(void) {
        return now.month->step_hour && now.true_usec >= BEGIN + now.month->step_hour * USEC_PER_HOUR
                        ? now.month->step_usec
                        : 0;
}

static int64_t host_now(void) {
        return now.true_usec + host_offset();
}

static int64_t host_monotonic(void) {
        return now.mono_usec;
}

/*
 * Answers.
 */

static int say(HttpAnswer *answer, int status, const char *text) {
        char date[64];
        time_t seconds = (time_t) (now.true_usec / USEC_PER_SEC);
        struct tm tm;

        answer->status = status;
        (void) strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &tm));
        answer->date = strdup(date);
        return answer->date ? buffer_add(&answer->body, text) : -ENOMEM;
}

static int say_nothing(HttpAnswer *answer) {
        answer->transport = TRANSPORT_CONNECTION;
        answer->unsent = true;
        (void) snprintf(answer->why, sizeof(answer->why), "no route to host");
        return 0;
}

static size_t new_key(int64_t life_usec, bool is_instance) {
        if (now.n_keys == KEYS_MAX)
                abort();
        now.keys[now.n_keys] = (Key){ now.true_usec + life_usec, is_instance };
        return now.n_keys++;
}

/* Keys live in the world's time, which is the one that AWS writes into them. */
static int say_instance_key(HttpAnswer *answer) {
        int64_t life = is_in(now.month->stale) ? -USEC_PER_HOUR
                                               : now.month->key_minutes * USEC_PER_MINUTE;
        size_t key = new_key(life, true);
        char text[512], ends[TIME_TEXT_MAX];

        (void) snprintf(text, sizeof(text),
                        "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"ASIA%08zu\","
                        "\"SecretAccessKey\":\"s\",\"Token\":\"t\",\"Expiration\":\"%s\"}",
                        key, time_format(now.keys[key].ends_usec, ends));
        if (!now.month->role_arn)
                now.works_until_usec = now.keys[key].ends_usec;
        return say(answer, 200, text);
}

static const char *header(const HttpRequest *request, const char *name) {
        for (size_t i = 0; request->headers && request->headers[i]; i++) {
                const char *line = request->headers[i];
                size_t n = strlen(name);

                if (strncasecmp(line, name, n) == 0 && line[n] == ':')
                        return line + n + 1 + strspn(line + n + 1, " ");
        }
        return NULL;
}

static int answer_metadata(const HttpRequest *request, HttpAnswer *answer) {
        bool is_new = now.month->new_role_hour
                        && now.true_usec >= BEGIN + now.month->new_role_hour * USEC_PER_HOUR;
        const char *token = header(request, "x-aws-ec2-metadata-token");
        char text[32];

        if (is_down())
                return say_nothing(answer);
        if (streq(request->method, "PUT")) {
                now.n_tokens++;
                now.token_ends_usec = now.true_usec + TOKEN_LIFE;
                (void) snprintf(text, sizeof(text), "token-%u", now.n_tokens);
                return say(answer, 200, text);
        }
        (void) snprintf(text, sizeof(text), "token-%u", now.n_tokens);
        if (!token || !streq(token, text) || now.true_usec >= now.token_ends_usec)
                return say(answer, 401, "");
        if (strstr(request->url, "/security-credentials/")[strlen("/security-credentials/")]
                        == '\0')
                return say(answer, 200, is_new ? "role-two" : "role-one");
        if (!strstr(request->url, is_new ? "/role-two" : "/role-one"))
                return say(answer, 404, "");
        return say_instance_key(answer);
}

static const Key *key_of(const HttpRequest *request) {
        const char *text = header(request, "Authorization"),
                   *key = text ? strstr(text, "Credential=ASIA") : NULL;
        size_t n = key ? strtoul(key + strlen("Credential=ASIA"), NULL, 10) : KEYS_MAX;

        return n < now.n_keys ? &now.keys[n] : NULL;
}

/* NULL: welcome; else the code that AWS refuses it with. */
static const char *check(const HttpRequest *request) {
        const char *date = header(request, "X-Amz-Date");
        const Key *key = key_of(request);
        struct tm tm = { 0 };
        int64_t signed_usec;

        if (!key || !date || !strptime(date, "%Y%m%dT%H%M%SZ", &tm))
                return "InvalidClientTokenId";
        signed_usec = (int64_t) timegm(&tm) * USEC_PER_SEC;
        if (llabs(signed_usec - now.true_usec) > 5 * USEC_PER_MINUTE)
                return "RequestTimeTooSkewed";
        if (now.true_usec < key->ends_usec || (key->is_instance && is_in(now.month->stale)))
                return NULL;
        now.n_past_end++;
        return "ExpiredToken";
}

static int say_role(HttpAnswer *answer) {
        size_t key = new_key(USEC_PER_HOUR, false);
        char text[1024], ends[TIME_TEXT_MAX];

        now.n_roles++;
        now.works_until_usec = now.keys[key].ends_usec;
        (void) snprintf(text, sizeof(text),
                        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        "<AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-"
                        "role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA%08zu</"
                        "AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</"
                        "SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult>"
                        "</AssumeRoleResponse>",
                        key, time_format(now.keys[key].ends_usec, ends));
        return say(answer, 200, text);
}

static int answer_sts(const HttpRequest *request, HttpAnswer *answer) {
        bool is_role = strstr(request->body, "Action=AssumeRole") != NULL;
        const char *refusal;
        char text[256];

        if (is_role && is_in(now.month->sts_down))
                return say(answer, 503, "");
        refusal = check(request);
        if (refusal) {
                (void) snprintf(text, sizeof(text),
                                "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error>"
                                "</ErrorResponse>",
                                refusal);
                return say(answer, 403, text);
        }
        if (is_role)
                return say_role(answer);
        return say(answer, 200,
                        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333"
                        "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
}

static int answer_audit_manager(const HttpRequest *request, HttpAnswer *answer) {
        const char *refusal = check(request);
        char text[128];

        if (refusal) {
                (void) snprintf(text, sizeof(text), "{\"code\":\"%s\",\"message\":\"no\"}",
                                streq(refusal, "ExpiredToken") ? "ExpiredTokenException" : refusal);
                return say(answer, 403, text);
        }
        now.n_lists++;
        return say(answer, 200,
                        strstr(request->url, "ShareRequests")
                                        ? "{\"assessmentFrameworkShareRequests\":[]}"
                                        : "{\"frameworkMetadataList\":[]}");
}

static int answer_all(const HttpRequest *request, HttpAnswer *answer, void *userdata _unused_) {
        if (starts_with(request->url, "http://169.254.169.254/"))
                return answer_metadata(request, answer);
        if (starts_with(request->url, "https://sts.us-east-1.amazonaws.com"))
                return answer_sts(request, answer);
        if (starts_with(request->url, "https://auditmanager.us-east-1.amazonaws.com/"))
                return answer_audit_manager(request, answer);
        ASSERT_STREQ("a known address", request->url);
        return say_nothing(answer);
}

/*
 * The month.
 */

typedef struct Notices {
        unsigned lost, back, skew;
} Notices;

static void on_notice(AwsClient *client _unused_,
                ClientNotice notice,
                const char *detail _unused_,
                void *userdata) {
        Notices *notices = userdata;

        notices->lost += notice == CLIENT_NOTICE_CREDENTIALS_LOST;
        notices->back += notice == CLIENT_NOTICE_CREDENTIALS_BACK;
        notices->skew += notice == CLIENT_NOTICE_CLOCK_SKEW;
}

/* A pass must succeed where the client holds what AWS takes, or can get it. */
static bool must_succeed(void) {
        bool can_fetch = !is_down() && !(now.month->role_arn && is_in(now.month->sts_down));

        return can_fetch || now.true_usec < now.works_until_usec;
}

static bool make_pass(World *world, sd_event *event, ShareService *service) {
        ShareService *services[] = { service };
        PassOptions options = {
                .settings = world->settings,
                .desired = world->desired,
                .services = services,
                .memory = world->memory,
                .ended = on_ended,
                .userdata = world,
        };
        bool is_whole;

        world->ended = false;
        if (pass_new(&options, &world->pass) < 0)
                return false;
        while (!world->ended)
                if (sd_event_run(event, 10 * (uint64_t) USEC_PER_SEC) <= 0)
                        return false;
        is_whole = pass_is_whole(world->pass);
        world->pass = pass_free(world->pass);
        return is_whole;
}

static void live(const Month *month) {
        _cleanup_(http_client_freep) HttpClient *http = NULL;
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(aws_client_freep) AwsClient *client = NULL;
        _cleanup_world_ World world = { 0 };
        static RetryNumbers retry;
        unsigned n_failed = 0, n_wrong = 0;
        char *why = NULL;
        Notices notices = { 0 };
        Source source;

        test_row(month->name);
        memset(&now, 0, sizeof(now));
        now.month = month;
        now.true_usec = BEGIN;
        now.mono_usec = USEC_PER_DAY;
        time_set_source(host_now, host_monotonic);
        world_init(&world, "frameworks: []\n", false);
        retry = retry_standard;
        retry.base_transient_usec = retry.base_throttling_usec = 0;

        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(http_client_new(event, &http));
        http_client_set_stand_in(http, answer_all, NULL);
        source = world.settings->sources[0];
        source.role_arn = (char *) month->role_arn;
        ASSERT_OK(aws_client_new(&(ClientOptions){ .event = event,
                                                 .http = http,
                                                 .source = &source,
                                                 .limits = &(Limits){ .concurrency = 8 },
                                                 .is_service = true,
                                                 .notice = on_notice,
                                                 .userdata = &notices,
                                                 .retry = &retry },
                        &client, &why));

        for (int64_t end = BEGIN + DAYS * USEC_PER_DAY; client && now.true_usec < end;) {
                bool must = must_succeed(),
                     did = make_pass(&world, event, aws_client_service(client));

                n_failed += !did;
                n_wrong += must && !did;
                now.true_usec += INTERVAL;
                now.mono_usec += INTERVAL;
        }
        ASSERT_EQ(0, n_wrong);
        ASSERT_EQ(0, now.n_past_end);
        ASSERT_TRUE(n_failed <= month->n_failed_max);
        ASSERT_TRUE(month->n_failed_max == 0 || n_failed > 0);
        ASSERT_EQ(notices.lost, notices.back);
        ASSERT_EQ(month->n_failed_max > 0, notices.lost > 0);
        ASSERT_EQ(month->step_hour > 0, notices.skew > 0);
        printf("  %s: %d passes, %u failed, %u listings, %zu keys, %u tokens, %u roles\n",
                        month->name, DAYS * 96, n_failed, now.n_lists, now.n_keys, now.n_tokens,
                        now.n_roles);
        time_set_source(NULL, NULL);
}

int main(void) {
        static const char *const cleared[] = { "AWS_PROFILE", "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
                "CREDENTIALS_DIRECTORY", "AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL",
                "AWS_MAX_ATTEMPTS", "AWS_EC2_METADATA_SERVICE_ENDPOINT" };
        static const char role[] = "arn:aws:iam::111122223333:role/audit-share";
        static const Month months[] = {
                { .name = "keys of an hour", .key_minutes = 60 },
                { .name = "keys of twenty minutes", .key_minutes = 20 },
                { .name = "the role of the instance changes",
                                .key_minutes = 360,
                                .new_role_hour = 240 },
                { .name = "short absences that nobody notices",
                                .key_minutes = 360,
                                .down = { { 100, 101 }, { 103, 104 }, { 500, 501 } } },
                { .name = "metadata goes away for hours",
                                .key_minutes = 60,
                                .down = { { 48, 53 }, { 200, 224 }, { 400, 402 } },
                                .n_failed_max = 4 * (5 + 24 + 2) },
                { .name = "metadata hands out what has expired",
                                .key_minutes = 60,
                                .stale = { 300, 330 } },
                { .name = "a role, assumed each hour", .key_minutes = 360, .role_arn = role },
                { .name = "a role, and STS in trouble for half a day",
                                .key_minutes = 360,
                                .role_arn = role,
                                .sts_down = { 240, 252 },
                                .n_failed_max = 48 },
                { .name = "a role, and everything else",
                                .key_minutes = 60,
                                .role_arn = role,
                                .down = { { 48, 53 }, { 600, 601 } },
                                .sts_down = { 100, 104 },
                                .new_role_hour = 350,
                                .step_hour = 400,
                                .step_usec = -10 * USEC_PER_MINUTE,
                                .n_failed_max = 4 * (5 + 4 + 1) },
                { .name = "the host's clock steps ahead",
                                .key_minutes = 60,
                                .step_hour = 360,
                                .step_usec = 2 * USEC_PER_HOUR },
        };

        char command[64];

        for (size_t i = 0; i < ELEMENTSOF(cleared); i++)
                (void) unsetenv(cleared[i]);
        if (!mkdtemp(directory))
                return 1;
        for (size_t i = 0; i < ELEMENTSOF(months); i++)
                live(&months[i]);

        (void) snprintf(command, sizeof(command), "rm -rf %s", directory);
        ASSERT_OK(system(command));
        return test_end();
}

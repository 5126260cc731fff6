/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of a role: what STS is asked, and what becomes of its answers
 *
 * Each row is a conversation with STS. Signatures are those that botocore makes of the same
 * request.
 */

#include "sts-script.h"

#define OK_BODY STS_CREDENTIALS("AssumeRole", "AKROLE")
#define OK                                                                                         \
        { .status = 200, .body = OK_BODY }
#define DENIED                                                                                     \
        "User: arn:aws:iam::111122223333:user/u is not authorized to perform: sts:AssumeRole on "  \
        "resource: " ROLE
#define MISMATCH                                                                                   \
        "The request signature we calculated does not match the signature you provided. Check "    \
        "your AWS Secret Access Key and signing method. Consult the service documentation for "    \
        "details."
#define QUOTED                                                                                     \
        MISMATCH "\n\nThe Canonical String for this request should have been\n'POST\n/\n\n"        \
                 "x-amz-security-token:" MARK "token1\n'"

/* An hour ahead of NOW. */
#define AHEAD "Fri, 02 Jan 2026 04:04:05 GMT"
#define RIGHT "Fri, 02 Jan 2026 03:04:05 GMT"

/* Who signs: a provider of the test's own. */
typedef struct Base {
        CredentialsProvider provider;
        int fails; /* what fetch returns */
        int r;
        const char *why;
        bool is_silent; /* never answers */
        unsigned fetched, freed;
} Base;

static int base_fetch(CredentialsProvider *provider, CredentialsCallback callback, void *userdata) {
        Base *base = (Base *) provider;
        Credentials credentials = { .expires_usec = TIME_INFINITY };

        base->fetched++;
        if (base->fails < 0 || base->is_silent)
                return base->fails;
        if (base->r < 0) {
                callback(base->r, NULL, base->why, userdata);
                return 0;
        }
        credentials.access_key_id = strdup("AKBASE");
        credentials.origin = strdup("the test");
        ASSERT_OK(secret_new(MARK "1", &credentials.secret_access_key));
        ASSERT_OK(secret_new(MARK "token1", &credentials.session_token));
        callback(0, &credentials, base->why, userdata);
        credentials_done(&credentials);
        return 0;
}

static void base_free(CredentialsProvider *provider) {
        ((Base *) provider)->freed++;
}

#define BASE                                                                                       \
        {                                                                                          \
                .provider = {.name = "base", .fetch = base_fetch, .free = base_free }              \
        }

static const AssumedRole plain = { .role_arn = ROLE };

static const struct {
        const char *name;
        StsStep steps[STS_STEPS_MAX];
        int r;
        const char *why; /* the whole of it */
        int64_t skew_sec;
} rows[] = {
        { "given", { OK }, 0, "", 0 },
        { "denied", { { .status = 403, .body = STS_ERROR("AccessDenied", DENIED) } }, -EINVAL,
                        "AssumeRole of " ROLE ": AccessDenied: " DENIED, 0 },
        { "no message", { { .status = 400, .body = STS_ERROR("ExpiredToken", "") } }, -EINVAL,
                        "AssumeRole of " ROLE ": ExpiredToken", 0 },
        { "no XML", { { .status = 403, .body = "Forbidden" } }, -EINVAL,
                        "AssumeRole of " ROLE ": HTTP 403", 0 },
        { "redirect", { { .status = 302 } }, -EINVAL, "AssumeRole of " ROLE ": HTTP 302", 0 },
        { "lines and controls",
                        { { .status = 400, .body = STS_ERROR("X", "one\ttwo&#x7f;three\nfour") } },
                        -EINVAL, "AssumeRole of " ROLE ": X: one two three", 0 },

        { "503, then given", { { .status = 503 }, OK }, 0, "", 0 },
        { "500 thrice", { { .status = 500 }, { .status = 500 }, { .status = 500 } }, -EIO,
                        "AssumeRole of " ROLE ": HTTP 500", 0 },
        { "throttled, then given",
                        { { .status = 400, .body = STS_ERROR("Throttling", "Rate exceeded") },
                                        { .status = 400, .body = STS_ERROR("Throttling", "x") },
                                        OK },
                        0, "", 0 },
        { "throttled thrice",
                        { { .status = 400, .body = STS_ERROR("Throttling", "Rate exceeded") },
                                        { .status = 400, .body = STS_ERROR("Throttling", "x") },
                                        { .status = 400,
                                                        .body = STS_ERROR("Throttling", "last") } },
                        -EIO, "AssumeRole of " ROLE ": Throttling: last", 0 },
        { "no connection, then given", { { .transport = TRANSPORT_CONNECTION }, OK }, 0, "", 0 },
        { "no connection thrice",
                        { { .transport = TRANSPORT_CONNECTION }, { .transport = TRANSPORT_TIMEOUT },
                                        { .transport = TRANSPORT_CONNECTION } },
                        -EIO, "AssumeRole of " ROLE ": the network is down", 0 },
        { "too large", { { .status = 200, .too_large = true } }, -EIO,
                        "AssumeRole of " ROLE ": the network is down", 0 },

        { "clock wrong, then right",
                        { { .status = 403,
                                          .body = STS_ERROR("SignatureDoesNotMatch", MISMATCH),
                                          .date = AHEAD },
                                        OK },
                        0, "", 3600 - 10 },
        { "clock wrong, a transient error between",
                        { { .status = 400, .body = STS_ERROR("RequestExpired", ""), .date = AHEAD },
                                        { .status = 503 }, OK },
                        0, "", 3600 - 10 },
        { "clock wrong, put right but once",
                        { { .status = 403,
                                          .body = STS_ERROR("SignatureDoesNotMatch", QUOTED),
                                          .date = AHEAD },
                                        { .status = 403,
                                                        .body = STS_ERROR("SignatureDoesNotMatch",
                                                                        QUOTED),
                                                        .date = RIGHT } },
                        -EINVAL, "AssumeRole of " ROLE ": SignatureDoesNotMatch: " MISMATCH,
                        3600 - 10 },
        { "clock right",
                        { { .status = 403,
                                        .body = STS_ERROR("SignatureDoesNotMatch", QUOTED),
                                        .date = RIGHT } },
                        -EINVAL, "AssumeRole of " ROLE ": SignatureDoesNotMatch: " MISMATCH, 0 },
        { "clock wrong, but denied for another reason",
                        { { .status = 403,
                                        .body = STS_ERROR("AccessDenied", "no"),
                                        .date = AHEAD } },
                        -EINVAL, "AssumeRole of " ROLE ": AccessDenied: no", 0 },

        { "our secret quoted", { { .status = 400, .body = STS_ERROR("X", "sent: " MARK "1, so") } },
                        -EINVAL, "AssumeRole of " ROLE ": X: sent:", 0 },
        { "Authorization quoted",
                        { { .status = 400,
                                        .body = STS_ERROR("IncompleteSignature",
                                                        "no. Authorization=AWS4 " MARK) } },
                        -EINVAL, "AssumeRole of " ROLE ": IncompleteSignature: no.", 0 },

        { "given in JSON", { { .status = 200, .body = "{}" } }, -EINVAL,
                        "AssumeRole of " ROLE ": the answer cannot be used: it is no XML that can "
                        "be read",
                        0 },
        { "another answer",
                        { { .status = 200,
                                        .body = STS_CREDENTIALS("AssumeRoleWithWebIdentity",
                                                        "AK") } },
                        -EINVAL,
                        "AssumeRole of " ROLE
                        ": the answer cannot be used: it holds no credentials",
                        0 },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
                Base base = BASE;
                StsWorld world;
                size_t n = 0;

                test_row(rows[i].name);
                while (n < STS_STEPS_MAX
                                && (rows[i].steps[n].status > 0
                                                || rows[i].steps[n].transport != TRANSPORT_OK))
                        n++;
                sts_world_init(&world, (const char *[]){ NULL });
                ASSERT_OK(credentials_role_new(&world.context, &plain, &base.provider, &provider));

                sts_world_script(&world, rows[i].steps, n);
                sts_world_fetch(&world, provider);
                ASSERT_EQ(rows[i].r, world.r);
                ASSERT_STREQ(rows[i].why, world.why);
                ASSERT_EQ(rows[i].skew_sec, world.skew_usec / USEC_PER_SEC);
                ASSERT_STREQ(rows[i].r < 0 ? NULL : "AKROLE", world.credentials.access_key_id);

                provider = credentials_provider_free(provider);
                ASSERT_EQ(1, base.freed);
                sts_world_done(&world);
        }
}

static void test_request(void) {
        static const StsStep steps[] = { OK };
        static const AssumedRole role = {
                .role_arn = ROLE, .external_id = "id", .duration_sec = 900
        };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Base base = BASE;
        StsWorld world;

        test_row("request");
        sts_world_init(&world, (const char *[]){ NULL });
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        ASSERT_OK(credentials_role_new(&world.context, &role, &base.provider, &provider));
        sts_world_fetch(&world, provider);

        ASSERT_STREQ("https://sts.eu-west-1.amazonaws.com/", world.requests[0].url);
        ASSERT_STREQ("Action=AssumeRole&Version=2011-06-15"
                     "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx"
                     "&RoleSessionName=auditshared-main&DurationSeconds=900&ExternalId=id",
                        world.requests[0].body);
        ASSERT_STREQ("sts.eu-west-1.amazonaws.com", sts_header(&world, 0, "Host"));
        ASSERT_STREQ("application/x-www-form-urlencoded; charset=utf-8",
                        sts_header(&world, 0, "Content-Type"));
        ASSERT_STREQ("agent/1", sts_header(&world, 0, "User-Agent"));
        ASSERT_STREQ("20260102T030405Z", sts_header(&world, 0, "X-Amz-Date"));
        ASSERT_STREQ(MARK "token1", sts_header(&world, 0, "X-Amz-Security-Token"));
        ASSERT_STREQ("AWS4-HMAC-SHA256 "
                     "Credential=AKBASE/20260102/eu-west-1/sts/aws4_request, "
                     "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
                     "Signature=95b3aad12f9fccee56cc6ded78e94bb0130f9b7388cab73c9d624f618544c8b6",
                        sts_header(&world, 0, "Authorization"));

        ASSERT_STREQ(MARK "2", secret_reveal(world.credentials.secret_access_key));
        ASSERT_STREQ(MARK "token2", secret_reveal(world.credentials.session_token));
        ASSERT_EQ(INT64_C(1767326645) * USEC_PER_SEC, world.credentials.expires_usec);
        ASSERT_STREQ("111122223333", world.credentials.account_id);
        ASSERT_STREQ("role " ROLE ", from the test", world.credentials.origin);
        sts_world_done(&world);
}

/* A prefix of the URL is signed and sent; a session name that was chosen stands. */
static void test_prefix(void) {
        static const StsStep steps[] = { OK };
        static const AssumedRole role = { .role_arn = ROLE, .session_name = "chosen" };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Base base = BASE;
        StsWorld world;

        test_row("prefix");
        sts_world_init(&world, (const char *[]){ NULL });
        world.context.sts_url = "http://127.0.0.1:4566/sts";
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        ASSERT_OK(credentials_role_new(&world.context, &role, &base.provider, &provider));
        sts_world_fetch(&world, provider);
        ASSERT_STREQ("http://127.0.0.1:4566/sts/", world.requests[0].url);
        ASSERT_STREQ("127.0.0.1:4566", sts_header(&world, 0, "Host"));
        ASSERT_TRUE(strstr(world.requests[0].body, "&RoleSessionName=chosen"));
        sts_world_done(&world);
}

/* An attempt is signed with its own time, a corrected one after a word about the clock. */
static void test_signing_time(void) {
        static const StsStep steps[] = {
                { .status = 503 },
                { .status = 403, .body = STS_ERROR("SignatureDoesNotMatch", ""), .date = AHEAD },
                OK,
                OK,
        };
        _cleanup_(credentials_provider_freep) CredentialsProvider *provider = NULL;
        Base base = BASE;
        StsWorld world;

        test_row("signing time");
        sts_world_init(&world, (const char *[]){ NULL });
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        ASSERT_OK(credentials_role_new(&world.context, &plain, &base.provider, &provider));
        sts_world_fetch(&world, provider);
        ASSERT_OK(world.r);
        ASSERT_STREQ("20260102T030405Z", sts_header(&world, 0, "X-Amz-Date"));
        ASSERT_STREQ("20260102T030415Z", sts_header(&world, 1, "X-Amz-Date"));
        ASSERT_STREQ("20260102T040405Z", sts_header(&world, 2, "X-Amz-Date"));

        /* The next time everything is asked anew, by the clock that is known now. */
        sts_world_fetch(&world, provider);
        ASSERT_OK(world.r);
        ASSERT_EQ(2, base.fetched);
        ASSERT_STREQ("20260102T040415Z", sts_header(&world, 3, "X-Amz-Date"));
        sts_world_done(&world);
}

static const struct {
        const char *name;
        int r;
        const char *why;
} base_errors[] = {
        { "base: not configured", -ENOENT, "AWS_ACCESS_KEY_ID is not set" },
        { "base: not allowed", -EPERM, "others can read the file" },
        { "base: no words", -EINVAL, NULL },
};

static void test_base(void) {
        static const StsStep steps[] = { OK };
        CredentialsProvider *provider = NULL;
        Base base = BASE;
        StsWorld world;

        sts_world_init(&world, (const char *[]){ NULL });
        ASSERT_OK(credentials_role_new(&world.context, &plain, &base.provider, &provider));
        for (size_t i = 0; i < ELEMENTSOF(base_errors); i++) {
                test_row(base_errors[i].name);
                base.r = base_errors[i].r;
                base.why = base_errors[i].why;
                sts_world_fetch(&world, provider);
                ASSERT_EQ(base_errors[i].r, world.r);
                ASSERT_STREQ(base_errors[i].why ? base_errors[i].why : "", world.why);
        }

        test_row("base: cannot be asked");
        base.fails = -ENOMEM;
        world.n = 0;
        ASSERT_EQ(-ENOMEM, credentials_fetch(provider, on_credentials, &world));
        ASSERT_EQ(0, world.n);

        test_row("base: passed something over");
        base = (Base) BASE;
        base.why = "a file was odd";
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        sts_world_fetch(&world, provider);
        ASSERT_OK(world.r);
        ASSERT_STREQ("a file was odd", world.why);
        (void) credentials_provider_free(provider);
        sts_world_done(&world);
}

/* A role that is assumed with the credentials of another one. */
static void test_chain(void) {
        static const StsStep steps[] = { OK,
                { .status = 200, .body = STS_CREDENTIALS("AssumeRole", "AKLAST") }, OK,
                { .status = 403, .body = STS_ERROR("AccessDenied", "no") } };
        static const AssumedRole second = { .role_arn = "arn:aws:iam::111122223333:role/y" };
        CredentialsProvider *provider = NULL;
        Base base = BASE;
        StsWorld world;

        test_row("chain of roles");
        sts_world_init(&world, (const char *[]){ NULL });
        sts_world_script(&world, steps, ELEMENTSOF(steps));
        ASSERT_OK(credentials_role_new(&world.context, &plain, &base.provider, &provider));
        ASSERT_OK(credentials_role_new(&world.context, &second, provider, &provider));
        sts_world_fetch(&world, provider);
        ASSERT_STREQ("AKLAST", world.credentials.access_key_id);
        ASSERT_STREQ("role arn:aws:iam::111122223333:role/y, from role " ROLE ", from the test",
                        world.credentials.origin);
        ASSERT_TRUE(strstr(sts_header(&world, 1, "Authorization"), "Credential=AKROLE/"));
        ASSERT_STREQ(MARK "token2", sts_header(&world, 1, "X-Amz-Security-Token"));

        sts_world_fetch(&world, provider);
        ASSERT_EQ(-EINVAL, world.r);
        ASSERT_STREQ("AssumeRole of arn:aws:iam::111122223333:role/y: AccessDenied: no", world.why);
        (void) credentials_provider_free(provider);
        ASSERT_EQ(1, base.freed);
        sts_world_done(&world);
}

typedef enum Moment {
        MOMENT_BASE, /* base has not answered */
        MOMENT_ASKED, /* the request is out */
        MOMENT_PAUSE, /* between two attempts */
        MOMENT_CALLBACK,
        MOMENT_MAX
} Moment;

/* Whoever is not interested any more frees the provider, at any moment; ASan looks on. */
static void test_freed(void) {
        static const char *const names[MOMENT_MAX] = { "freed: base is asked",
                "freed: STS is asked", "freed: in a pause", "freed: in the callback" };
        static const StsStep good[] = { OK }, bad[] = { { .status = 503 } };

        for (Moment moment = 0; moment < MOMENT_MAX; moment++) {
                CredentialsProvider *provider = NULL;
                Base base = BASE;
                StsWorld world;

                test_row(names[moment]);
                sts_world_init(&world, (const char *[]){ NULL });
                world.retry.base_transient_usec = USEC_PER_MINUTE;
                base.is_silent = moment == MOMENT_BASE;
                sts_world_script(&world, moment == MOMENT_PAUSE ? bad : good,
                                moment == MOMENT_BASE ? 0 : 1);
                ASSERT_OK(credentials_role_new(&world.context, &plain, &base.provider, &provider));
                ASSERT_OK(credentials_fetch(provider, on_credentials, &world));
                if (moment == MOMENT_PAUSE)
                        ASSERT_TRUE(sd_event_run(world.event, 0) >= 0);
                if (moment == MOMENT_CALLBACK) {
                        world.doomed = provider;
                        sts_world_run(&world);
                        ASSERT_STREQ("AKROLE", world.credentials.access_key_id);
                } else
                        (void) credentials_provider_free(provider);
                for (int i = 0; i < 3; i++)
                        (void) sd_event_run(world.event, 0);
                ASSERT_EQ(moment == MOMENT_CALLBACK ? 1 : 0, world.n);
                ASSERT_EQ(1, base.freed);
                sts_world_done(&world);
        }
}

int main(void) {
        test_rows();
        test_request();
        test_prefix();
        test_signing_time();
        test_base();
        test_chain();
        test_freed();
        return test_end();
}

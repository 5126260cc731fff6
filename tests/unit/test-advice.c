/* SPDX-License-Identifier: Apache-2.0 */

/* Advice: each failure has a level, and a remedy that speaks of its cause. */

#include "aws/advice.h"
#include "aws/skew.h"
#include "test.h"

static bool speaks_of(Advice advice, const char *words) {
        return words ? advice.remedy && strstr(advice.remedy, words) : !advice.remedy;
}

static const struct {
        const char *name;
        Reach reach;
        AdviceLevel level;
        const char *words; /* in the remedy; NULL: there is none */
} reach_rows[] = {
        { "reached", { HTTP_FAILURE_NONE, false, false, false }, ADVICE_OK, NULL },
        { "reached by a proxy", { HTTP_FAILURE_NONE, true, true, true }, ADVICE_OK, NULL },
        { "name", { HTTP_FAILURE_NAME, false, false, false }, ADVICE_FAILURE, "resolvectl" },
        { "name of one's own", { HTTP_FAILURE_NAME, false, false, true }, ADVICE_FAILURE,
                        "where it is configured" },
        { "name behind a proxy", { HTTP_FAILURE_NAME, true, false, true }, ADVICE_FAILURE,
                        "resolvectl" },
        { "connection", { HTTP_FAILURE_CONNECT, false, false, false }, ADVICE_FAILURE, "firewall" },
        { "connection to one's own", { HTTP_FAILURE_CONNECT, false, false, true }, ADVICE_FAILURE,
                        "where it is configured" },
        { "connection behind a proxy", { HTTP_FAILURE_CONNECT, true, false, false }, ADVICE_FAILURE,
                        "firewall" },
        { "proxy that is none", { HTTP_FAILURE_PROXY, false, false, false }, ADVICE_FAILURE,
                        "HTTPS_PROXY" },
        { "proxy", { HTTP_FAILURE_PROXY, true, false, false }, ADVICE_FAILURE, "NO_PROXY" },
        { "authority", { HTTP_FAILURE_AUTHORITY, false, false, false }, ADVICE_FAILURE,
                        "ca-certificates" },
        { "authority with a bundle", { HTTP_FAILURE_AUTHORITY, false, true, false }, ADVICE_FAILURE,
                        "the only one that counts" },
        { "authority behind a proxy", { HTTP_FAILURE_AUTHORITY, true, false, false },
                        ADVICE_FAILURE, "a proxy that opens TLS" },
        { "authority behind a proxy with a bundle", { HTTP_FAILURE_AUTHORITY, true, true, false },
                        ADVICE_FAILURE, "the only one that counts" },
        { "TLS", { HTTP_FAILURE_TLS, false, false, true }, ADVICE_FAILURE, "the endpoint's URL" },
        { "TLS behind a proxy", { HTTP_FAILURE_TLS, true, true, false }, ADVICE_FAILURE,
                        "NO_PROXY" },
        { "timeout", { HTTP_FAILURE_TIMEOUT, false, false, false }, ADVICE_FAILURE, "HTTPS_PROXY" },
        { "timeout behind a proxy", { HTTP_FAILURE_TIMEOUT, true, false, false }, ADVICE_FAILURE,
                        "the proxy" },
        { "other", { HTTP_FAILURE_OTHER, false, false, false }, ADVICE_FAILURE, "curl -v" },
        { "other behind a proxy", { HTTP_FAILURE_OTHER, true, false, false }, ADVICE_FAILURE,
                        "the proxy" },
};

static void test_reach(void) {
        for (size_t i = 0; i < ELEMENTSOF(reach_rows); i++) {
                Advice got = advice_reach(&reach_rows[i].reach);

                test_row(reach_rows[i].name);
                ASSERT_EQ(reach_rows[i].level, got.level);
                ASSERT_TRUE(speaks_of(got, reach_rows[i].words));
        }
}

/* Whatever fails, by whatever way, has a remedy. */
static void test_no_reach_without_remedy(void) {
        test_row("no failure without a remedy");
        for (HttpFailure failure = HTTP_FAILURE_NONE + 1; failure < HTTP_FAILURE_MAX; failure++)
                for (unsigned bits = 0; bits < 8; bits++) {
                        Reach reach = { failure, bits & 1, bits & 2, bits & 4 };

                        ASSERT_EQ(ADVICE_FAILURE, advice_reach(&reach).level);
                        ASSERT_TRUE(advice_reach(&reach).remedy != NULL);
                }
}

static const struct {
        const char *name;
        int64_t skew_usec;
        AdviceLevel level;
} clock_rows[] = {
        { "not known", TIME_UNKNOWN, ADVICE_SKIPPED },
        { "exact", 0, ADVICE_OK },
        { "nearly a minute", 59 * USEC_PER_SEC, ADVICE_OK },
        { "nearly a minute ahead", -59 * USEC_PER_SEC, ADVICE_OK },
        { "a minute", USEC_PER_MINUTE, ADVICE_WARNING },
        { "a minute ahead", -USEC_PER_MINUTE, ADVICE_WARNING },
        { "nearly four", SKEW_MIN - 1, ADVICE_WARNING },
        { "four", SKEW_MIN, ADVICE_FAILURE },
        { "four ahead", -SKEW_MIN, ADVICE_FAILURE },
        { "years", -1000 * USEC_PER_DAY, ADVICE_FAILURE },
};

static void test_clock(void) {
        for (size_t i = 0; i < ELEMENTSOF(clock_rows); i++) {
                Advice got = advice_clock(clock_rows[i].skew_usec);

                test_row(clock_rows[i].name);
                ASSERT_EQ(clock_rows[i].level, got.level);
                ASSERT_TRUE(speaks_of(
                                got, clock_rows[i].level >= ADVICE_WARNING ? "timedatectl" : NULL));
        }
}

/* The messages are those of the client, the providers and AWS; tests of the program hold them to
 * it.
 */
static const struct {
        const char *name;
        const char *code, *message;
        const char *words;
} credentials_rows[] = {
        { "unknown key", "InvalidClientTokenId",
                        "AWS refuses the credentials of the environment: InvalidClientTokenId: The "
                        "security token included in the request is invalid.",
                        "does not exist any more" },
        { "unknown key at Audit Manager", "UnrecognizedClientException",
                        "The security token included in the request is invalid.",
                        "does not exist any more" },
        { "wrong secret", "SignatureDoesNotMatch",
                        "AWS refuses the credentials of profile default: SignatureDoesNotMatch",
                        "copy both again" },
        { "expired", "ExpiredToken",
                        "AWS refuses the credentials of the environment: ExpiredToken: The "
                        "security token included in the request is expired",
                        "sign in again" },
        { "expired by our clock", "",
                        "the credentials of the environment expired at 2026-01-01T00:00:00Z; it is "
                        "2026-01-02T00:00:00Z by this host's clock",
                        "sign in again" },
        { "forbidden from above", "AccessDenied",
                        "AWS refuses the credentials of the environment: AccessDenied: User is not "
                        "authorized to perform: sts:GetCallerIdentity with an explicit deny",
                        "service control policies" },
        { "role", "", "AssumeRole of arn:aws:iam::1:role/x: AccessDenied: no", "trust policy" },
        { "role of a token", "", "AssumeRoleWithWebIdentity of arn:aws:iam::1:role/x: no",
                        "identity provider" },
        { "readable for others", "",
                        "/x/credentials: its mode 0644 lets others read it; make it 0600",
                        "chmod 600" },
        { "SSO", "",
                        "profile 'people': sso_session signs in through a browser, which needs a "
                        "person; use role_arn",
                        "nobody to ask" },
        { "none, and metadata off", "",
                        "no credentials: neither … has any; AWS_EC2_METADATA_DISABLED is true",
                        "unset AWS_EC2_METADATA_DISABLED" },
        { "none", "", "no credentials: neither … has any; instance metadata does not answer",
                        "/etc/credstore/aws-credentials" },
        { "no instance profile", "",
                        "no credentials: neither … nor instance metadata has any; instance "
                        "metadata "
                        "at http://169.254.169.254 knows no IAM role attached to this instance",
                        "associate-iam-instance-profile" },
        { "no such profile", "", "profile 'x' of the settings: it does not exist", "the profile" },
        { "anything else", "", "/opt/helper exited with status 3", "this source of credentials" },
};

static void test_credentials(void) {
        for (size_t i = 0; i < ELEMENTSOF(credentials_rows); i++) {
                ApiOutcome outcome = { 0 };
                Advice got;

                test_row(credentials_rows[i].name);
                outcome_set(&outcome, OUTCOME_CREDENTIALS, credentials_rows[i].message);
                (void) snprintf(outcome.code, sizeof(outcome.code), "%s", credentials_rows[i].code);
                got = advice_credentials(&outcome);
                ASSERT_EQ(ADVICE_FAILURE, got.level);
                ASSERT_TRUE(speaks_of(got, credentials_rows[i].words));
        }
}

static void test_account(void) {
        test_row("account");
        ASSERT_EQ(ADVICE_OK, advice_account("ACTIVE").level);
        ASSERT_EQ(ADVICE_SKIPPED, advice_account(NULL).level);
        ASSERT_EQ(ADVICE_FAILURE, advice_account("INACTIVE").level);
        ASSERT_EQ(ADVICE_FAILURE, advice_account("PENDING_ACTIVATION").level);
        ASSERT_EQ(ADVICE_FAILURE, advice_account("active").level);
        ASSERT_TRUE(speaks_of(advice_account("INACTIVE"), "no new customers"));
        ASSERT_TRUE(speaks_of(advice_account("ACTIVE"), NULL));
}

static const struct {
        OutcomeKind kind;
        AdviceLevel level;
        const char *words;
} call_rows[] = {
        { OUTCOME_OK, ADVICE_OK, NULL },
        { OUTCOME_UNKNOWN, ADVICE_FAILURE, "try again" },
        { OUTCOME_THROTTLED, ADVICE_WARNING, "wait a minute" },
        { OUTCOME_UNREACHABLE, ADVICE_FAILURE, "health.aws.amazon.com" },
        { OUTCOME_UNREADABLE, ADVICE_FAILURE, "is not AWS" },
        { OUTCOME_ACCESS_DENIED, ADVICE_FAILURE, "IAM policy" },
        { OUTCOME_NOT_SET_UP, ADVICE_FAILURE, "complete the set-up" },
        { OUTCOME_NOT_FOUND, ADVICE_FAILURE, "endpoint_url" },
        { OUTCOME_INVALID, ADVICE_FAILURE, "endpoint_url" },
        { OUTCOME_QUOTA, ADVICE_FAILURE, "Service Quotas" },
        { OUTCOME_CREDENTIALS, ADVICE_FAILURE, "sign in again" },
        { OUTCOME_WRONG_IDENTITY, ADVICE_FAILURE, "account in the settings" },
        { OUTCOME_CANCELLED, ADVICE_FAILURE, "does not answer" },
        { OUTCOME_ERROR, ADVICE_FAILURE, "with this message" },
};

static void test_calls(void) {
        ASSERT_EQ(OUTCOME_MAX, ELEMENTSOF(call_rows));
        for (size_t i = 0; i < ELEMENTSOF(call_rows); i++) {
                Advice got = advice_call(call_rows[i].kind);

                test_row(outcome_kind_name(call_rows[i].kind));
                ASSERT_EQ(i, call_rows[i].kind);
                ASSERT_EQ(call_rows[i].level, got.level);
                ASSERT_TRUE(speaks_of(got, call_rows[i].words));
        }
}

int main(void) {
        test_reach();
        test_no_reach_without_remedy();
        test_clock();
        test_credentials();
        test_account();
        test_calls();
        return test_end();
}

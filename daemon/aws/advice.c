/* SPDX-License-Identifier: Apache-2.0 */

/* Advice: how bad something is, and what to do about it. */

#include <assert.h>
#include <string.h>

#include "aws/advice.h"
#include "aws/skew.h"
#include "util/macro.h"
#include "util/string-util.h"

/*
 * Endpoints.
 */

/* The service does not see what a shell exports. */
#define IN_THE_UNIT " (for the service: systemctl edit auditshared, Environment=)"

static const struct {
        const char *direct, *proxied;
} reach_remedies[HTTP_FAILURE_MAX] = {
        [HTTP_FAILURE_NONE] = { NULL, NULL },
        [HTTP_FAILURE_NAME] = {
                "look at the name servers (resolvectl status, /etc/resolv.conf); where only a proxy "
                "knows names, set HTTPS_PROXY" IN_THE_UNIT,
                "look at the name servers (resolvectl status, /etc/resolv.conf)",
        },
        [HTTP_FAILURE_CONNECT] = {
                "let this host connect to it (routes, firewall, security group of a VPC endpoint), "
                "or set HTTPS_PROXY" IN_THE_UNIT,
                "let this host connect to it (routes, firewall)",
        },
        [HTTP_FAILURE_PROXY] = {
                "mend HTTPS_PROXY, which the environment sets" IN_THE_UNIT,
                "mend the proxy, or exempt this host with NO_PROXY" IN_THE_UNIT,
        },
        [HTTP_FAILURE_TLS] = {
                "what answers there is not what was meant, or has not been looked after: look at "
                "the endpoint's URL, at this host's clock, and at curl -v",
                "a proxy that opens TLS may be in between: exempt this host with NO_PROXY, or see "
                "what answers with curl -v",
        },
        [HTTP_FAILURE_AUTHORITY] = {
                "name the file of its authority with ca_bundle in the settings, or AWS_CA_BUNDLE; "
                "the system's own: apt-get install ca-certificates",
                "a proxy that opens TLS signs with an authority of its own: name its file with "
                "ca_bundle in the settings, or AWS_CA_BUNDLE",
        },
        [HTTP_FAILURE_TIMEOUT] = {
                "something swallows packets: look at routes, firewall and name servers, or set "
                "HTTPS_PROXY" IN_THE_UNIT,
                "something swallows packets: look at the proxy, at routes and firewalls",
        },
        [HTTP_FAILURE_OTHER] = {
                "see what answers there: curl -v shows it",
                "see what the proxy answers: curl -v shows it",
        },
};

static const char *reach_remedy(const Reach *reach) {
        if (reach->failure == HTTP_FAILURE_AUTHORITY && reach->has_own_bundle)
                return "the CA bundle that is configured (ca_bundle in the settings, or "
                       "AWS_CA_BUNDLE) is the only one that counts: correct it, or add the "
                       "authority to it";
        if (reach->is_configured && !reach->has_proxy
                        && (reach->failure == HTTP_FAILURE_NAME
                                        || reach->failure == HTTP_FAILURE_CONNECT))
                return "correct this endpoint where it is configured, or take it away to use AWS's "
                       "own";
        return reach->has_proxy ? reach_remedies[reach->failure].proxied
                                : reach_remedies[reach->failure].direct;
}

Advice advice_reach(const Reach *reach) {
        assert(reach->failure < HTTP_FAILURE_MAX);
        return (Advice){
                .level = reach->failure == HTTP_FAILURE_NONE ? ADVICE_OK : ADVICE_FAILURE,
                .remedy = reach_remedy(reach),
        };
}

/*
 * The clock.
 */

Advice advice_clock(int64_t skew_usec) {
        int64_t off_usec;

        if (skew_usec == TIME_UNKNOWN)
                return (Advice){ .level = ADVICE_SKIPPED };
        off_usec = skew_usec < 0 ? -skew_usec : skew_usec;
        if (off_usec < ADVICE_SKEW_WARNING)
                return (Advice){ .level = ADVICE_OK };
        return (Advice){
                .level = off_usec < SKEW_MIN ? ADVICE_WARNING : ADVICE_FAILURE,
                .remedy = "set this host's clock: timedatectl set-ntp true, then timedatectl",
        };
}

/*
 * Credentials.
 */

#define CREDSTORE                                                                                  \
        "put a file in the format of ~/.aws/credentials at /etc/credstore/aws-credentials (mode "  \
        "0600, of root), or give the host an instance profile"

typedef struct CredentialsRow {
        const char *code; /* of AWS's answer; NULL: any */
        const char *words; /* in the message, in any case; NULL: any */
        const char *remedy;
} CredentialsRow;

/* The first row that fits counts. */
static const CredentialsRow credentials_rows[] = {
        { "InvalidClientTokenId", NULL,
                        "this key does not exist any more, was turned off, or came without the "
                        "session token that belongs to it: aws iam list-access-keys, or sign in "
                        "again" },
        { "UnrecognizedClientException", NULL,
                        "this key does not exist any more, was turned off, or came without the "
                        "session token that belongs to it: aws iam list-access-keys, or sign in "
                        "again" },
        { "SignatureDoesNotMatch", NULL,
                        "the secret is not the one of this key: copy both again, without blanks" },
        { "InvalidSignatureException", NULL,
                        "the secret is not the one of this key: copy both again, without blanks" },
        { "AccessDenied", NULL,
                        "sts:GetCallerIdentity needs no permission, so something forbids it: look "
                        "at service control policies and at the policy of the VPC endpoint" },
        { "AccessDeniedException", NULL,
                        "sts:GetCallerIdentity needs no permission, so something forbids it: look "
                        "at service control policies and at the policy of the VPC endpoint" },
        { NULL, "expired",
                        "sign in again, or use what renews itself: an instance profile, a "
                        "role_arn, "
                        "a credential_process" },
        { NULL, "AssumeRoleWithWebIdentity",
                        "the role's trust policy has to name this identity provider, and the "
                        "token's audience and subject" },
        { NULL, "AssumeRole",
                        "the role's trust policy has to name who signs in, with sts:ExternalId the "
                        "same as external_id in the settings; who signs in needs sts:AssumeRole "
                        "for this role" },
        { NULL, "lets others", "chmod 600 the file, and give it to the user that reads it" },
        { NULL, "signs in through a browser",
                        "the service has nobody to ask: give it a role_arn, an instance profile or "
                        "a credential_process" },
        { NULL, "AWS_EC2_METADATA_DISABLED", CREDSTORE " and unset AWS_EC2_METADATA_DISABLED" },
        { NULL, "attached to this instance",
                        "attach an instance profile: aws ec2 associate-iam-instance-profile; "
                        "or " CREDSTORE },
        { NULL, "no credentials:", CREDSTORE },
        { NULL, "profile",
                        "correct the profile, or name another: profile in the settings, or "
                        "AWS_PROFILE" },
        { NULL, NULL,
                        "mend this source of credentials, or take it away: the next one is asked "
                        "then" },
};

static bool row_fits(const CredentialsRow *row, const ApiOutcome *outcome) {
        return (!row->code || streq(row->code, outcome->code))
                        && (!row->words || strcasestr(outcome->message, row->words));
}

Advice advice_credentials(const ApiOutcome *outcome) {
        size_t i = 0;

        while (!row_fits(&credentials_rows[i], outcome))
                i++;
        return (Advice){ .level = ADVICE_FAILURE, .remedy = credentials_rows[i].remedy };
}

/*
 * The account, and what may be asked.
 */

#define SET_UP                                                                                     \
        "complete the set-up of AWS Audit Manager in this account and Region (its console's home " \
        "page); AWS takes no new customers since 2026-04-30, so an account that never had it "     \
        "cannot get it any more"

Advice advice_account(const char *status) {
        if (!status)
                return (Advice){ .level = ADVICE_SKIPPED };
        if (streq(status, "ACTIVE"))
                return (Advice){ .level = ADVICE_OK };
        return (Advice){ .level = ADVICE_FAILURE, .remedy = SET_UP };
}

static const Advice call_advice[] = {
        [OUTCOME_OK] = { ADVICE_OK, NULL },
        [OUTCOME_UNKNOWN] = { ADVICE_FAILURE,
                        "try again; 'systemctl status auditshared' and its "
                        "journal tell how the service fares" },
        [OUTCOME_THROTTLED] = { ADVICE_WARNING,
                        "wait a minute and try again: something else uses up this account's 20 "
                        "requests a second" },
        [OUTCOME_UNREACHABLE] = { ADVICE_FAILURE,
                        "try again in a minute; if it stays, see https://health.aws.amazon.com and "
                        "what stands between here and AWS" },
        [OUTCOME_UNREADABLE] = { ADVICE_FAILURE,
                        "what answers there is not AWS: look at endpoint_url, sts_endpoint_url and "
                        "the proxy" },
        [OUTCOME_ACCESS_DENIED] = { ADVICE_FAILURE,
                        "allow it to who is signed in; the README has the whole IAM policy. "
                        "Service "
                        "control policies and permission boundaries can forbid it, too" },
        [OUTCOME_NOT_SET_UP] = { ADVICE_FAILURE, SET_UP },
        [OUTCOME_NOT_FOUND] = { ADVICE_FAILURE,
                        "what answers there does not know this call: look at endpoint_url" },
        [OUTCOME_INVALID] = { ADVICE_FAILURE,
                        "what answers there does not know this call: look at endpoint_url" },
        [OUTCOME_QUOTA] = { ADVICE_FAILURE,
                        "have the quota raised: Service Quotas, AWS Audit "
                        "Manager" },
        [OUTCOME_CREDENTIALS] = { ADVICE_FAILURE,
                        "sign in again; a key that was just made works after some seconds" },
        [OUTCOME_WRONG_IDENTITY] = { ADVICE_FAILURE,
                        "sign in as the source's account (profile, role_arn), or correct account "
                        "in the settings" },
        [OUTCOME_CANCELLED] = { ADVICE_FAILURE,
                        "something does not answer: see the lines before, and try again" },
        [OUTCOME_ERROR] = { ADVICE_FAILURE,
                        "look at endpoint_url, if there is one; else try again, and ask AWS with "
                        "this message" },
};

static_assert(ELEMENTSOF(call_advice) == OUTCOME_MAX, "each outcome has an answer");

Advice advice_call(OutcomeKind kind) {
        assert(kind < OUTCOME_MAX);
        return call_advice[kind];
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doctor: what the answers of one source mean
 *
 * From the ground up: the way, the clock, the keys, whose they are, what they may. A line that
 * could only repeat a failure further down is skipped, so that each failure is one to mend.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-refresh.h"
#include "aws/skew.h"
#include "ctl/doctor.h"
#include "util/mem.h"
#include "util/string-util.h"

static const Advice good = { ADVICE_OK, NULL };
static const Advice skipped = { ADVICE_SKIPPED, NULL };

/*
 * The way and the clock.
 */

static bool probe_was_begun(const Probe *probe) {
        return probe->endpoint != NULL;
}

/* A proxy that is down fails both in the same words: one thing to mend. */
static bool is_repetition(const Examination *examination, AwsService service) {
        const Probe *probe = &examination->probes[service];

        for (AwsService other = 0; other < service && probe->failure != HTTP_FAILURE_NONE; other++)
                if (streq(examination->probes[other].why, probe->why))
                        return true;
        return false;
}

static void report_way(const Examination *examination, Section *section) {
        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++) {
                const Probe *probe = &examination->probes[service];

                if (!probe_was_begun(probe))
                        continue;
                if (is_repetition(examination, service))
                        section_add(section, "endpoint", skipped, "%s: fails alike",
                                        probe->endpoint->host);
                else
                        probe_report(probe, aws_client_config(examination->client), section);
        }
}

/* The probe whose clock differs most; NULL: none has told its time. */
static const Probe *farthest_clock(const Examination *examination) {
        const Probe *farthest = NULL;

        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++) {
                const Probe *probe = &examination->probes[service];

                if (!probe_was_begun(probe) || probe->skew_usec == TIME_UNKNOWN)
                        continue;
                if (!farthest || llabs(probe->skew_usec) > llabs(farthest->skew_usec))
                        farthest = probe;
        }
        return farthest;
}

static void report_clock(const Examination *examination, Section *section) {
        const Probe *probe = farthest_clock(examination);
        int64_t skew_usec = probe ? probe->skew_usec : TIME_UNKNOWN;
        Advice advice = advice_clock(skew_usec);
        char span[TIME_TEXT_MAX];

        if (examination->skew && advice.level != ADVICE_FAILURE)
                section_add(section, "clock", advice_clock(SKEW_MIN),
                                "clock: AWS refused the "
                                "time of a signature: %s",
                                examination->skew);
        else if (!probe)
                section_add(section, "clock", advice, "clock: nobody has told the time");
        else if (llabs(skew_usec) < 2 * USEC_PER_SEC)
                section_add(section, "clock", advice, "clock: agrees with that of %s",
                                probe->endpoint->host);
        else
                section_add(section, "clock", advice, "clock: %s %s that of %s%s",
                                timespan_format(llabs(skew_usec) / USEC_PER_SEC * USEC_PER_SEC,
                                                span),
                                skew_usec > 0 ? "behind" : "ahead of", probe->endpoint->host,
                                advice.level == ADVICE_FAILURE
                                                ? "; signatures are corrected, certificates and "
                                                  "logs are not"
                                                : "");
}

/*
 * Who we are.
 */

static const char *origin_of(const Examination *examination, int64_t *ret_expires_usec) {
        return aws_client_credentials_origin(examination->client, ret_expires_usec);
}

/* Why nobody is signed in as the source's account; NULL: somebody is. */
static const ApiOutcome *find_problem(const Examination *examination) {
        int64_t expires_usec;

        for (Ask question = 0; question < ASK_MAX; question++) {
                const ApiOutcome *outcome = &examination->asked[question].outcome;

                if (outcome->kind == OUTCOME_CREDENTIALS || outcome->kind == OUTCOME_WRONG_IDENTITY)
                        return outcome;
        }
        if (origin_of(examination, &expires_usec))
                return NULL;
        for (Ask question = 0; question < ASK_MAX; question++)
                if (examination->asked[question].outcome.kind != OUTCOME_OK)
                        return &examination->asked[question].outcome;
        return NULL;
}

/* Whether an outcome only says again that an endpoint cannot be reached. */
static bool is_consequence(const Examination *examination, const ApiOutcome *outcome) {
        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++) {
                const Probe *probe = &examination->probes[service];

                if (!probe_was_begun(probe) || probe->failure == HTTP_FAILURE_NONE)
                        continue;
                if (outcome->kind == OUTCOME_UNREACHABLE || outcome->kind == OUTCOME_CANCELLED
                                || strstr(outcome->message, probe->why))
                        return true;
        }
        return false;
}

static void report_accepted(const char *origin, int64_t expires_usec, Section *section) {
        char left[TIME_TEXT_MAX], ahead[TIME_TEXT_MAX];
        int64_t now = now_usec();
        RefreshTimes times;

        if (expires_usec == TIME_INFINITY) {
                section_add(section, "credentials", good,
                                "credentials: from %s, without an expiry: long-term keys are for "
                                "you to rotate",
                                origin);
                return;
        }
        times = refresh_times(expires_usec, false, now, 0);
        section_add(section, "credentials", good,
                        "credentials: from %s, expire in %s; fetched anew %s before", origin,
                        timespan_format(MAX(expires_usec - now, 0), left),
                        timespan_format(MAX(expires_usec - times.advisory_usec, 0), ahead));
}

static void report_identity(const Examination *examination, Section *section) {
        char account[ACCOUNT_TEXT_MAX];

        section_add(section, "identity", good, "identity: account %s, as the settings say",
                        account_format(examination->source->account, account));
}

static void report_problem(const Examination *examination,
                const ApiOutcome *problem,
                Section *section) {
        if (problem->kind == OUTCOME_WRONG_IDENTITY) {
                section_add(section, "credentials", good, "credentials: AWS accepts them");
                section_add(section, "identity", advice_call(problem->kind), "identity: %s",
                                problem->message);
                return;
        }
        if (is_consequence(examination, problem))
                section_add(section, "credentials", skipped, "credentials: need the endpoint");
        else
                section_add(section, "credentials",
                                problem->kind == OUTCOME_CREDENTIALS ? advice_credentials(problem)
                                                                     : advice_call(problem->kind),
                                "%s%s",
                                starts_with(problem->message, "no credentials") ? ""
                                                                                : "credentials: ",
                                problem->message);
        section_add(section, "identity", skipped, "identity: needs credentials");
}

/* Whether somebody is signed in. */
static bool report_access(const Examination *examination, Section *section) {
        const ApiOutcome *problem = find_problem(examination);
        const char *origin;
        int64_t expires_usec;

        if (examination->odd)
                section_add(section, "credentials",
                                (Advice){ ADVICE_WARNING, "mend it, or take it away" },
                                "credentials: passed over: %s", examination->odd);
        if (problem) {
                report_problem(examination, problem, section);
                return false;
        }
        origin = origin_of(examination, &expires_usec);
        report_accepted(origin, expires_usec, section);
        report_identity(examination, section);
        return true;
}

/*
 * What may be asked.
 */

static const char *const actions[ASK_MAX] = {
        [ASK_STATUS] = "auditmanager:GetAccountStatus",
        [ASK_REQUESTS] = "auditmanager:ListAssessmentFrameworkShareRequests",
        [ASK_FRAMEWORKS] = "auditmanager:ListAssessmentFrameworks",
};

static void report_status(const Examination *examination, Section *section) {
        const ApiOutcome *outcome = &examination->asked[ASK_STATUS].outcome;
        const char *status = examination->account_status;

        if (outcome->kind == OUTCOME_OK)
                section_add(section, "account", advice_account(status),
                                "account: Audit Manager is %s here", status ? status : "unknown");
        else if (outcome->kind == OUTCOME_ACCESS_DENIED)
                /* Nobody but us asks this. */
                section_add(section, "account", skipped,
                                "account: %s is not allowed, and not needed either",
                                actions[ASK_STATUS]);
        else if (is_consequence(examination, outcome))
                section_add(section, "account", skipped, "account: needs the endpoint");
        else
                section_add(section, "account", advice_call(outcome->kind), "account: %s",
                                outcome->message);
}

static bool is_failed(const Section *section, const char *check) {
        for (size_t i = 0; i < section->n; i++)
                if (streq(section->findings[i].check, check)
                                && section->findings[i].level == ADVICE_FAILURE)
                        return true;
        return false;
}

static void report_call(const Examination *examination, Ask question, Section *section) {
        const ApiOutcome *outcome = &examination->asked[question].outcome;
        const char *action = actions[question];

        if (outcome->kind == OUTCOME_OK)
                section_add(section, "permission", good, "allowed: %s", action);
        else if (outcome->kind == OUTCOME_ACCESS_DENIED)
                section_add(section, "permission", advice_call(outcome->kind),
                                "not allowed: %s: %s", action, outcome->message);
        else if (outcome->kind == OUTCOME_NOT_SET_UP && is_failed(section, "account"))
                section_add(section, "permission", skipped,
                                "%s: needs an account with Audit Manager", action);
        else if (is_consequence(examination, outcome))
                section_add(section, "permission", skipped, "%s: needs the endpoint", action);
        else
                section_add(section, "permission", advice_call(outcome->kind), "%s: %s", action,
                                outcome->message);
}

static void report_rights(const Examination *examination, bool signed_in, Section *section) {
        if (!signed_in) {
                section_add(section, "account", skipped, "account: needs an identity");
                section_add(section, "permission", skipped, "permissions: need an identity");
                return;
        }
        report_status(examination, section);
        report_call(examination, ASK_REQUESTS, section);
        report_call(examination, ASK_FRAMEWORKS, section);
}

void examination_report(const Examination *examination, Section *section) {
        if (!examination->client) {
                section_add(section, "configuration",
                                (Advice){ ADVICE_FAILURE,
                                                "correct it; nothing of this source can be asked "
                                                "before" },
                                "%s", examination->why ? examination->why : "out of memory");
                return;
        }
        report_way(examination, section);
        report_clock(examination, section);
        report_rights(examination, report_access(examination, section), section);
}

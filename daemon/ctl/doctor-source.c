/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doctor: one source, asked
 *
 * Everything is asked at once; what an answer is worth is only looked at when all are there. The
 * client is the service's own, so that what works here works there.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/doctor.h"
#include "model/observation.h"
#include "util/mem.h"
#include "util/string-util.h"

static const ApiOperation operations[] = {
        [ASK_STATUS] = API_GET_ACCOUNT_STATUS,
        [ASK_REQUESTS] = API_LIST_SHARE_REQUESTS,
        [ASK_FRAMEWORKS] = API_LIST_FRAMEWORKS,
};

static_assert(ELEMENTSOF(operations) == ASK_MAX, "each question is an operation");

static void end_one(Examination *examination) {
        if (--examination->n_open == 0)
                --*examination->n_left;
}

static void on_probed(void *userdata) {
        end_one(userdata);
}

static void on_asked(const ApiResult *result, void *userdata) {
        Asked *asked = userdata;
        Examination *examination = asked->examination;

        asked->call = NULL;
        asked->outcome = result->outcome;
        if (result->account_status && !examination->account_status)
                examination->account_status = strdup(result->account_status);
        end_one(examination);
}

/* Each is said once by the client; of several complaints the last one is the whole. */
static void on_notice(AwsClient *client _unused_,
                ClientNotice notice,
                const char *detail,
                void *userdata) {
        Examination *examination = userdata;
        char **text = notice == CLIENT_NOTICE_CREDENTIALS_ODD ? &examination->odd
                        : notice == CLIENT_NOTICE_CLOCK_SKEW  ? &examination->skew
                                                              : NULL;

        if (!text)
                return;
        free(*text);
        *text = strdup(detail);
}

/* What cannot even be asked has an outcome, too. */
static void ask(Examination *examination, Ask question) {
        Asked *asked = &examination->asked[question];
        ApiRequest request = { .operation = operations[question], .page_size = 1 };
        char text[128];
        int r;

        *asked = (Asked){ .examination = examination };
        r = question == ASK_STATUS ? 0 : observation_new(&asked->sink);
        request.sink = asked->sink;
        if (r >= 0)
                r = share_service_call(aws_client_service(examination->client), &request, on_asked,
                                asked, &asked->call);
        if (r >= 0) {
                examination->n_open++;
                return;
        }
        (void) snprintf(text, sizeof(text), "the request cannot be made: %s", strerror(-r));
        outcome_set(&asked->outcome, OUTCOME_ERROR, text);
}

static void probe(Examination *examination, HttpClient *http, AwsService service) {
        const ClientConfig *config = aws_client_config(examination->client);
        Probe *begun = &examination->probes[service];
        int r;

        for (AwsService other = 0; other < service; other++)
                if (streq(config->endpoints[other].url, config->endpoints[service].url))
                        return;
        r = probe_begin(begun, http, config, service, on_probed, examination);
        if (r >= 0) {
                examination->n_open++;
                return;
        }
        begun->failure = HTTP_FAILURE_OTHER;
        (void) snprintf(begun->why, sizeof(begun->why), "%s cannot be asked: %s",
                        config->endpoints[service].url, strerror(-r));
}

static int client_new(Examination *examination,
                sd_event *event,
                HttpClient *http,
                const Settings *settings) {
        RetryNumbers numbers = retry_standard;
        ClientOptions options = {
                .event = event,
                .http = http,
                .source = examination->source,
                .limits = &settings->limits,
                .notice = on_notice,
                .userdata = examination,
                .retry = &numbers,
                .timeout_sec = DOCTOR_REQUEST_SEC,
        };

        /* What works at the third attempt only is what somebody wants to know of. */
        numbers.max_attempts = 1;
        return aws_client_new(&options, &examination->client, &examination->why);
}

int examination_begin(Examination *examination,
                sd_event *event,
                HttpClient *http,
                const Settings *settings,
                const Source *source,
                size_t *n_left) {
        int r;

        *examination = (Examination){ .source = source, .n_left = n_left };
        r = client_new(examination, event, http, settings);
        if (r == -EINVAL)
                return 0;
        if (r < 0)
                return r;

        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++)
                probe(examination, http, service);
        for (Ask question = 0; question < ASK_MAX; question++)
                ask(examination, question);
        *n_left += examination->n_open > 0;
        return 0;
}

void examination_cut(Examination *examination) {
        char text[64];

        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++)
                probe_cut(&examination->probes[service]);
        (void) snprintf(text, sizeof(text), "no answer within %u s", DOCTOR_SEC);
        for (Ask question = 0; question < ASK_MAX; question++) {
                Asked *asked = &examination->asked[question];

                if (!asked->call)
                        continue;
                (void) aws_client_service(examination->client)->cancel(asked->call);
                asked->call = NULL;
                outcome_set(&asked->outcome, OUTCOME_CANCELLED, text);
        }
        examination->n_open = 0;
}

void examination_done(Examination *examination) {
        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++)
                probe_done(&examination->probes[service]);
        (void) aws_client_free(examination->client);
        for (Ask question = 0; question < ASK_MAX; question++)
                (void) observation_free(examination->asked[question].sink);
        free(examination->why);
        free(examination->account_status);
        free(examination->odd);
        free(examination->skew);
}

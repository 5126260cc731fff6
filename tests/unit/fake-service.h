#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A ShareService that plays a script
 *
 * Calls queue up; fake_run() answers them in order, each through the script's next step. A step
 * that does not fit the call, a call without a step and a step that is left over are failures of
 * the test.
 */

#include <stdlib.h>

#include "model/share-service.h"
#include "test.h"
#include "util/time.h"

#define FAKE_CALLS_MAX 64

typedef struct FakeRecord {
        const char *id, *framework, *account, *region, *status, *comment, *framework_name;
        int64_t created_usec, updated_usec, expires_usec;
        bool unreadable;
} FakeRecord;

typedef struct FakeStep {
        ApiOperation operation;
        const char *account; /* START: of the recipient it must be for; NULL: any */
        OutcomeKind kind;
        const char *code;
        FakeRecord records[4]; /* listings: up to four, ended by one without an id; START, UPDATE:
                                  the first one */
        const char *framework_names[4];
        const char *framework_ids[4];
        int64_t framework_updated_usec;
        const char *next_token;
} FakeStep;

typedef struct FakeCall {
        ApiRequest request;
        ShareCallback callback;
        void *userdata;
        bool live;
} FakeCall;

typedef struct FakeService {
        ShareService service; /* first: it is all that callers know */
        const FakeStep *steps;
        size_t n_steps, at;
        FakeCall calls[FAKE_CALLS_MAX];
        size_t n_calls, answered;
        size_t in_flight_max;
} FakeService;

/* What the service's clock is ahead of the host's. */
static _unused_ int64_t fake_skew_usec;

static inline int64_t fake_skew(const ShareService *service) {
        (void) service;
        return fake_skew_usec;
}

static inline int fake_call(ShareService *service,
                const ApiRequest *request,
                ShareCallback callback,
                void *userdata,
                ShareCall **ret) {
        FakeService *fake = (FakeService *) service;

        if (fake->n_calls == FAKE_CALLS_MAX)
                return -ENOBUFS;
        fake->calls[fake->n_calls] = (FakeCall){ *request, callback, userdata, true };
        *ret = (ShareCall *) &fake->calls[fake->n_calls++];
        return 0;
}

static inline bool fake_cancel(ShareCall *call) {
        if (call)
                ((FakeCall *) call)->live = false;
        return call != NULL;
}

static inline ShareRequest fake_request(const FakeRecord *record, Strings *strings) {
        ShareRequest request = {
                .created_usec = record->created_usec,
                .updated_usec = record->updated_usec ? record->updated_usec : record->created_usec,
                .expires_usec = record->expires_usec ? record->expires_usec : TIME_UNKNOWN,
                .status = (uint8_t) share_status_from_name(record->status),
                .readable = !record->unreadable,
        };
        AccountId account = 0;

        (void) uuid_parse(record->id, &request.id);
        (void) uuid_parse(record->framework, &request.key.framework_id);
        (void) account_parse(record->account, &account);
        request.key.recipient = recipient_make(account, region_find(record->region));
        (void) strings_add(strings, record->comment, &request.comment);
        (void) strings_add(strings, record->status, &request.status_name);
        (void) strings_add(strings, record->framework_name, &request.framework_name);
        return request;
}

static inline void fake_fill(const FakeStep *step, const ApiRequest *request, ApiResult *result) {
        Strings *none = NULL;

        result->outcome.kind = step->kind;
        (void) snprintf(result->outcome.code, sizeof(result->outcome.code), "%s",
                        step->code ? step->code : "");
        result->next_token = step->next_token ? strdup(step->next_token) : NULL;
        if (step->kind != OUTCOME_OK)
                return;

        if (request->operation == API_START_SHARE || request->operation == API_UPDATE_SHARE) {
                (void) strings_new(1024, &none);
                result->has_request = step->records[0].id != NULL;
                if (result->has_request)
                        result->request = fake_request(&step->records[0], none);
                (void) strings_free(none);
                return;
        }
        for (size_t i = 0; i < ELEMENTSOF(step->records) && step->records[i].id; i++) {
                ShareRequest record = fake_request(&step->records[i], request->sink->strings);

                (void) observation_add_request(request->sink, &record);
        }
        for (size_t i = 0; i < ELEMENTSOF(step->framework_ids) && step->framework_ids[i]; i++) {
                Framework framework = { .updated_usec = step->framework_updated_usec };

                (void) uuid_parse(step->framework_ids[i], &framework.id);
                (void) strings_add(
                                request->sink->strings, step->framework_names[i], &framework.name);
                (void) observation_add_framework(request->sink, &framework);
        }
}

/* Whether a call fits a step. */
static inline bool fake_fits(const FakeStep *step, const ApiRequest *request) {
        char account[ACCOUNT_TEXT_MAX];

        if (step->operation != request->operation)
                return false;
        return !step->account
                        || strcmp(step->account,
                                           account_format(recipient_account(request->recipient),
                                                           account))
                        == 0;
}

/* Answers up to n calls (all of them, and those they lead to, for n of 0). */
static inline void fake_run(FakeService *fake, size_t n) {
        for (size_t done = 0; fake->answered < fake->n_calls && (n == 0 || done < n); done++) {
                FakeCall *call = &fake->calls[fake->answered++];
                ApiResult result = { .outcome = { .kind = OUTCOME_OK } };

                fake->in_flight_max = MAX(fake->in_flight_max, fake->n_calls - fake->answered + 1);
                if (!call->live)
                        continue;
                if (!ASSERT_TRUE(fake->at < fake->n_steps)
                                || !ASSERT_TRUE(fake_fits(&fake->steps[fake->at], &call->request)))
                        return;
                fake_fill(&fake->steps[fake->at++], &call->request, &result);
                call->live = false;
                call->callback(&result, call->userdata);
                api_result_done(&result);
        }
}

static inline FakeService fake_service(const FakeStep *steps, size_t n_steps) {
        return (FakeService){
                .service = { .call = fake_call, .cancel = fake_cancel, .skew_usec = fake_skew },
                .steps = steps,
                .n_steps = n_steps,
        };
}

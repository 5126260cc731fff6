/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Calls: an operation of Audit Manager, and its result
 *
 * A call is the caller's until its callback has run; the client keeps a list of them for its own
 * end. Results are given from the event loop only, so that whoever calls never finds itself called.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/auditmanager-json.h"
#include "aws/client-internal.h"
#include "aws/question.h"
#include "util/mem.h"

struct ShareCall {
        AwsClient *client;
        ShareCall *previous, *next;
        Exchange exchange;
        ApiRequest request; /* with copies of its strings */
        char *comment, *next_token;
        ApiWire wire;
        ShareCallback callback;
        void *userdata;
        bool is_ending; /* its callback is running */
};

static void call_link(ShareCall *call) {
        call->next = call->client->calls;
        if (call->next)
                call->next->previous = call;
        call->client->calls = call;
}

static void call_unlink(ShareCall *call) {
        *(call->previous ? &call->previous->next : &call->client->calls) = call->next;
        if (call->next)
                call->next->previous = call->previous;
}

static ShareCall *call_free(ShareCall *call) {
        call_unlink(call);
        exchange_done(&call->exchange);
        api_wire_done(&call->wire);
        free(call->comment);
        free(call->next_token);
        free(call);
        return NULL;
}
DEFINE_CLEANUP(ShareCall, call_free)

void client_free_calls(AwsClient *client) {
        ShareCall *next;

        for (ShareCall *call = client->calls; call; call = next) {
                next = call->next;
                if (!call->is_ending)
                        (void) call_free(call);
        }
}

static bool operation_changes(ApiOperation operation) {
        switch (operation) {
        case API_LIST_SHARE_REQUESTS:
        case API_LIST_FRAMEWORKS:
        case API_GET_FRAMEWORK:
        case API_GET_ACCOUNT_STATUS:
                return false;
        case API_START_SHARE:
        case API_UPDATE_SHARE:
        case API_DELETE_SHARE:
        case API_OPERATION_MAX:
                break;
        }
        return true;
}

/* A page that could be read by half is taken back whole: whoever lists again must not find records
 * twice. */
static void read_result(ShareCall *call, const HttpAnswer *answer, ApiResult *result) {
        Observation *sink = call->request.sink;
        size_t n_requests = sink ? sink->n_requests : 0,
               n_frameworks = sink ? sink->n_frameworks : 0;
        ApiOutcome outcome = result->outcome;
        char text[OUTCOME_MESSAGE_MAX];
        int r;

        r = api_parse(&call->request, buffer_text(&answer->body), answer->body.length, result);
        if (r >= 0)
                return;

        if (sink) {
                sink->n_requests = n_requests;
                sink->n_frameworks = n_frameworks;
        }
        (void) snprintf(text, sizeof(text), "the answer cannot be read: %.*s",
                        OUTCOME_MESSAGE_MAX / 2,
                        r == -EBADMSG && result->outcome.message[0] ? result->outcome.message
                                                                    : strerror(-r));
        outcome_set(&outcome,
                        operation_changes(call->request.operation) ? OUTCOME_UNKNOWN
                                                                   : OUTCOME_UNREADABLE,
                        text);
        api_result_done(result);
        *result = (ApiResult){ .outcome = outcome };
}

static void on_finished(Exchange *exchange _unused_,
                const ApiOutcome *outcome,
                const HttpAnswer *answer,
                void *userdata) {
        ApiResult result = { .outcome = *outcome };
        ShareCall *call = userdata;

        if (answer) {
                access_say_works(call->client);
                read_result(call, answer, &result);
        }

        call->is_ending = true;
        call->callback(&result, call->userdata);
        api_result_done(&result);
        (void) call_free(call);
}

static int copy_request(ShareCall *call, const ApiRequest *request) {
        call->request = *request;
        if (request->comment) {
                call->request.comment = call->comment = strdup(request->comment);
                if (!call->comment)
                        return -ENOMEM;
        }
        if (request->next_token) {
                call->request.next_token = call->next_token = strdup(request->next_token);
                if (!call->next_token)
                        return -ENOMEM;
        }
        return api_serialize(&call->request, &call->wire);
}

static ExchangeRequest exchange_request(const ShareCall *call) {
        ApiOperation operation = call->request.operation;
        const ApiWire *wire = &call->wire;
        bool has_body = wire->body.length > 0;

        return (ExchangeRequest){
                .service = AWS_SERVICE_AUDITMANAGER,
                .operation = api_operation_name(operation),
                .method = wire->method,
                .path = buffer_text(&wire->path),
                .query = buffer_text(&wire->query),
                .content_type = has_body ? "application/json" : NULL,
                .body = has_body ? buffer_text(&wire->body) : NULL,
                .body_length = wire->body.length,
                .may_repeat = api_operation_is_idempotent(operation),
                .changes = operation_changes(operation),
                .answer_max = operation_changes(operation) ? QUESTION_ANSWER_MAX : 0,
        };
}

int client_call(ShareService *service,
                const ApiRequest *request,
                ShareCallback callback,
                void *userdata,
                ShareCall **ret) {
        _cleanup_(call_freep) ShareCall *call = NULL;
        AwsClient *client = (AwsClient *) service;
        ExchangeRequest wire;
        int r;

        assert(service && request && callback && ret);

        call = malloc(sizeof(*call));
        if (!call)
                return -ENOMEM;
        *call = (ShareCall){ .client = client, .callback = callback, .userdata = userdata };
        call_link(call);
        r = copy_request(call, request);
        if (r < 0)
                return r;

        wire = exchange_request(call);
        exchange_init(&call->exchange, client, &wire, on_finished, call);
        exchange_enqueue(&call->exchange, &client->queue);

        *ret = TAKE_PTR(call);
        return 0;
}

bool client_cancel(ShareCall *call) {
        bool may_be_sent;

        /* In its own callback a call is over, and about to be freed. */
        if (!call || call->is_ending)
                return false;

        may_be_sent = exchange_may_have_been_processed(&call->exchange);
        (void) call_free(call);
        return may_be_sent;
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Audit Manager's operations as bytes
 *
 * What an operation is stands in one table: its request line, its body, how its answer is read.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/auditmanager-json.h"
#include "aws/auditmanager-record.h"
#include "aws/uri.h"
#include "util/json-prune.h"
#include "util/json.h"
#include "util/macro.h"
#include "util/string-util.h"
#include "util/time.h"

typedef struct Operation Operation;

struct Operation {
        const char *name, *method;
        const char *path; /* with one {label} at most */
        bool typed_request; /* requestType is a parameter */
        bool typed_framework; /* frameworkType is */
        bool pages; /* a listing: maxResults and nextToken are */
        bool starts; /* may not be repeated: see api_operation_is_idempotent() */
        bool writes;
        void (*write)(const ApiRequest *request, Buffer *body); /* NULL: there is no body */
        int (*parse)(const ApiRequest *request, const json_t *answer, ApiResult *result);
};

static void add_member(Buffer *body, const char *before, const char *value) {
        (void) buffer_add(body, before);
        (void) json_add_text(body, value);
}

/* In the order of the members in the service's model. */
static void write_start(const ApiRequest *request, Buffer *body) {
        char account[ACCOUNT_TEXT_MAX];

        add_member(body, "{\"destinationAccount\":",
                        account_format(recipient_account(request->recipient), account));
        add_member(body, ",\"destinationRegion\":",
                        region_name(recipient_region(request->recipient)));
        if (request->comment)
                add_member(body, ",\"comment\":", request->comment);
        (void) buffer_add_char(body, '}');
}

static const char *request_type(const ApiRequest *request) {
        return request->received ? "RECEIVED" : "SENT";
}

static void write_update(const ApiRequest *request, Buffer *body) {
        add_member(body, "{\"requestType\":", request_type(request));
        add_member(body, ",\"action\":", request->action ? request->action : "REVOKE");
        (void) buffer_add_char(body, '}');
}

static int complain(ApiResult *result, const char *what) {
        outcome_set(&result->outcome, OUTCOME_UNREADABLE, what);
        return -EBADMSG;
}

/* Fits every message here; the longest holds a record's number and a member's name. */
#define WHY_MAX 128

/* The pool of strings or the listing is full, in which case the listing has no end. */
static int complain_record(ApiResult *result, size_t index, int error, const char *member) {
        char why[WHY_MAX];

        if (error == -ENOMEM)
                return error;
        if (error == -EFBIG)
                return complain(result,
                                "the listing has no end: more than 4 million records, or 256 MiB "
                                "of text");

        (void) snprintf(why, sizeof(why), "record %zu: its %s cannot be read", index, member);
        return complain(result, why);
}

/* "^[A-Za-z0-9+/=]*$", at most 1000 characters: it goes into a URL and into comparisons with its
 * predecessors. */
static bool is_token(const json_t *token) {
        static const char characters[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
        size_t n = json_string_length(token);

        return json_is_string(token) && n <= API_TOKEN_MAX
                        && strspn(json_string_value(token), characters) == n;
}

static int read_token(const json_t *answer, ApiResult *result) {
        const json_t *token = json_object_get(answer, "nextToken");

        /* An empty token is the end, too: asked again with it, the service would begin anew. */
        if (!token || json_is_null(token)
                        || (json_is_string(token) && json_string_length(token) == 0))
                return 0;
        if (!is_token(token))
                return complain(result, "its nextToken cannot be read");

        result->next_token = strdup(json_string_value(token));
        return result->next_token ? 0 : -ENOMEM;
}

static int add_share_request(const json_t *record, Observation *sink, const char **ret_member) {
        ShareRequest request;
        int r;

        r = share_request_from_json(record, sink->strings, &request, ret_member);
        return r < 0 ? r : observation_add_request(sink, &request);
}

static int add_framework(const json_t *record, Observation *sink, const char **ret_member) {
        Framework framework;
        int r;

        r = framework_from_json(record, sink->strings, &framework, ret_member);
        return r < 0 ? r : observation_add_framework(sink, &framework);
}

static int read_list(const ApiRequest *request,
                const json_t *answer,
                const char *name,
                ApiResult *result,
                int (*add)(const json_t *record, Observation *sink, const char **ret_member)) {
        const json_t *list = json_object_get(answer, name), *record;
        size_t i;
        int r;

        if (!json_is_array(list)) {
                char why[WHY_MAX];

                (void) snprintf(why, sizeof(why), "it has no list %s", name);
                return complain(result, why);
        }

        json_array_foreach(list, i, record) {
                const char *member = "contents";

                r = add(record, request->sink, &member);
                if (r < 0)
                        return complain_record(result, i, r, member);
                if (request->on_record)
                        request->on_record(record, request->on_record_userdata);
        }
        return read_token(answer, result);
}

static int read_share_requests(const ApiRequest *request, const json_t *answer, ApiResult *result) {
        return read_list(request, answer, "assessmentFrameworkShareRequests", result,
                        add_share_request);
}

static int read_frameworks(const ApiRequest *request, const json_t *answer, ApiResult *result) {
        return read_list(request, answer, "frameworkMetadataList", result, add_framework);
}

static int read_framework(const ApiRequest *request, const json_t *answer, ApiResult *result) {
        const char *member = "contents";
        Framework framework;
        int r;

        r = framework_from_json(json_object_get(answer, "framework"),
                        request->sink ? request->sink->strings : NULL, &framework, &member);
        if (r >= 0 && request->sink)
                r = observation_add_framework(request->sink, &framework);
        return r < 0 ? complain_record(result, 0, r, member) : 0;
}

static int read_share_request(const ApiRequest *request, const json_t *answer, ApiResult *result) {
        const char *member = "contents";
        ShareRequest seen;
        int r;

        r = share_request_from_json(json_object_get(answer, "assessmentFrameworkShareRequest"),
                        request->sink ? request->sink->strings : NULL, &seen, &member);
        if (r < 0)
                return complain_record(result, 0, r, member);
        if (!seen.readable)
                return complain(result, "the share request it carries cannot be read");

        result->request = seen;
        result->has_request = true;
        return 0;
}

static int read_account_status(_unused_ const ApiRequest *request,
                const json_t *answer,
                ApiResult *result) {
        const char *status = json_text(answer, "status");

        if (!status)
                return complain(result, "it has no status");
        result->account_status = strdup(status);
        return result->account_status ? 0 : -ENOMEM;
}

static const Operation operations[API_OPERATION_MAX] = {
        [API_LIST_SHARE_REQUESTS] = {
                .name = "ListAssessmentFrameworkShareRequests",
                .method = "GET",
                .path = "/assessmentFrameworkShareRequests",
                .typed_request = true,
                .pages = true,
                .parse = read_share_requests,
        },
        [API_LIST_FRAMEWORKS] = {
                .name = "ListAssessmentFrameworks",
                .method = "GET",
                .path = "/assessmentFrameworks",
                .typed_framework = true,
                .pages = true,
                .parse = read_frameworks,
        },
        [API_GET_FRAMEWORK] = {
                .name = "GetAssessmentFramework",
                .method = "GET",
                .path = "/assessmentFrameworks/{frameworkId}",
                .parse = read_framework,
        },
        [API_START_SHARE] = {
                .name = "StartAssessmentFrameworkShare",
                .method = "POST",
                .path = "/assessmentFrameworks/{frameworkId}/shareRequests",
                .writes = true,
                .starts = true,
                .write = write_start,
                .parse = read_share_request,
        },
        [API_UPDATE_SHARE] = {
                .name = "UpdateAssessmentFrameworkShare",
                .method = "PUT",
                .path = "/assessmentFrameworkShareRequests/{requestId}",
                .writes = true,
                .write = write_update,
                .parse = read_share_request,
        },
        [API_DELETE_SHARE] = {
                .name = "DeleteAssessmentFrameworkShare",
                .method = "DELETE",
                .path = "/assessmentFrameworkShareRequests/{requestId}",
                .typed_request = true,
                .writes = true,
        },
        [API_GET_ACCOUNT_STATUS] = {
                .name = "GetAccountStatus",
                .method = "GET",
                .path = "/account/status",
                .parse = read_account_status,
        },
};

static_assert(ELEMENTSOF(operations) == API_OPERATION_MAX,
                "an operation without a row could be called by mistake");

static const Operation *operation_of(ApiOperation operation) {
        assert(operation < API_OPERATION_MAX && operations[operation].name);
        return &operations[operation];
}

const char *api_operation_name(ApiOperation operation) {
        return operation_of(operation)->name;
}

bool api_operation_is_idempotent(ApiOperation operation) {
        return !operation_of(operation)->starts;
}

/* The one label of a template is the id that its name says. */
static int write_path(const char *template, const ApiRequest *request, Buffer *out) {
        const char *open = strchr(template, '{'), *close = open ? strchr(open, '}') : NULL;
        char id[UUID_TEXT_MAX];
        int r;

        if (!close)
                return buffer_add(out, template);

        uuid_format(starts_with(open, "{frameworkId}") ? &request->framework_id
                                                       : &request->request_id,
                        id);
        r = buffer_append(out, template, (size_t) (open - template));
        if (r < 0)
                return r;
        r = uri_encode(out, id, strlen(id), false);
        if (r < 0)
                return r;
        return buffer_add(out, close + 1);
}

static int add_parameter(Buffer *out, const char *name, const char *value) {
        int r;

        r = buffer_addf(out, "%s%s=", out->length > 0 ? "&" : "", name);
        return r < 0 ? r : uri_encode(out, value, strlen(value), false);
}

static int write_page(const ApiRequest *request, Buffer *out) {
        char size[16];
        int r = 0;

        (void) snprintf(size, sizeof(size), "%d",
                        request->page_size > 0 ? request->page_size : API_PAGE_SIZE);
        if (request->page_size >= 0)
                r = add_parameter(out, "maxResults", size);
        return r < 0 || !request->next_token ? r
                                             : add_parameter(out, "nextToken", request->next_token);
}

static int write_query(const Operation *operation, const ApiRequest *request, Buffer *out) {
        int r = 0;

        if (operation->typed_request)
                r = add_parameter(out, "requestType", request_type(request));
        if (operation->typed_framework)
                r = add_parameter(out, "frameworkType", request->standard ? "Standard" : "Custom");
        return r < 0 || !operation->pages ? r : write_page(request, out);
}

int api_serialize(const ApiRequest *request, ApiWire *wire) {
        const Operation *operation = operation_of(request->operation);
        int r;

        wire->method = operation->method;
        buffer_clear(&wire->path);
        buffer_clear(&wire->query);
        buffer_clear(&wire->body);

        r = write_path(operation->path, request, &wire->path);
        if (r < 0)
                return r;
        r = write_query(operation, request, &wire->query);
        if (r < 0)
                return r;
        if (operation->write)
                operation->write(request, &wire->body);
        return buffer_status(&wire->body);
}

void api_wire_done(ApiWire *wire) {
        buffer_done(&wire->path);
        buffer_done(&wire->query);
        buffer_done(&wire->body);
        *wire = (ApiWire){ 0 };
}

/* Of a listing whose records nobody else looks at, without what none of them is read for. */
static int read_answer(const ApiRequest *request,
                Arena *arena,
                const void *body,
                size_t length,
                const json_t **ret) {
        char *text;

        if (!operation_of(request->operation)->pages || request->on_record)
                return json_read_into(arena, body, length, ret);
        text = arena_allocate(arena, MAX(length, (size_t) 1));
        if (!text)
                return -ENOMEM;
        return json_read_into(arena, text, json_prune(body, length, records_unread, text), ret);
}

int api_parse(const ApiRequest *request, const void *body, size_t length, ApiResult *result) {
        const Operation *operation = operation_of(request->operation);
        _cleanup_arena_ Arena arena = { 0 };
        const json_t *answer = NULL;
        int r;

        assert(!operation->pages || request->sink);

        if (!operation->parse)
                return 0;

        r = read_answer(request, &arena, body, length, &answer);
        if (r == -EBADMSG || (r >= 0 && !json_is_object(answer)))
                r = complain(result, r < 0 ? "it is no JSON" : "it is no JSON object");
        if (r >= 0)
                r = operation->parse(request, answer, result);

        /* A write that was answered by something else than an answer may have been carried out. */
        if (r == -EBADMSG && operation->writes)
                result->outcome.kind = OUTCOME_UNKNOWN;
        return r;
}

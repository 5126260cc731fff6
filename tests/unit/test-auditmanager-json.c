/* SPDX-License-Identifier: Apache-2.0 */

/* Audit Manager's operations: the bytes of each request, and what is made of answers, good and bad.
 */

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "aws/auditmanager-json.h"
#include "test.h"
#include "util/time.h"

#define FRAMEWORK "7c9e6679-7425-40de-944b-e07fc1f90ae7"
#define REQUEST   "0f8fad5b-d9cb-469f-a165-70867728950e"

static Uuid uuid(const char *text) {
        Uuid id = { { 0 } };

        ASSERT_OK(uuid_parse(text, &id));
        return id;
}

static const struct {
        const char *name;
        ApiOperation operation;
        const char *comment, *token;
        const char *api_name, *method, *path, *query, *body;
        bool idempotent;
} requests[] = {
        { "first page of requests", API_LIST_SHARE_REQUESTS, NULL, NULL,
                        "ListAssessmentFrameworkShareRequests", "GET",
                        "/assessmentFrameworkShareRequests", "requestType=SENT&maxResults=1000", "",
                        true },
        { "next page of requests", API_LIST_SHARE_REQUESTS, NULL,
                        "a+b/c==", "ListAssessmentFrameworkShareRequests", "GET",
                        "/assessmentFrameworkShareRequests",
                        "requestType=SENT&maxResults=1000&nextToken=a%2Bb%2Fc%3D%3D", "", true },
        { "first page of frameworks", API_LIST_FRAMEWORKS, NULL, NULL, "ListAssessmentFrameworks",
                        "GET", "/assessmentFrameworks", "frameworkType=Custom&maxResults=1000", "",
                        true },
        { "next page of frameworks", API_LIST_FRAMEWORKS, NULL, "x", "ListAssessmentFrameworks",
                        "GET", "/assessmentFrameworks",
                        "frameworkType=Custom&maxResults=1000&nextToken=x", "", true },
        { "one framework", API_GET_FRAMEWORK, NULL, NULL, "GetAssessmentFramework", "GET",
                        "/assessmentFrameworks/" FRAMEWORK, "", "", true },
        { "start", API_START_SHARE, NULL, NULL, "StartAssessmentFrameworkShare", "POST",
                        "/assessmentFrameworks/" FRAMEWORK "/shareRequests", "",
                        "{\"destinationAccount\":\"012345678901\",\"destinationRegion\":\"eu-west-"
                        "1\"}",
                        false },
        { "start with a comment", API_START_SHARE, "a \"b\" \xc3\xa9/\n", NULL,
                        "StartAssessmentFrameworkShare", "POST",
                        "/assessmentFrameworks/" FRAMEWORK "/shareRequests", "",
                        "{\"destinationAccount\":\"012345678901\",\"destinationRegion\":\"eu-west-"
                        "1\","
                        "\"comment\":\"a \\\"b\\\" \xc3\xa9/\\n\"}",
                        false },
        { "start with an empty comment", API_START_SHARE, "", NULL, "StartAssessmentFrameworkShare",
                        "POST", "/assessmentFrameworks/" FRAMEWORK "/shareRequests", "",
                        "{\"destinationAccount\":\"012345678901\",\"destinationRegion\":\"eu-west-"
                        "1\",\"comment\":\"\"}",
                        false },
        { "revoke", API_UPDATE_SHARE, NULL, NULL, "UpdateAssessmentFrameworkShare", "PUT",
                        "/assessmentFrameworkShareRequests/" REQUEST, "",
                        "{\"requestType\":\"SENT\",\"action\":\"REVOKE\"}", true },
        { "delete", API_DELETE_SHARE, NULL, NULL, "DeleteAssessmentFrameworkShare", "DELETE",
                        "/assessmentFrameworkShareRequests/" REQUEST, "requestType=SENT", "",
                        true },
        { "status", API_GET_ACCOUNT_STATUS, NULL, NULL, "GetAccountStatus", "GET",
                        "/account/status", "", "", true },
};

static void test_serialize(void) {
        _cleanup_(api_wire_done) ApiWire wire = { 0 };
        RegionId region = region_find("eu-west-1");

        for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
                ApiRequest request = {
                        .operation = requests[i].operation,
                        .framework_id = uuid(FRAMEWORK),
                        .request_id = uuid(REQUEST),
                        .recipient = recipient_make(12345678901, region),
                        .comment = requests[i].comment,
                        .next_token = requests[i].token,
                };

                test_row(requests[i].name);
                ASSERT_STREQ(requests[i].api_name, api_operation_name(request.operation));
                ASSERT_EQ(requests[i].idempotent, api_operation_is_idempotent(request.operation));
                ASSERT_OK(api_serialize(&request, &wire));
                ASSERT_STREQ(requests[i].method, wire.method);
                ASSERT_STREQ(requests[i].path, buffer_text(&wire.path));
                ASSERT_STREQ(requests[i].query, buffer_text(&wire.query));
                ASSERT_STREQ(requests[i].body, buffer_text(&wire.body));
        }
}

#define KEY                                                                                        \
        "\"frameworkId\":\"" FRAMEWORK                                                             \
        "\",\"destinationAccount\":\"012345678901\",\"destinationRegion\":\"eu-west-1\""
#define RECORD                                                                                     \
        "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"SHARED\",\"creationTime\":1700000000.5}"
#define LIST(records) "{\"assessmentFrameworkShareRequests\":[" records "]}"

static void test_record(void) {
        static const char body[] =
                        "{\"nextToken\":\"a+/"
                        "=\",\"more\":{},\"assessmentFrameworkShareRequests\":[{\"id\":\"" REQUEST
                        "\"," KEY ",\"status\":\"EXPIRING\",\"creationTime\":1700000000.123,"
                        "\"lastUpdated\":1700000001,"
                        "\"expirationTime\":1710000000.000001,\"comment\":\"hello\","
                        "\"frameworkName\":\"F \xc3\xa9\","
                        "\"sourceAccount\":\"999999999999\",\"standardControlsCount\":1,"
                        "\"complianceType\":null}]}";
        _cleanup_(observation_freep) Observation *sink = NULL;
        ApiResult result = { 0 };
        const ShareRequest *seen;

        test_row("a whole record");
        ASSERT_OK(observation_new(&sink));
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_LIST_SHARE_REQUESTS, .sink = sink },
                        body, strlen(body), &result));
        ASSERT_STREQ("a+/=", result.next_token);
        api_result_done(&result);
        if (!ASSERT_EQ(1, sink->n_requests))
                return;

        seen = &sink->requests[0];
        ASSERT_TRUE(seen->readable);
        ASSERT_EQ(SHARE_STATUS_EXPIRING, seen->status);
        ASSERT_STREQ("EXPIRING", strings_get(sink->strings, seen->status_name));
        ASSERT_EQ(12345678901, recipient_account(seen->key.recipient));
        ASSERT_STREQ("eu-west-1", region_name(recipient_region(seen->key.recipient)));
        ASSERT_EQ(INT64_C(1700000000123000), seen->created_usec);
        ASSERT_EQ(INT64_C(1700000001000000), seen->updated_usec);
        ASSERT_EQ(INT64_C(1710000000000001), seen->expires_usec);
        ASSERT_STREQ("hello", strings_get(sink->strings, seen->comment));
        ASSERT_STREQ("F \xc3\xa9", strings_get(sink->strings, seen->framework_name));
}

/* One member of an otherwise good record replaced or added. */
static const struct {
        const char *name, *record;
        bool readable;
        ShareStatus status;
        const char *comment;
} records[] = {
        { "least", RECORD, true, SHARE_STATUS_SHARED, NULL },
        { "a status to come",
                        "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"PAUSED\",\"creationTime\":1}",
                        true, SHARE_STATUS_UNKNOWN, NULL },
        { "an empty status", "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"\",\"creationTime\":1}",
                        true, SHARE_STATUS_UNKNOWN, NULL },
        { "a status in lower case",
                        "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"active\",\"creationTime\":1}",
                        true, SHARE_STATUS_UNKNOWN, NULL },
        { "no status", "{\"id\":\"" REQUEST "\"," KEY ",\"creationTime\":1}", false,
                        SHARE_STATUS_UNKNOWN, NULL },
        { "status is null", "{\"id\":\"" REQUEST "\"," KEY ",\"status\":null,\"creationTime\":1}",
                        false, SHARE_STATUS_UNKNOWN, NULL },
        { "status is a number", "{\"id\":\"" REQUEST "\"," KEY ",\"status\":1,\"creationTime\":1}",
                        false, SHARE_STATUS_UNKNOWN, NULL },
        { "status with a NUL",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\\u0000\",\"creationTime\":1}",
                        false, SHARE_STATUS_UNKNOWN, NULL },
        { "no id", "{" KEY ",\"status\":\"ACTIVE\",\"creationTime\":1}", false, SHARE_STATUS_ACTIVE,
                        NULL },
        { "id is no UUID", "{\"id\":\"x\"," KEY ",\"status\":\"ACTIVE\",\"creationTime\":1}", false,
                        SHARE_STATUS_ACTIVE, NULL },
        { "id is nothing",
                        "{\"id\":\"00000000-0000-0000-0000-000000000000\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":1}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "no creationTime", "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"ACTIVE\"}", false,
                        SHARE_STATUS_ACTIVE, NULL },
        { "creationTime is null",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":null}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "creationTime is text",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":\"1700000000\"}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "creationTime beyond all years",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":1e300}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "creationTime before all years",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":-1e15}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "lastUpdated is text",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":1,\"lastUpdated\":\"\"}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "expirationTime is a list",
                        "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"ACTIVE\",\"creationTime\":1,"
                        "\"expirationTime\":[]}",
                        false, SHARE_STATUS_ACTIVE, NULL },
        { "times are null",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":1,\"expirationTime\":null,"
                        "\"lastUpdated\":null}",
                        true, SHARE_STATUS_ACTIVE, NULL },
        { "comment is a number",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":1,\"comment\":1}",
                        true, SHARE_STATUS_ACTIVE, NULL },
        { "comment with a NUL",
                        "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"ACTIVE\",\"creationTime\":1,"
                        "\"comment\":\"a\\u0000b\"}",
                        true, SHARE_STATUS_ACTIVE, NULL },
        { "comment is empty",
                        "{\"id\":\"" REQUEST "\"," KEY
                        ",\"status\":\"ACTIVE\",\"creationTime\":1,\"comment\":\"\"}",
                        true, SHARE_STATUS_ACTIVE, "" },
        { "the last of doubled members",
                        "{\"id\":\"" REQUEST "\"," KEY ",\"status\":\"ACTIVE\",\"creationTime\":1,"
                        "\"status\":\"FAILED\"}",
                        true, SHARE_STATUS_FAILED, NULL },
};

static void test_records(void) {
        for (size_t i = 0; i < ELEMENTSOF(records); i++) {
                _cleanup_(observation_freep) Observation *sink = NULL;
                ApiResult result = { 0 };
                char body[1000];

                test_row(records[i].name);
                ASSERT_OK(observation_new(&sink));
                (void) snprintf(body, sizeof(body), "{\"assessmentFrameworkShareRequests\":[%s]}",
                                records[i].record);
                ASSERT_OK(api_parse(
                                &(ApiRequest){ .operation = API_LIST_SHARE_REQUESTS, .sink = sink },
                                body, strlen(body), &result));
                ASSERT_STREQ(NULL, result.next_token);
                if (!ASSERT_EQ(1, sink->n_requests))
                        continue;
                ASSERT_EQ(records[i].readable, sink->requests[0].readable);
                ASSERT_EQ(records[i].status, sink->requests[0].status);
                ASSERT_STREQ(records[i].comment,
                                strings_get(sink->strings, sink->requests[0].comment));
                ASSERT_EQ(12345678901, recipient_account(sink->requests[0].key.recipient));
        }
}

#define LONG_TOKEN_10 "aaaaaaaaaa"
#define LONG_TOKEN_100                                                                             \
        LONG_TOKEN_10 LONG_TOKEN_10 LONG_TOKEN_10 LONG_TOKEN_10 LONG_TOKEN_10 LONG_TOKEN_10        \
                        LONG_TOKEN_10 LONG_TOKEN_10 LONG_TOKEN_10 LONG_TOKEN_10
#define LONG_TOKEN                                                                                 \
        LONG_TOKEN_100 LONG_TOKEN_100 LONG_TOKEN_100 LONG_TOKEN_100 LONG_TOKEN_100 LONG_TOKEN_100  \
                        LONG_TOKEN_100 LONG_TOKEN_100 LONG_TOKEN_100 LONG_TOKEN_100

static const struct {
        const char *name;
        ApiOperation operation;
        const char *body;
        OutcomeKind kind;
        const char *message;
} bad[] = {
        { "no JSON", API_LIST_SHARE_REQUESTS, "<html>", OUTCOME_UNREADABLE, "it is no JSON" },
        { "nothing", API_LIST_SHARE_REQUESTS, "", OUTCOME_UNREADABLE, "it is no JSON" },
        { "behind the end", API_LIST_SHARE_REQUESTS, LIST("") "x", OUTCOME_UNREADABLE,
                        "it is no JSON" },
        { "cut off", API_LIST_SHARE_REQUESTS, "{\"assessmentFrameworkShareRequests\":[",
                        OUTCOME_UNREADABLE, "it is no JSON" },
        { "a list", API_LIST_SHARE_REQUESTS, "[]", OUTCOME_UNREADABLE, "it is no JSON object" },
        { "a number", API_LIST_SHARE_REQUESTS, "1", OUTCOME_UNREADABLE, "it is no JSON object" },
        { "no list", API_LIST_SHARE_REQUESTS, "{}", OUTCOME_UNREADABLE,
                        "it has no list assessmentFrameworkShareRequests" },
        { "list is null", API_LIST_SHARE_REQUESTS, "{\"assessmentFrameworkShareRequests\":null}",
                        OUTCOME_UNREADABLE, "it has no list assessmentFrameworkShareRequests" },
        { "list is an object", API_LIST_SHARE_REQUESTS, "{\"assessmentFrameworkShareRequests\":{}}",
                        OUTCOME_UNREADABLE, "it has no list assessmentFrameworkShareRequests" },
        { "the other list", API_LIST_FRAMEWORKS, LIST(""), OUTCOME_UNREADABLE,
                        "it has no list frameworkMetadataList" },
        { "record is null", API_LIST_SHARE_REQUESTS, LIST(RECORD ",null"), OUTCOME_UNREADABLE,
                        "record 1: its contents cannot be read" },
        { "no framework", API_LIST_SHARE_REQUESTS,
                        LIST("{\"destinationAccount\":\"012345678901\"}"), OUTCOME_UNREADABLE,
                        "record 0: its frameworkId cannot be read" },
        { "framework in capitals", API_LIST_SHARE_REQUESTS,
                        LIST("{\"frameworkId\":\"7C9E6679-7425-40DE-944B-E07FC1F90AE7\"}"),
                        OUTCOME_UNREADABLE, "record 0: its frameworkId cannot be read" },
        { "account is a number", API_LIST_SHARE_REQUESTS,
                        LIST("{\"frameworkId\":\"" FRAMEWORK
                             "\",\"destinationAccount\":123456789012}"),
                        OUTCOME_UNREADABLE, "record 0: its destinationAccount cannot be read" },
        { "account with a NUL", API_LIST_SHARE_REQUESTS,
                        LIST("{\"frameworkId\":\"" FRAMEWORK
                             "\",\"destinationAccount\":\"123456789012\\u0000\"}"),
                        OUTCOME_UNREADABLE, "record 0: its destinationAccount cannot be read" },
        { "no Region", API_LIST_SHARE_REQUESTS,
                        LIST("{\"frameworkId\":\"" FRAMEWORK
                             "\",\"destinationAccount\":\"123456789012\"}"),
                        OUTCOME_UNREADABLE, "record 0: its destinationRegion cannot be read" },
        { "Region is none", API_LIST_SHARE_REQUESTS,
                        LIST("{\"frameworkId\":\"" FRAMEWORK
                             "\",\"destinationAccount\":\"123456789012\",\"destinationRegion\":"
                             "\"EU\"}"),
                        OUTCOME_UNREADABLE, "record 0: its destinationRegion cannot be read" },
        { "framework without an id", API_LIST_FRAMEWORKS,
                        "{\"frameworkMetadataList\":[{\"name\":\"x\"}]}", OUTCOME_UNREADABLE,
                        "record 0: its id cannot be read" },
        { "token is a number", API_LIST_SHARE_REQUESTS,
                        "{\"assessmentFrameworkShareRequests\":[],\"nextToken\":1}",
                        OUTCOME_UNREADABLE, "its nextToken cannot be read" },
        { "token with a blank", API_LIST_SHARE_REQUESTS,
                        "{\"assessmentFrameworkShareRequests\":[],\"nextToken\":\"a b\"}",
                        OUTCOME_UNREADABLE, "its nextToken cannot be read" },
        { "token with a NUL", API_LIST_SHARE_REQUESTS,
                        "{\"assessmentFrameworkShareRequests\":[],\"nextToken\":\"a\\u0000\"}",
                        OUTCOME_UNREADABLE, "its nextToken cannot be read" },
        { "token is too long", API_LIST_FRAMEWORKS,
                        "{\"frameworkMetadataList\":[],\"nextToken\":\"" LONG_TOKEN "a\"}",
                        OUTCOME_UNREADABLE, "its nextToken cannot be read" },
        { "a start without its answer", API_START_SHARE, "{}", OUTCOME_UNKNOWN,
                        "record 0: its contents cannot be read" },
        { "a start that is no JSON", API_START_SHARE, "", OUTCOME_UNKNOWN, "it is no JSON" },
        { "a start of nothing known", API_START_SHARE, "{\"assessmentFrameworkShareRequest\":{}}",
                        OUTCOME_UNKNOWN, "record 0: its frameworkId cannot be read" },
        { "a start in no status", API_START_SHARE,
                        "{\"assessmentFrameworkShareRequest\":{" KEY "}}", OUTCOME_UNKNOWN,
                        "the share request it carries cannot be read" },
        { "a revocation in no status", API_UPDATE_SHARE,
                        "{\"assessmentFrameworkShareRequest\":{" KEY "}}", OUTCOME_UNKNOWN,
                        "the share request it carries cannot be read" },
        { "no account status", API_GET_ACCOUNT_STATUS, "{\"status\":true}", OUTCOME_UNREADABLE,
                        "it has no status" },
        { "no framework in it", API_GET_FRAMEWORK, "{}", OUTCOME_UNREADABLE,
                        "record 0: its contents cannot be read" },
};

static void test_bad(void) {
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                _cleanup_(observation_freep) Observation *sink = NULL;
                ApiResult result = { 0 };

                test_row(bad[i].name);
                ASSERT_OK(observation_new(&sink));
                ASSERT_EQ(-EBADMSG,
                                api_parse(&(ApiRequest){ .operation = bad[i].operation,
                                                          .sink = sink },
                                                bad[i].body, strlen(bad[i].body), &result));
                ASSERT_EQ(bad[i].kind, result.outcome.kind);
                ASSERT_STREQ(bad[i].message, result.outcome.message);
                ASSERT_FALSE(result.has_request);
                api_result_done(&result);
        }
}

static const struct {
        const char *name, *body, *token;
} tokens[] = {
        { "absent", "{\"frameworkMetadataList\":[]}", NULL },
        { "null", "{\"frameworkMetadataList\":[],\"nextToken\":null}", NULL },
        { "empty", "{\"frameworkMetadataList\":[],\"nextToken\":\"\"}", NULL },
        { "escaped", "{\"frameworkMetadataList\":[],\"nextToken\":\"a\\/\\u003d\"}", "a/=" },
        { "longest", "{\"frameworkMetadataList\":[],\"nextToken\":\"" LONG_TOKEN "\"}",
                        LONG_TOKEN },
};

static void test_tokens(void) {
        for (size_t i = 0; i < ELEMENTSOF(tokens); i++) {
                _cleanup_(observation_freep) Observation *sink = NULL;
                ApiResult result = { 0 };

                test_row(tokens[i].name);
                ASSERT_OK(observation_new(&sink));
                ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_LIST_FRAMEWORKS, .sink = sink },
                                tokens[i].body, strlen(tokens[i].body), &result));
                ASSERT_STREQ(tokens[i].token, result.next_token);
                api_result_done(&result);
        }
}

static void test_frameworks(void) {
        static const char body[] = "{\"frameworkMetadataList\":[{\"id\":\"" FRAMEWORK
                                   "\",\"name\":\"A\",\"lastUpdatedAt\":1.5},"
                                   "{\"id\":\"" REQUEST "\",\"name\":7,\"lastUpdatedAt\":\"x\"}]}";
        _cleanup_(observation_freep) Observation *sink = NULL;
        ApiResult result = { 0 };

        test_row("frameworks");
        ASSERT_OK(observation_new(&sink));
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_LIST_FRAMEWORKS, .sink = sink }, body,
                        strlen(body), &result));
        if (!ASSERT_EQ(2, sink->n_frameworks))
                return;
        ASSERT_EQ(1500000, sink->frameworks[0].updated_usec);
        ASSERT_STREQ("A", strings_get(sink->strings, sink->frameworks[0].name));
        ASSERT_EQ(TIME_UNKNOWN, sink->frameworks[1].updated_usec);
        ASSERT_STREQ(NULL, strings_get(sink->strings, sink->frameworks[1].name));
}

static void test_others(void) {
        static const char start[] = "{\"assessmentFrameworkShareRequest\":" RECORD "}",
                          status[] = "{\"status\":\"ACTIVE\"}";
        static const char framework[] = "{\"framework\":{\"id\":\"" FRAMEWORK
                                        "\",\"name\":\"A\",\"controlSets\":[]}}";
        _cleanup_(observation_freep) Observation *sink = NULL;
        ApiResult result = { 0 };

        ASSERT_OK(observation_new(&sink));

        test_row("a start's answer");
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_START_SHARE, .sink = sink }, start,
                        strlen(start), &result));
        ASSERT_TRUE(result.has_request);
        ASSERT_EQ(SHARE_STATUS_SHARED, result.request.status);
        ASSERT_STREQ("SHARED", strings_get(sink->strings, result.request.status_name));
        ASSERT_EQ(0, sink->n_requests);
        api_result_done(&result);

        test_row("a start's answer without a pool");
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_START_SHARE }, start, strlen(start),
                        &result));
        ASSERT_TRUE(result.has_request);
        ASSERT_EQ(0, result.request.status_name);
        api_result_done(&result);

        test_row("account status");
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_GET_ACCOUNT_STATUS }, status,
                        strlen(status), &result));
        ASSERT_STREQ("ACTIVE", result.account_status);
        api_result_done(&result);

        test_row("one framework");
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_GET_FRAMEWORK, .sink = sink },
                        framework, strlen(framework), &result));
        ASSERT_EQ(1, sink->n_frameworks);
        api_result_done(&result);

        test_row("delete answers nothing that matters");
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_DELETE_SHARE }, "", 0, &result));
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_DELETE_SHARE }, "<x>", 3, &result));
        ASSERT_OK(api_parse(&(ApiRequest){ .operation = API_DELETE_SHARE }, NULL, 0, &result));
}

static const struct {
        const char *name;
        double seconds;
        int r;
        int64_t usec;
} times[] = {
        { "zero", 0, 0, 0 },
        { "whole", 1700000000, 0, INT64_C(1700000000000000) },
        { "milliseconds", 1700000000.123, 0, INT64_C(1700000000123000) },
        { "microseconds", 1700000000.654321, 0, INT64_C(1700000000654321) },
        { "half of one, to the even", 0.0000005, 0, 0 },
        { "before the epoch", -1.5, 0, -1500000 },
        { "the last second", 253402300799, 0, INT64_C(253402300799000000) },
        { "the year 10000", 253402300800, -EINVAL, 0 },
        { "the year 1", -62135596800, 0, INT64_C(-62135596800000000) },
        { "before it", -62135596801, -EINVAL, 0 },
        { "not a number", (double) NAN, -EINVAL, 0 },
        { "infinite", (double) INFINITY, -EINVAL, 0 },
        { "minus infinite", -(double) INFINITY, -EINVAL, 0 },
        { "the largest", DBL_MAX, -EINVAL, 0 },
        { "milliseconds for seconds", 1700000000000, -EINVAL, 0 },
};

static void test_times(void) {
        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                int64_t usec = 0;

                test_row(times[i].name);
                ASSERT_EQ(times[i].r, api_timestamp_from_number(times[i].seconds, &usec));
                ASSERT_EQ(times[i].usec, usec);
        }
}

int main(void) {
        test_serialize();
        test_record();
        test_records();
        test_bad();
        test_tokens();
        test_frameworks();
        test_others();
        test_times();
        return test_end();
}

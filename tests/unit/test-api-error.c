/* SPDX-License-Identifier: Apache-2.0 */

/* Errors: what an answer says, and what follows from it. */

#include "aws/api-error.h"
#include "test.h"

static const struct {
        const char *name, *header, *body, *code, *message;
} json_rows[] = {
        { "header", "ValidationException", "{\"message\":\"m\"}", "ValidationException", "m" },
        { "header with a URL", "ValidationException:http://internal.amazon.com/coral/", "{}",
                        "ValidationException", "" },
        { "header with a name space", "aws.x#FooError", "{}", "FooError", "" },
        { "header with both", "aws.x#FooError:http://x#y", "{}", "FooError", "" },
        { "header before body", "A", "{\"__type\":\"B\",\"code\":\"C\"}", "A", "" },
        { "blank header", "  ", "{\"__type\":\"B\"}", "B", "" },
        { "header that is only a URL", ":http://x", "{\"code\":\"B\"}", "B", "" },
        { "__type", NULL, "{\"__type\":\"com.amazonaws#ThrottlingException\"}",
                        "ThrottlingException", "" },
        { "code", NULL, "{\"code\":\"InternalServerException\",\"Message\":\"M\"}",
                        "InternalServerException", "M" },
        { "code before __type", NULL, "{\"__type\":\"A\",\"code\":\"B\"}", "B", "" },
        { "code that is no text", NULL, "{\"code\":400,\"__type\":\"A\",\"message\":3}", "A", "" },
        { "message before Message", NULL, "{\"Message\":\"b\",\"message\":\"a\"}", "", "a" },
        { "nested", NULL, "{\"Error\":{\"code\":\"A\"}}", "", "" },
        { "array", "A", "[]", "A", "" },
        { "no JSON", "A", "<html>", "A", "" },
        { "no body", NULL, "", "", "" },
        { "NUL in a message", NULL, "{\"message\":\"a\\u0000b\"}", "", "a b" },
        { "NUL in a code", NULL, "{\"code\":\"a\\u0000b\"}", "", "" },
};

static void test_json(void) {
        ApiError error;

        for (size_t i = 0; i < ELEMENTSOF(json_rows); i++) {
                test_row(json_rows[i].name);
                api_error_from_json(json_rows[i].header, json_rows[i].body,
                                strlen(json_rows[i].body), &error);
                ASSERT_STREQ(json_rows[i].code, error.code);
                ASSERT_STREQ(json_rows[i].message, error.message);
        }

        test_row("no body at all");
        api_error_from_json("A", NULL, 0, &error);
        ASSERT_STREQ("A", error.code);
}

static void test_long_texts(void) {
        char body[2000] = "{\"message\":\"", header[200];
        ApiError error;

        test_row("too long a message is cut between characters");
        for (unsigned i = 0; i < 600; i++)
                (void) strcat(body, "\xe2\x82\xac");
        (void) strcat(body, "\"}");
        api_error_from_json(NULL, body, strlen(body), &error);
        ASSERT_EQ(510, strlen(error.message));

        test_row("too long a code is cut");
        memset(header, 'x', sizeof(header));
        header[sizeof(header) - 1] = '\0';
        api_error_from_json(header, "", 0, &error);
        ASSERT_EQ(OUTCOME_CODE_MAX - 1, strlen(error.code));
}

#define XMLNS "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""

static const struct {
        const char *name, *body, *code, *message;
} xml_rows[] = {
        { "as STS writes it",
                        "<ErrorResponse " XMLNS
                        ">\n <Error>\n  <Type>Sender</Type>\n  <Code>ExpiredToken</Code>\n"
                        "  <Message>It &lt;expired&gt; &amp; more</Message>\n </Error>\n "
                        "<RequestId>x</RequestId>\n"
                        "</ErrorResponse>",
                        "ExpiredToken", "It <expired> & more" },
        { "prefix",
                        "<a:ErrorResponse "
                        "xmlns:a=\"x\"><a:Error><a:Code>A</a:Code></a:Error></a:ErrorResponse>",
                        "A", "" },
        { "first of two",
                        "<ErrorResponse><Error><Code>A</Code><Code>B</Code></Error></"
                        "ErrorResponse>",
                        "A", "" },
        { "elsewhere",
                        "<ErrorResponse><Code>A</Code><Other><Error><Code>B</Code></Error></"
                        "Other></ErrorResponse>",
                        "", "" },
        { "CDATA", "<ErrorResponse><Error><Code><![CDATA[A]]></Code></Error></ErrorResponse>", "A",
                        "" },
        { "not closed", "<ErrorResponse><Error><Code>A</Code></Error>", "", "" },
        { "document type",
                        "<!DOCTYPE x [<!ENTITY e "
                        "\"A\">]><ErrorResponse><Error><Code>&e;</Code></Error></ErrorResponse>",
                        "", "" },
        { "document type alone",
                        "<!DOCTYPE "
                        "ErrorResponse><ErrorResponse><Error><Code>A</Code></Error></"
                        "ErrorResponse>",
                        "", "" },
        { "two documents", "<a/><ErrorResponse><Error><Code>A</Code></Error></ErrorResponse>", "",
                        "" },
        { "JSON", "{\"code\":\"A\"}", "", "" },
        { "nothing", "", "", "" },
};

static void test_xml(void) {
        ApiError error;

        for (size_t i = 0; i < ELEMENTSOF(xml_rows); i++) {
                test_row(xml_rows[i].name);
                api_error_from_xml(xml_rows[i].body, strlen(xml_rows[i].body), &error);
                ASSERT_STREQ(xml_rows[i].code, error.code);
                ASSERT_STREQ(xml_rows[i].message, error.message);
        }
}

static const struct {
        int status;
        const char *code;
        TransportError transport;
        RetryClass want;
} classes[] = {
        { 200, "", TRANSPORT_OK, RETRY_CLASS_NONE },
        { 400, "Throttling", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 400, "ThrottlingException", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 400, "ThrottledException", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 400, "RequestThrottled", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 400, "RequestThrottledException", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 429, "TooManyRequestsException", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 503, "RequestLimitExceeded", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 503, "SlowDown", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 400, "LimitExceededException", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 429, "", TRANSPORT_OK, RETRY_CLASS_THROTTLING },
        { 429, "ValidationException", TRANSPORT_OK, RETRY_CLASS_NONE },
        { 400, "RequestTimeout", TRANSPORT_OK, RETRY_CLASS_TRANSIENT },
        { 500, "", TRANSPORT_OK, RETRY_CLASS_TRANSIENT },
        { 500, "InternalServerException", TRANSPORT_OK, RETRY_CLASS_TRANSIENT },
        { 501, "", TRANSPORT_OK, RETRY_CLASS_NONE },
        { 502, "", TRANSPORT_OK, RETRY_CLASS_TRANSIENT },
        { 503, "", TRANSPORT_OK, RETRY_CLASS_TRANSIENT },
        { 504, "x", TRANSPORT_OK, RETRY_CLASS_TRANSIENT },
        { 0, "", TRANSPORT_CONNECTION, RETRY_CLASS_TRANSIENT },
        { 0, "", TRANSPORT_TIMEOUT, RETRY_CLASS_TRANSIENT },
        { 403, "AccessDeniedException", TRANSPORT_OK, RETRY_CLASS_NONE },
        { 400, "ExpiredTokenException", TRANSPORT_OK, RETRY_CLASS_NONE },
        { 403, "throttling", TRANSPORT_OK, RETRY_CLASS_NONE },
};

static void test_classes(void) {
        for (size_t i = 0; i < ELEMENTSOF(classes); i++) {
                test_row(classes[i].code);
                ASSERT_EQ(classes[i].want,
                                api_error_retry_class(classes[i].transport, classes[i].status,
                                                classes[i].code));
        }
}

#define SETUP                                                                                      \
        "Please complete AWS Audit Manager setup from home page to enable this action in this "    \
        "account."

static const struct {
        int status;
        const char *code, *message;
        OutcomeKind want;
} outcomes[] = {
        { 400, "ThrottlingException", "", OUTCOME_THROTTLED },
        { 429, "", "", OUTCOME_THROTTLED },
        { 403, "AccessDeniedException", SETUP, OUTCOME_NOT_SET_UP },
        { 403, "AccessDeniedException",
                        "User: arn:aws:iam::1:user/x is not authorized to perform: auditmanager:X",
                        OUTCOME_ACCESS_DENIED },
        { 400, "ValidationException", SETUP, OUTCOME_INVALID },
        { 403, "AccessDenied", "", OUTCOME_ACCESS_DENIED },
        { 403, "UnauthorizedOperation", "", OUTCOME_ACCESS_DENIED },
        { 403, "", "", OUTCOME_ACCESS_DENIED },
        { 404, "ResourceNotFoundException", "", OUTCOME_NOT_FOUND },
        { 404, "", "", OUTCOME_ERROR },
        { 400, "ValidationException", "", OUTCOME_INVALID },
        { 402, "ServiceQuotaExceededException", "", OUTCOME_QUOTA },
        { 400, "ExpiredToken", "", OUTCOME_CREDENTIALS },
        { 400, "ExpiredTokenException", "", OUTCOME_CREDENTIALS },
        { 403, "UnrecognizedClientException", "", OUTCOME_CREDENTIALS },
        { 403, "InvalidClientTokenId", "", OUTCOME_CREDENTIALS },
        { 403, "InvalidSignatureException", "", OUTCOME_CREDENTIALS },
        { 403, "SignatureDoesNotMatch", "", OUTCOME_CREDENTIALS },
        { 403, "IncompleteSignature", "", OUTCOME_CREDENTIALS },
        { 403, "MissingAuthenticationToken", "", OUTCOME_CREDENTIALS },
        { 403, "MissingAuthenticationTokenException", "", OUTCOME_CREDENTIALS },
        { 400, "RequestExpired", "", OUTCOME_CREDENTIALS },
        { 500, "InternalServerException", "", OUTCOME_UNKNOWN },
        { 500, "InternalFailure", "", OUTCOME_UNKNOWN },
        { 503, "ServiceUnavailable", "", OUTCOME_UNKNOWN },
        { 503, "ServiceUnavailableException", "", OUTCOME_UNKNOWN },
        { 400, "RequestTimeout", "", OUTCOME_UNKNOWN },
        { 500, "", "", OUTCOME_UNKNOWN },
        { 504, "", "", OUTCOME_UNKNOWN },
        { 500, "SomethingNew", "", OUTCOME_UNKNOWN },
        { 400, "SomethingNew", "", OUTCOME_ERROR },
        { 409, "ConflictException", "", OUTCOME_ERROR },
        { 301, "", "", OUTCOME_ERROR },
};

static void test_outcomes(void) {
        for (size_t i = 0; i < ELEMENTSOF(outcomes); i++) {
                test_row(outcomes[i].code);
                ASSERT_EQ(outcomes[i].want,
                                api_error_outcome(outcomes[i].status, outcomes[i].code,
                                                outcomes[i].message));
        }
}

static void test_credentials_and_clock(void) {
        test_row("expired and skew");
        ASSERT_TRUE(api_error_is_expired_credentials("ExpiredToken"));
        ASSERT_TRUE(api_error_is_expired_credentials("ExpiredTokenException"));
        ASSERT_FALSE(api_error_is_expired_credentials("InvalidClientTokenId"));
        ASSERT_FALSE(api_error_is_expired_credentials(""));
        ASSERT_TRUE(api_error_may_be_skew("RequestTimeTooSkewed"));
        ASSERT_TRUE(api_error_may_be_skew("RequestExpired"));
        ASSERT_TRUE(api_error_may_be_skew("InvalidSignatureException"));
        ASSERT_TRUE(api_error_may_be_skew("SignatureDoesNotMatch"));
        ASSERT_FALSE(api_error_may_be_skew("ExpiredToken"));
}

int main(void) {
        test_json();
        test_long_texts();
        test_xml();
        test_classes();
        test_outcomes();
        test_credentials_and_clock();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What an error answer says
 *
 * One table from codes to consequences: whether to try again, and what a failure means to whoever
 * asked. Codes of the services themselves, of the front ends they share, and of STS.
 */

#include <string.h>

#include "aws/api-error.h"
#include "aws/xml.h"
#include "util/json.h"
#include "util/macro.h"
#include "util/string-util.h"

typedef struct CodeRow {
        const char *code;
        OutcomeKind kind;
        RetryClass retry;
        bool expired; /* fetch credentials anew */
        bool skew; /* a wrong clock can be the cause */
} CodeRow;

static const CodeRow codes[] = {
        /* Throttling: the list of the SDKs' standard mode, some of other services that share a
           front end. */
        { "Throttling", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "ThrottlingException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "ThrottledException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "RequestThrottled", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "RequestThrottledException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "TooManyRequestsException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "RequestLimitExceeded", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "LimitExceededException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "SlowDown", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "BandwidthLimitExceeded", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "PriorRequestNotComplete", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },
        { "ProvisionedThroughputExceededException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING,
                        false, false },
        { "TransactionInProgressException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false,
                        false },
        { "EC2ThrottledException", OUTCOME_THROTTLED, RETRY_CLASS_THROTTLING, false, false },

        /* Something broke on the way or inside: the request may have been carried out all the same.
         */
        { "RequestTimeout", OUTCOME_UNKNOWN, RETRY_CLASS_TRANSIENT, false, false },
        { "RequestTimeoutException", OUTCOME_UNKNOWN, RETRY_CLASS_TRANSIENT, false, false },
        { "IDPCommunicationError", OUTCOME_UNKNOWN, RETRY_CLASS_TRANSIENT, false, false },
        { "InternalServerException", OUTCOME_UNKNOWN, RETRY_CLASS_NONE, false, false },
        { "InternalServerError", OUTCOME_UNKNOWN, RETRY_CLASS_NONE, false, false },
        { "InternalFailure", OUTCOME_UNKNOWN, RETRY_CLASS_NONE, false, false },
        { "ServiceUnavailable", OUTCOME_UNKNOWN, RETRY_CLASS_NONE, false, false },
        { "ServiceUnavailableException", OUTCOME_UNKNOWN, RETRY_CLASS_NONE, false, false },

        /* NOT_SET_UP is told apart by the message, see below. */
        { "AccessDeniedException", OUTCOME_ACCESS_DENIED, RETRY_CLASS_NONE, false, false },
        { "AccessDenied", OUTCOME_ACCESS_DENIED, RETRY_CLASS_NONE, false, false },
        { "UnauthorizedOperation", OUTCOME_ACCESS_DENIED, RETRY_CLASS_NONE, false, false },
        { "UnauthorizedException", OUTCOME_ACCESS_DENIED, RETRY_CLASS_NONE, false, false },
        { "NotAuthorized", OUTCOME_ACCESS_DENIED, RETRY_CLASS_NONE, false, false },
        { "OptInRequired", OUTCOME_ACCESS_DENIED, RETRY_CLASS_NONE, false, false },

        { "ResourceNotFoundException", OUTCOME_NOT_FOUND, RETRY_CLASS_NONE, false, false },
        { "ValidationException", OUTCOME_INVALID, RETRY_CLASS_NONE, false, false },
        { "ValidationError", OUTCOME_INVALID, RETRY_CLASS_NONE, false, false },
        { "ServiceQuotaExceededException", OUTCOME_QUOTA, RETRY_CLASS_NONE, false, false },

        { "ExpiredToken", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, true, false },
        { "ExpiredTokenException", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, true, false },
        { "UnrecognizedClientException", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, false },
        { "InvalidClientTokenId", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, false },
        { "IncompleteSignature", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, false },
        { "IncompleteSignatureException", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, false },
        { "MissingAuthenticationToken", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, false },
        { "MissingAuthenticationTokenException", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false,
                        false },
        { "InvalidSignatureException", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, true },
        { "SignatureDoesNotMatch", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, true },
        { "RequestExpired", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, true },
        { "RequestTimeTooSkewed", OUTCOME_CREDENTIALS, RETRY_CLASS_NONE, false, true },
};

static const CodeRow *find_code(const char *code) {
        for (size_t i = 0; i < ELEMENTSOF(codes); i++)
                if (streq(codes[i].code, code))
                        return &codes[i];
        return NULL;
}

/* Copies with a NUL, at most as much as fits, cut between characters; a NUL within becomes a blank.
 */
static void copy_text(char *to, size_t size, const char *text, size_t length) {
        if (length >= size) {
                length = size - 1;
                while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80)
                        length--;
        }
        memcpy(to, text, length);
        for (size_t i = 0; i < length; i++)
                if (to[i] == '\0')
                        to[i] = ' ';
        to[length] = '\0';
}

/* "aws.protocoltests.restjson#FooError:http://internal.amazon.com/coral/" says FooError. */
static void copy_code(char to[static OUTCOME_CODE_MAX], const char *text) {
        size_t length = strcspn(text, ":");
        const char *hash = memchr(text, '#', length);

        if (hash) {
                length -= (size_t) (hash + 1 - text);
                text = hash + 1;
        }
        for (; length > 0 && (*text == ' ' || *text == '\t'); length--)
                text++;
        while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
                length--;
        copy_text(to, OUTCOME_CODE_MAX, text, length);
}

/* Services have written these members in more than one way. The first that is there decides. */
static const char *const code_members[] = { "code", "Code", "__type" };
static const char *const message_members[] = { "message", "Message", "errorMessage" };

static void read_body(const json_t *body, ApiError *error) {
        for (size_t i = 0; i < ELEMENTSOF(code_members) && error->code[0] == '\0'; i++) {
                const char *text = json_text(body, code_members[i]);

                if (text)
                        copy_code(error->code, text);
        }

        for (size_t i = 0; i < ELEMENTSOF(message_members) && error->message[0] == '\0'; i++) {
                const json_t *text = json_object_get(body, message_members[i]);

                if (json_is_string(text))
                        copy_text(error->message, sizeof(error->message), json_string_value(text),
                                        json_string_length(text));
        }
}

void api_error_from_json(const char *error_type, const void *body, size_t length, ApiError *ret) {
        _cleanup_json_ json_t *json = NULL;
        ApiError error = { 0 };

        if (error_type)
                copy_code(error.code, error_type);
        /* Out of memory as well leaves what the header says. */
        if (json_read(body, length, &json) >= 0)
                read_body(json, &error);
        *ret = error;
}

void api_error_from_xml(const void *body, size_t length, ApiError *ret) {
        XmlText texts[] = { { .path = "ErrorResponse/Error/Code" },
                { .path = "ErrorResponse/Error/Message" } };
        ApiError error = { 0 };

        if (xml_read(body, length, texts, ELEMENTSOF(texts)) >= 0) {
                if (texts[0].text)
                        copy_code(error.code, texts[0].text);
                if (texts[1].text)
                        copy_text(error.message, sizeof(error.message), texts[1].text,
                                        strlen(texts[1].text));
                xml_texts_done(texts, ELEMENTSOF(texts));
        }
        *ret = error;
}

void api_error_cut_secrets(ApiError *error) {
        static const char *const beginnings[] = { "The Canonical String", "The String-to-Sign",
                "Authorization=", "\n" };
        char *message = error->message;

        for (size_t i = 0; i < ELEMENTSOF(beginnings); i++) {
                char *secret = strstr(message, beginnings[i]);

                if (secret)
                        *secret = '\0';
        }
        for (size_t n = strlen(message); n > 0 && message[n - 1] == ' '; n--)
                message[n - 1] = '\0';
}

RetryClass api_error_retry_class(TransportError transport, int http_status, const char *code) {
        const CodeRow *row = find_code(code);

        if (transport != TRANSPORT_OK)
                return RETRY_CLASS_TRANSIENT;
        if (row && row->retry != RETRY_CLASS_NONE)
                return row->retry;
        if (http_status == 429 && *code == '\0')
                return RETRY_CLASS_THROTTLING;
        if (http_status == 500 || http_status == 502 || http_status == 503 || http_status == 504)
                return RETRY_CLASS_TRANSIENT;
        return RETRY_CLASS_NONE;
}

bool api_error_is_expired_credentials(const char *code) {
        const CodeRow *row = find_code(code);

        return row && row->expired;
}

bool api_error_may_be_skew(const char *code) {
        const CodeRow *row = find_code(code);

        return row && row->skew;
}

/*
 * "Please complete AWS Audit Manager setup from home page to enable this action in this account."
 * IAM's own refusals name a user, an action and a resource, and never this.
 */
static bool asks_for_setup(const char *message) {
        return strcasestr(message, "Audit Manager setup");
}

OutcomeKind api_error_outcome(int http_status, const char *code, const char *message) {
        const CodeRow *row = find_code(code);

        if (row && row->kind == OUTCOME_ACCESS_DENIED && asks_for_setup(message))
                return OUTCOME_NOT_SET_UP;
        if (row)
                return row->kind;

        /* A 5xx with a code that is new says no more than one without: it may have been carried
         * out. */
        if (http_status >= 500)
                return OUTCOME_UNKNOWN;
        if (*code == '\0' && http_status == 429)
                return OUTCOME_THROTTLED;
        if (*code == '\0' && http_status == 403)
                return OUTCOME_ACCESS_DENIED;
        return OUTCOME_ERROR;
}

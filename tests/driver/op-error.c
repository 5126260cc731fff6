/* SPDX-License-Identifier: Apache-2.0 */

/* error, xml_error: what an error answer says. retry_classify: whether to try again. */

#include "aws/api-error.h"
#include "driver.h"
#include "util/string-util.h"

static json_t *answer_code(const ApiError *error) {
        return json_pack("{s:s?, s:s?}", "code", *error->code ? error->code : NULL, "message",
                        *error->message ? error->message : NULL);
}

json_t *op_error(const json_t *in) {
        const json_t *body = json_object_get(in, "body");
        ApiError error;

        api_error_from_json(get_header(in, "x-amzn-errortype"), json_string_value(body),
                        json_string_length(body), &error);
        return answer_code(&error);
}

json_t *op_xml_error(const json_t *in) {
        const json_t *body = json_object_get(in, "body");
        ApiError error;

        api_error_from_xml(json_string_value(body), json_string_length(body), &error);
        return answer_code(&error);
}

json_t *op_retry_classify(const json_t *in) {
        const char *failure = get_text(in, "transport_error", "");
        TransportError transport = streq(failure, "timeout") ? TRANSPORT_TIMEOUT
                        : *failure                           ? TRANSPORT_CONNECTION
                                                             : TRANSPORT_OK;
        RetryClass class = api_error_retry_class(transport,
                        (int) json_integer_value(json_object_get(in, "status")),
                        get_text(in, "error_code", ""));

        return json_pack("{s:b, s:b}", "retryable", class != RETRY_CLASS_NONE, "throttling",
                        class == RETRY_CLASS_THROTTLING);
}

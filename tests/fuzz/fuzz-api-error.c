/* SPDX-License-Identifier: Apache-2.0 */

/* Error answers: the first line is the header, the rest the body, read as JSON and as XML. */

#include "aws/api-error.h"
#include "fuzz.h"

/* Both are strings, and whatever the status, what AWS calls an error is none that went well. */
static void use(const ApiError *error) {
        static const int statuses[] = { 400, 403, 404, 429, 500, 503 };
        ApiError cut = *error;

        CHECK(memchr(error->code, '\0', sizeof(error->code)) != NULL);
        CHECK(memchr(error->message, '\0', sizeof(error->message)) != NULL);
        for (size_t i = 0; i < ELEMENTSOF(statuses); i++) {
                CHECK(api_error_outcome(statuses[i], error->code, error->message) != OUTCOME_OK);
                (void) api_error_retry_class(TRANSPORT_OK, statuses[i], error->code);
        }
        (void) api_error_may_be_skew(error->code);
        (void) api_error_is_expired_credentials(error->code);

        /* What AWS signed itself with our secret is not to be printed. */
        api_error_cut_secrets(&cut);
        CHECK(starts_with(error->message, cut.message) && streq(cut.code, error->code));
        CHECK(!strstr(cut.message, "The String-to-Sign") && !strchr(cut.message, '\n'));
        CHECK(!strstr(cut.message, "The Canonical String"));
        CHECK(!strstr(cut.message, "Authorization="));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
        size_t length = end ? (size_t) (end - data) : 0;
        char header[256] = "";
        ApiError error;

        if (length >= sizeof(header))
                return 0;
        if (length > 0)
                memcpy(header, data, length);
        if (end) {
                size -= length + 1;
                data = end + 1;
        }

        api_error_from_json(length > 0 ? header : NULL, data, size, &error);
        use(&error);
        api_error_from_xml(data, size, &error);
        use(&error);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Error answers: the first line is the header, the rest the body, read as JSON and as XML. */

#include <stdlib.h>
#include <string.h>

#include "aws/api-error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const ApiError *error) {
        if (memchr(error->code, '\0', sizeof(error->code)) == NULL
                        || memchr(error->message, '\0', sizeof(error->message)) == NULL)
                abort();
        if (api_error_outcome(500, error->code, error->message) == OUTCOME_OK)
                abort();
        (void) api_error_retry_class(TRANSPORT_OK, 400, error->code);
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

/* SPDX-License-Identifier: Apache-2.0 */

/* Answers of the API. The first byte picks the operation; what is taken for an answer must hold
 * together. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/auditmanager-json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_strings(const Observation *sink) {
        for (size_t i = 0; i < sink->n_requests; i++) {
                (void) strings_get(sink->strings, sink->requests[i].comment);
                (void) strings_get(sink->strings, sink->requests[i].framework_name);
                (void) strings_get(sink->strings, sink->requests[i].status_name);
                (void) region_name(recipient_region(sink->requests[i].key.recipient));
                if (sink->requests[i].status >= SHARE_STATUS_MAX)
                        abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(observation_freep) Observation *sink = NULL;
        ApiResult result = { 0 };
        int r;

        if (size == 0 || observation_new(&sink) < 0)
                return 0;

        r = api_parse(&(ApiRequest){ .operation = (ApiOperation) (data[0] % API_OPERATION_MAX),
                                      .sink = sink },
                        data + 1, size - 1, &result);
        if (r == -EBADMSG
                        && (result.outcome.kind == OUTCOME_OK || result.outcome.message[0] == '\0'))
                abort();
        if (result.next_token && strlen(result.next_token) > API_TOKEN_MAX)
                abort();
        check_strings(sink);
        observation_sort(sink);
        api_result_done(&result);
        return 0;
}

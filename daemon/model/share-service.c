/* SPDX-License-Identifier: Apache-2.0 */

/* Results of the API. */

#include <stdlib.h>

#include "model/share-service.h"

void api_result_done(ApiResult *result) {
        free(result->next_token);
        free(result->account_status);
        *result = (ApiResult){ .outcome = { .kind = OUTCOME_OK } };
}

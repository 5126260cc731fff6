/* SPDX-License-Identifier: Apache-2.0 */

/* STS answers in XML. */

#include <stdint.h>
#include <stdlib.h>

#include "aws/sts-answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AccountId account = 0;
        char *arn = NULL;

        if (sts_parse_caller_identity(data, size, &account, &arn) < 0) {
                if (arn)
                        abort();
                return 0;
        }
        if (account > UINT64_C(999999999999))
                abort();
        free(arn);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Credentials in STS's answers. What is taken must be whole, and what is refused must say why
 * without a value. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "aws/sts-answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        for (StsAction action = 0; action < STS_ACTION_MAX; action++) {
                _cleanup_credentials_ Credentials credentials = { 0 };
                _cleanup_buffer_ Buffer why = { 0 };
                int r = sts_parse_credentials(action, data, size, "fuzz", &credentials, &why);

                if (r < 0) {
                        if ((r == -EBADMSG && why.length == 0) || credentials.access_key_id
                                        || why.length > 200)
                                abort();
                        continue;
                }
                if (!credentials.access_key_id || !credentials.secret_access_key
                                || !credentials.session_token || !credentials.origin
                                || (credentials.account_id && strlen(credentials.account_id) != 12))
                        abort();
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* xml_credentials: what STS's answers say. */

#include <errno.h>
#include <string.h>

#include "aws/sts-answer.h"
#include "driver.h"
#include "util/mem.h"
#include "util/time.h"

/* The answer itself says which action it is to. */
static int parse(const json_t *body, Credentials *ret, Buffer *ret_why) {
        const char *text = json_string_value(body);
        StsAction action = text && strstr(text, "AssumeRoleWithWebIdentityResponse")
                        ? STS_ASSUME_ROLE_WITH_WEB_IDENTITY
                        : STS_ASSUME_ROLE;

        return sts_parse_credentials(action, text, json_string_length(body), "test", ret, ret_why);
}

static json_t *pack_time(int64_t usec) {
        return usec % USEC_PER_SEC == 0 ? json_integer(usec / USEC_PER_SEC)
                                        : json_real((double) usec / (double) USEC_PER_SEC);
}

json_t *op_xml_credentials(const json_t *in) {
        Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        json_t *out;
        int r;

        r = parse(json_object_get(in, "body"), &credentials, &why);
        if (r < 0)
                return r == -ENOMEM ? NULL : answer_error(buffer_text(&why));

        out = json_pack("{s:s, s:s, s:s, s:o, s:s*}", "access_key_id", credentials.access_key_id,
                        "secret_access_key", secret_reveal(credentials.secret_access_key),
                        "session_token", secret_reveal(credentials.session_token), "expiration",
                        pack_time(credentials.expires_usec), "account_id", credentials.account_id);
        credentials_done(&credentials);
        return out;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* STS answers. */

#include <errno.h>
#include <stdlib.h>

#include "aws/sts-answer.h"
#include "aws/xml.h"
#include "util/macro.h"

#define IDENTITY "GetCallerIdentityResponse/GetCallerIdentityResult/"

int sts_parse_caller_identity(const void *body,
                size_t length,
                AccountId *ret_account,
                char **ret_arn) {
        XmlText texts[] = { { .path = IDENTITY "Account" }, { .path = IDENTITY "Arn" } };
        AccountId account;
        int r;

        r = xml_read(body, length, texts, ELEMENTSOF(texts));
        if (r < 0)
                return r;

        if (!texts[0].text || account_parse(texts[0].text, &account) < 0) {
                xml_texts_done(texts, ELEMENTSOF(texts));
                return -EBADMSG;
        }

        *ret_account = account;
        if (ret_arn)
                *ret_arn = TAKE_PTR(texts[1].text);
        xml_texts_done(texts, ELEMENTSOF(texts));
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* STS answers. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "aws/sts-answer.h"
#include "aws/xml.h"
#include "util/macro.h"
#include "util/string-util.h"

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

enum { KEY, SECRET, TOKEN, EXPIRATION, ARN, MEMBER_MAX };

#define MEMBERS(result)                                                                            \
        {                                                                                          \
                [KEY] = (result "Credentials/AccessKeyId"),                                        \
                [SECRET] = (result "Credentials/SecretAccessKey"),                                 \
                [TOKEN] = (result "Credentials/SessionToken"),                                     \
                [EXPIRATION] = (result "Credentials/Expiration"),                                  \
                [ARN] = (result "AssumedRoleUser/Arn"),                                            \
        }

static const char *const members[STS_ACTION_MAX][MEMBER_MAX] = {
        [STS_ASSUME_ROLE] = MEMBERS("AssumeRoleResponse/AssumeRoleResult/"),
        [STS_ASSUME_ROLE_WITH_WEB_IDENTITY] = MEMBERS(
                        "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/"),
};

static const CredentialsNames names = {
        .access_key_id = "AccessKeyId",
        .secret_access_key = "SecretAccessKey",
        .session_token = "SessionToken",
        .expiration = "Expiration",
};

/* arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION. Whatever is not one says no account. */
static const char *account_of(const char *arn, char text[static ACCOUNT_TEXT_MAX]) {
        const char *field = arn;
        AccountId account;

        for (int i = 0; field && i < 4; i++) {
                field = strchr(field, ':');
                field = field ? field + 1 : NULL;
        }
        if (!field || strcspn(field, ":") != ACCOUNT_TEXT_MAX - 1 || !starts_with(arn, "arn:"))
                return NULL;

        (void) snprintf(text, ACCOUNT_TEXT_MAX, "%.*s", ACCOUNT_TEXT_MAX - 1, field);
        return account_parse(text, &account) < 0 ? NULL : text;
}

static int fail(Buffer *ret_why, const char *why) {
        return buffer_add(ret_why, why) < 0 ? -ENOMEM : -EBADMSG;
}

/* STS's credentials have all four members; one without is not what it seems to be. */
static int take_credentials(const XmlText texts[static MEMBER_MAX],
                const char *origin,
                Credentials *ret,
                Buffer *ret_why) {
        char account[ACCOUNT_TEXT_MAX];
        CredentialsText text = {
                .access_key_id = texts[KEY].text,
                .secret_access_key = texts[SECRET].text,
                .session_token = texts[TOKEN].text,
                .expiration = texts[EXPIRATION].text,
                .account_id = texts[ARN].text ? account_of(texts[ARN].text, account) : NULL,
                .origin = origin,
        };
        int r;

        if (!text.access_key_id && !text.secret_access_key && !text.session_token)
                return fail(ret_why, "it holds no credentials");
        if (is_blank(text.session_token))
                return fail(ret_why, "SessionToken is missing");
        if (is_blank(text.expiration))
                return fail(ret_why, "Expiration is missing");
        r = credentials_from_text(&text, &names, ret, ret_why);
        return r == -EINVAL ? -EBADMSG : r;
}

int sts_parse_credentials(StsAction action,
                const void *body,
                size_t length,
                const char *origin,
                Credentials *ret,
                Buffer *ret_why) {
        XmlText texts[MEMBER_MAX] = { 0 };
        int r;

        assert(action < STS_ACTION_MAX && origin);

        for (size_t i = 0; i < MEMBER_MAX; i++)
                texts[i].path = members[action][i];
        r = xml_read(body, length, texts, MEMBER_MAX);
        if (r == -EBADMSG)
                return fail(ret_why, "it is no XML that can be read");
        if (r < 0)
                return r;

        r = take_credentials(texts, origin, ret, ret_why);
        xml_texts_done(texts, MEMBER_MAX);
        return r;
}

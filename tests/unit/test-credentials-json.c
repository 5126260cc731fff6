/* SPDX-License-Identifier: Apache-2.0 */

/* Credentials of a JSON object, under the names of metadata services and those of programs. */

#include "aws/credentials-source.h"
#include "test.h"
#include "util/time.h"

#define MARK "HUSHHUSH"

static const CredentialsNames names[] = {
        { "AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId" },
        { "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId" },
};

#define KEYS "\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"" MARK "\""

static const struct {
        const char *name, *body;
        int names;
        const char *why; /* NULL: it has credentials, these: */
        const char *token, *account;
        int64_t expires_sec; /* 0: never */
} rows[] = {
        { .name = "keys", .body = "{" KEYS "}" },
        { .name = "all",
                        .body = "{" KEYS ",\"Token\":\"t\",\"Expiration\":\"2026-01-02T15:04:05Z\","
                                "\"AccountId\":\"111122223333\"}",
                        .token = "t",
                        .account = "111122223333",
                        .expires_sec = 1767366245 },
        { .name = "another name",
                        .body = "{" KEYS ",\"SessionToken\":\"t\"}",
                        .names = 1,
                        .token = "t" },
        { .name = "not its name", .body = "{" KEYS ",\"SessionToken\":\"t\"}" },
        { .name = "null, blank",
                        .body = "{" KEYS
                                ",\"Token\":null,\"Expiration\":null,\"AccountId\":\"\"}" },
        { .name = "more than we know",
                        .body = "{\"Type\":\"AWS-HMAC\",\"Version\":1,\"x\":[{}]," KEYS "}" },
        { .name = "the last one counts",
                        .body = "{\"Token\":\"a\"," KEYS ",\"Token\":\"b\"}",
                        .token = "b" },
        { .name = "blanks around", .body = " \n{" KEYS " }\n " },
        { .name = "offset",
                        .body = "{" KEYS ",\"Expiration\":\"2026-01-02T17:04:05.5+02:00\"}",
                        .expires_sec = 1767366245 },

        { .name = "no key",
                        .body = "{\"SecretAccessKey\":\"" MARK "\"}",
                        .why = "AccessKeyId is missing, although SecretAccessKey is there" },
        { .name = "no secret",
                        .body = "{\"AccessKeyId\":\"AK\"}",
                        .why = "SecretAccessKey is missing, although AccessKeyId is there" },
        { .name = "nothing", .body = "{}", .why = "AccessKeyId and SecretAccessKey are missing" },
        { .name = "case",
                        .body = "{\"accesskeyid\":\"AK\",\"secretaccesskey\":\"" MARK "\"}",
                        .why = "are missing" },
        { .name = "number",
                        .body = "{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":5}",
                        .why = "SecretAccessKey is no text" },
        { .name = "object",
                        .body = "{" KEYS ",\"Token\":{\"" MARK "\":1}}",
                        .why = "Token is no text" },
        { .name = "time as a number",
                        .body = "{" KEYS ",\"Expiration\":1767366245}",
                        .why = "Expiration is no text" },
        { .name = "no time",
                        .body = "{" KEYS ",\"Expiration\":\"" MARK "\"}",
                        .why = "Expiration is no time" },
        { .name = "account as a number",
                        .body = "{" KEYS ",\"AccountId\":111122223333}",
                        .why = "AccountId is no text" },
        { .name = "a NUL within",
                        .body = "{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"" MARK "\\u0000\"}",
                        .why = "SecretAccessKey is no text" },
        { .name = "a line break within",
                        .body = "{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"" MARK "\\n\"}",
                        .why = "SecretAccessKey contains" },
        { .name = "array",
                        .body = "["
                                "\"" MARK "\""
                                "]",
                        .why = "the answer is no object" },
        { .name = "text", .body = "\"" MARK "\"", .why = "the answer is no object" },
        { .name = "cut", .body = "{" KEYS, .why = "the answer is no JSON" },
        { .name = "more behind it", .body = "{" KEYS "}{}", .why = "the answer is no JSON" },
        { .name = "HTML", .body = "<html>" MARK, .why = "the answer is no JSON" },
        { .name = "empty", .body = "", .why = "the answer is no JSON" },
        { .name = "no body", .body = NULL, .why = "the answer is no JSON" },
        { .name = "bad UTF-8",
                        .body = "{" KEYS ",\"x\":\"\xff\"}",
                        .why = "the answer is no JSON" },
};

static void check_row(size_t i) {
        const CredentialsText text = {
                .access_key_id = "not this one", .origin = "here", .may_outlive = true
        };
        Credentials made = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        const char *body = rows[i].body;

        test_row(rows[i].name);
        ASSERT_EQ(rows[i].why ? -EINVAL : 0,
                        credentials_from_json(body, body ? strlen(body) : 0, &names[rows[i].names],
                                        &text, &made, &why));
        ASSERT_FALSE(strstr(buffer_text(&why), MARK));
        if (rows[i].why) {
                if (!ASSERT_TRUE(strstr(buffer_text(&why), rows[i].why)))
                        printf("  want: %s\n  got:  %s\n", rows[i].why, buffer_text(&why));
                ASSERT_TRUE(!made.access_key_id && !made.secret_access_key);
                return;
        }
        ASSERT_STREQ("", buffer_text(&why));
        ASSERT_STREQ("AK", made.access_key_id);
        ASSERT_STREQ(MARK, secret_reveal(made.secret_access_key));
        ASSERT_STREQ(rows[i].token, secret_reveal(made.session_token));
        ASSERT_STREQ(rows[i].account, made.account_id);
        ASSERT_STREQ("here", made.origin);
        ASSERT_TRUE(made.may_outlive);
        ASSERT_EQ(rows[i].expires_sec == 0 ? TIME_INFINITY : rows[i].expires_sec,
                        rows[i].expires_sec == 0 ? made.expires_usec
                                                 : made.expires_usec / USEC_PER_SEC);
        credentials_done(&made);
}

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                check_row(i);
        return test_end();
}

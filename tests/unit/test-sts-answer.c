/* SPDX-License-Identifier: Apache-2.0 */

/* STS answers, and the reader of small XML documents underneath. */

#include <stdlib.h>

#include "aws/credentials-source.h"
#include "aws/sts-answer.h"
#include "aws/xml.h"
#include "test.h"
#include "util/time.h"

#define XMLNS "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""
#define IDENTITY(x)                                                                                \
        "<GetCallerIdentityResponse " XMLNS "><GetCallerIdentityResult>" x                         \
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
#define ACCOUNT "<Account>012345678901</Account>"

static const struct {
        const char *name, *body;
        int r;
        AccountId account;
        const char *arn;
} rows[] = {
        { "as STS writes it",
                        "<GetCallerIdentityResponse " XMLNS ">\n  <GetCallerIdentityResult>\n"
                        "    <Arn>arn:aws:sts::012345678901:assumed-role/x/y</Arn>\n    "
                        "<UserId>AROA:y</UserId>\n"
                        "    <Account>012345678901</Account>\n  </GetCallerIdentityResult>\n  "
                        "<ResponseMetadata>\n"
                        "    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>\n  "
                        "</ResponseMetadata>\n"
                        "</GetCallerIdentityResponse>",
                        0, 12345678901, "arn:aws:sts::012345678901:assumed-role/x/y" },
        { "no ARN", IDENTITY(ACCOUNT), 0, 12345678901, NULL },
        { "character reference", IDENTITY("<Account>01234567890&#49;</Account>"), 0, 12345678901,
                        NULL },
        { "first of two", IDENTITY(ACCOUNT "<Account>111111111111</Account>"), 0, 12345678901,
                        NULL },
        { "no account", IDENTITY("<Arn>x</Arn>"), -EBADMSG, 0, NULL },
        { "eleven digits", IDENTITY("<Account>01234567890</Account>"), -EBADMSG, 0, NULL },
        { "thirteen digits", IDENTITY("<Account>0123456789012</Account>"), -EBADMSG, 0, NULL },
        { "blanks", IDENTITY("<Account> 012345678901 </Account>"), -EBADMSG, 0, NULL },
        { "account elsewhere", "<GetCallerIdentityResponse>" ACCOUNT "</GetCallerIdentityResponse>",
                        -EBADMSG, 0, NULL },
        { "account within another element", IDENTITY("<Other>" ACCOUNT "</Other>"), -EBADMSG, 0,
                        NULL },
        { "another answer",
                        "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>",
                        -EBADMSG, 0, NULL },
        { "not closed", "<GetCallerIdentityResponse><GetCallerIdentityResult>" ACCOUNT, -EBADMSG, 0,
                        NULL },
        { "document type", "<!DOCTYPE x>" IDENTITY(ACCOUNT), -EBADMSG, 0, NULL },
        { "entities",
                        "<!DOCTYPE x [<!ENTITY a \"012345678901\">]>" IDENTITY(
                                        "<Account>&a;</Account>"),
                        -EBADMSG, 0, NULL },
        { "unknown entity", IDENTITY("<Account>&a;</Account>"), -EBADMSG, 0, NULL },
        { "JSON", "{}", -EBADMSG, 0, NULL },
        { "nothing", "", -EBADMSG, 0, NULL },
};

static void test_identity(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                AccountId account = 0;
                char *arn = NULL;

                test_row(rows[i].name);
                ASSERT_EQ(rows[i].r,
                                sts_parse_caller_identity(rows[i].body, strlen(rows[i].body),
                                                &account, &arn));
                ASSERT_EQ(rows[i].account, account);
                ASSERT_STREQ(rows[i].arn, arn);
                free(arn);

                account = 0;
                ASSERT_EQ(rows[i].r,
                                sts_parse_caller_identity(rows[i].body, strlen(rows[i].body),
                                                &account, NULL));
                ASSERT_EQ(rows[i].account, account);
        }
}

static int nest(unsigned depth) {
        XmlText text = { .path = "x" };
        char body[1000] = "";
        int r;

        for (unsigned i = 0; i < depth; i++)
                (void) strcat(body, "<x>");
        for (unsigned i = 0; i < depth; i++)
                (void) strcat(body, "</x>");
        r = xml_read(body, strlen(body), &text, 1);
        xml_texts_done(&text, 1);
        return r;
}

static void test_limits(void) {
        char *body = calloc(1, XML_SIZE_MAX + 1);

        test_row("depth");
        ASSERT_OK(nest(XML_DEPTH_MAX));
        ASSERT_EQ(-EBADMSG, nest(XML_DEPTH_MAX + 1));

        test_row("size");
        if (!ASSERT_TRUE(body))
                return;
        (void) snprintf(body, XML_SIZE_MAX + 1, "%-*s", (int) XML_SIZE_MAX, "<x/>");
        body[XML_SIZE_MAX] = ' ';
        ASSERT_OK(xml_read(body, XML_SIZE_MAX, NULL, 0));
        ASSERT_EQ(-EBADMSG, xml_read(body, XML_SIZE_MAX + 1, NULL, 0));
        free(body);

        test_row("no body");
        ASSERT_EQ(-EBADMSG, xml_read(NULL, 0, NULL, 0));
}

static void test_texts(void) {
        const char *body = "<a><b>1<c>2</c>3</b><d/><e> x </e><c>no</c></a>";
        XmlText texts[] = { { .path = "a/b" }, { .path = "a/b/c" }, { .path = "a/d" },
                { .path = "a/e" }, { .path = "a/f" } };

        test_row("texts");
        ASSERT_OK(xml_read(body, strlen(body), texts, ELEMENTSOF(texts)));
        ASSERT_STREQ("13", texts[0].text);
        ASSERT_STREQ(NULL, texts[1].text); /* within one that is being read */
        ASSERT_STREQ("", texts[2].text);
        ASSERT_STREQ(" x ", texts[3].text);
        ASSERT_STREQ(NULL, texts[4].text);
        xml_texts_done(texts, ELEMENTSOF(texts));
}

/* In each secret, and in no phrase. */
#define MARK "HUSHHUSH"

#define USER(arn)                                                                                  \
        "<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>" arn "</Arn></"               \
        "AssumedRoleUser>"
#define ROLE_USER    USER("arn:aws:sts::012345678901:assumed-role/x/s")
#define KEY          "<AccessKeyId>AK</AccessKeyId>"
#define SECRET       "<SecretAccessKey>" MARK "/+1</SecretAccessKey>"
#define TOKEN        "<SessionToken>" MARK "tok+/=</SessionToken>"
#define EXPIRES      "<Expiration>2026-01-02T15:04:05Z</Expiration>"
#define GIVEN(x)     "<Credentials>" x "</Credentials>"
#define ALL          GIVEN(KEY SECRET TOKEN EXPIRES)
#define ANSWER(a, x) "<" a "Response " XMLNS "><" a "Result>" x "</" a "Result></" a "Response>"
#define ROLE(x)      ANSWER("AssumeRole", x)
#define WEB(x)       ANSWER("AssumeRoleWithWebIdentity", x)

static const struct {
        const char *name;
        StsAction action;
        const char *body;
        const char *why; /* NULL: they are taken */
        const char *account;
} credentials_rows[] = {
        { "role", STS_ASSUME_ROLE, ROLE(ALL ROLE_USER), NULL, "012345678901" },
        { "web identity", STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                        WEB("<SubjectFromWebIdentityToken>s</SubjectFromWebIdentityToken>" ROLE_USER
                                                        ALL),
                        NULL, "012345678901" },
        { "no user", STS_ASSUME_ROLE, ROLE(ALL), NULL, NULL },
        { "GovCloud", STS_ASSUME_ROLE,
                        ROLE(ALL USER("arn:aws-us-gov:sts::012345678901:assumed-role/x/s")), NULL,
                        "012345678901" },
        { "short account", STS_ASSUME_ROLE, ROLE(ALL USER("arn:aws:sts::01234567890:x")), NULL,
                        NULL },
        { "account of letters", STS_ASSUME_ROLE, ROLE(ALL USER("arn:aws:sts::01234567890x:x")),
                        NULL, NULL },
        { "cut ARN", STS_ASSUME_ROLE, ROLE(ALL USER("arn:aws:sts")), NULL, NULL },
        { "empty ARN", STS_ASSUME_ROLE, ROLE(ALL USER("")), NULL, NULL },
        { "no ARN", STS_ASSUME_ROLE, ROLE(ALL USER("a:b:c:d:012345678901:x")), NULL, NULL },

        { "no key", STS_ASSUME_ROLE, ROLE(GIVEN(SECRET TOKEN EXPIRES)),
                        "AccessKeyId is missing, although SecretAccessKey is there", NULL },
        { "no secret", STS_ASSUME_ROLE, ROLE(GIVEN(KEY TOKEN EXPIRES)),
                        "SecretAccessKey is missing, although AccessKeyId is there", NULL },
        { "empty secret", STS_ASSUME_ROLE, ROLE(GIVEN(KEY "<SecretAccessKey/>" TOKEN EXPIRES)),
                        "SecretAccessKey is missing, although AccessKeyId is there", NULL },
        { "no token", STS_ASSUME_ROLE, ROLE(GIVEN(KEY SECRET EXPIRES)), "SessionToken is missing",
                        NULL },
        { "no end", STS_ASSUME_ROLE, ROLE(GIVEN(KEY SECRET TOKEN)), "Expiration is missing", NULL },
        { "an end that is no time", STS_ASSUME_ROLE,
                        ROLE(GIVEN(KEY SECRET TOKEN "<Expiration>" MARK "</Expiration>")),
                        "Expiration is no time such as 2026-01-02T15:04:05Z", NULL },
        { "line feed in the secret", STS_ASSUME_ROLE,
                        ROLE(GIVEN(KEY "<SecretAccessKey>" MARK
                                       "\n</SecretAccessKey>" TOKEN EXPIRES)),
                        "SecretAccessKey contains a blank or a character that no key has", NULL },
        { "the other answer", STS_ASSUME_ROLE, WEB(ALL), "it holds no credentials", NULL },
        { "credentials elsewhere", STS_ASSUME_ROLE,
                        "<AssumeRoleResponse>" ALL "</AssumeRoleResponse>",
                        "it holds no credentials", NULL },
        { "cut off", STS_ASSUME_ROLE, "<AssumeRoleResponse><AssumeRoleResult>" ALL,
                        "it is no XML that can be read", NULL },
        { "document type", STS_ASSUME_ROLE, "<!DOCTYPE x>" ROLE(ALL),
                        "it is no XML that can be read", NULL },
        { "nothing at all", STS_ASSUME_ROLE, "", "it is no XML that can be read", NULL },
};

static void test_credentials(void) {
        for (size_t i = 0; i < ELEMENTSOF(credentials_rows); i++) {
                _cleanup_credentials_ Credentials got = { 0 };
                _cleanup_buffer_ Buffer why = { 0 };
                const char *body = credentials_rows[i].body, *want = credentials_rows[i].why;

                test_row(credentials_rows[i].name);
                ASSERT_EQ(want ? -EBADMSG : 0,
                                sts_parse_credentials(credentials_rows[i].action, body,
                                                strlen(body), "the test", &got, &why));
                ASSERT_STREQ(want ? want : "", buffer_text(&why));
                ASSERT_FALSE(strstr(buffer_text(&why), MARK));
                ASSERT_STREQ(want ? NULL : "AK", got.access_key_id);
                ASSERT_STREQ(want ? NULL : MARK "/+1", secret_reveal(got.secret_access_key));
                ASSERT_STREQ(want ? NULL : MARK "tok+/=", secret_reveal(got.session_token));
                ASSERT_EQ(want ? 0 : INT64_C(1767366245) * USEC_PER_SEC, got.expires_usec);
                ASSERT_STREQ(want ? NULL : "the test", got.origin);
                ASSERT_STREQ(credentials_rows[i].account, got.account_id);
                ASSERT_FALSE(got.may_outlive);
        }
}

int main(void) {
        test_identity();
        test_credentials();
        test_limits();
        test_texts();
        return test_end();
}

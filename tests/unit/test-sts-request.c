/* SPDX-License-Identifier: Apache-2.0 */

/* STS requests. The bodies are those that botocore 1.29 writes of the same values. */

#include "aws/sts-request.h"
#include "test.h"

#define ROLE    "arn:aws:iam::111122223333:role/path/x+=,.@-_y"
#define ENCODED "arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fpath%2Fx%2B%3D%2C.%40-_y"
#define TOKEN   "eyJ.a-b_c~d.e+/=\n"

static const struct {
        const char *name;
        StsRequest request;
        const char *body;
} rows[] = {
        { "role",
                        { .action = STS_ASSUME_ROLE,
                                        .role_arn = ROLE,
                                        .session_name = "auditshared-main" },
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=" ENCODED
                        "&RoleSessionName=auditshared-main" },
        { "external id",
                        { .action = STS_ASSUME_ROLE,
                                        .role_arn = ROLE,
                                        .session_name = "se",
                                        .external_id = "a:b/c=d,e.f@g-h+i_j" },
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=" ENCODED
                        "&RoleSessionName=se&ExternalId=a%3Ab%2Fc%3Dd%2Ce.f%40g-h%2Bi_j" },
        { "duration",
                        { .action = STS_ASSUME_ROLE,
                                        .role_arn = ROLE,
                                        .session_name = "se",
                                        .external_id = "xy",
                                        .duration_sec = 900 },
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=" ENCODED
                        "&RoleSessionName=se&DurationSeconds=900&ExternalId=xy" },
        { "web identity",
                        { .action = STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                                        .role_arn = ROLE,
                                        .session_name = "se",
                                        .token = TOKEN,
                                        .token_length = sizeof(TOKEN) - 1 },
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" ENCODED
                        "&RoleSessionName=se&WebIdentityToken=eyJ.a-b_c~d.e%2B%2F%3D%0A" },
        { "web identity, duration",
                        { .action = STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                                        .role_arn = ROLE,
                                        .session_name = "se",
                                        .token = "toke",
                                        .token_length = 4,
                                        .duration_sec = 43200 },
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" ENCODED
                        "&RoleSessionName=se&WebIdentityToken=toke&DurationSeconds=43200" },
        { "any bytes",
                        { .action = STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                                        .role_arn = "r",
                                        .session_name = "s t",
                                        .token = "\0\xff&",
                                        .token_length = 3 },
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r"
                        "&RoleSessionName=s%20t&WebIdentityToken=%00%FF%26" },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_buffer_ Buffer body = { 0 };

                test_row(rows[i].name);
                ASSERT_OK(sts_request_write(&rows[i].request, &body));
                ASSERT_STREQ(rows[i].body, buffer_text(&body));
                ASSERT_EQ(strlen(rows[i].body), body.length);
        }
}

/* A buffer that grew would have left the token behind, where nobody wipes it. */
static void test_room(void) {
        static char token[20000];
        StsRequest request = {
                .action = STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                .role_arn = ROLE,
                .session_name = "se",
                .token = token,
                .token_length = sizeof(token),
                .duration_sec = UINT32_MAX,
        };
        Buffer small = { 0 }, large = { 0 };

        test_row("room");
        memset(token, '+', sizeof(token));
        ASSERT_OK(sts_request_write(&request, &large));
        request.token_length = 1;
        ASSERT_OK(sts_request_write(&request, &small));
        ASSERT_EQ(3 * (sizeof(token) - 1), large.length - small.length);
        /* Reserved at once: growing by half would have made more of it. */
        ASSERT_TRUE(large.capacity < large.length + 1024);
        buffer_done(&small);
        buffer_done(&large);
}

int main(void) {
        test_rows();
        test_room();
        return test_end();
}

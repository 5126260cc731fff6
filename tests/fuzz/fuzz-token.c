/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tokens, as they lie in the files that whoever runs a cluster writes
 *
 * In a header a token is all of that line and no other line; in a form it is all of one member, and
 * reads as the bytes that it was.
 */

#include "aws/container-token.h"
#include "aws/sts-request.h"
#include "aws/uri.h"
#include "fuzz.h"

#define LENGTH_MAX 512 /* what is longer is more of the same */

#define NAME "Authorization: "
#define BEFORE                                                                                     \
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s"          \
        "&WebIdentityToken="
#define AFTER "&DurationSeconds=900"

static void check_header(const char *token, size_t length) {
        _cleanup_buffer_ Buffer line = { 0 }, why = { 0 };

        if (container_token_header(token, length, "VARIABLE", &line, &why) < 0) {
                CHECK(line.length == 0 && starts_with(buffer_text(&why), "the token of VARIABLE "));
                CHECK(fuzz_is_printable(buffer_text(&why)));
                return;
        }
        CHECK(why.length == 0 && length > 0 && line.length == strlen(NAME) + length);
        CHECK(strlen(line.data) == line.length && fuzz_is_printable(line.data));
        CHECK(starts_with(line.data, NAME) && memcmp(line.data + strlen(NAME), token, length) == 0);
}

static void check_form(const char *token, size_t length) {
        const StsRequest request = {
                .action = STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
                .role_arn = "r",
                .session_name = "s",
                .token = token,
                .token_length = length,
                .duration_sec = 900,
        };
        _cleanup_buffer_ Buffer body = { 0 }, read = { 0 };
        const char *member, *end;
        size_t room;

        CHECK(sts_request_write(&request, &body) == 0);
        member = starts_with(body.data, BEFORE);
        end = member ? strchr(member, '&') : NULL;
        CHECK(end && streq(end, AFTER) && fuzz_is_printable(body.data));
        CHECK(uri_decode(&read, member, (size_t) (end - member)) == 0 && read.length == length);
        CHECK(length == 0 || memcmp(read.data, token, length) == 0);

        /* It was written in one piece: what grows leaves copies of the token behind. */
        room = body.capacity;
        buffer_clear(&body);
        CHECK(sts_request_write(&request, &body) == 0 && body.capacity == room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *token = size > 0 ? (const char *) data : "";

        if (size > LENGTH_MAX)
                return 0;
        check_header(token, size);
        check_form(token, size);
        return 0;
}

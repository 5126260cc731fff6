/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers of metadata services and containers, and the output of programs
 *
 * What is taken can be signed with; what is not, is said in one printable line.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "aws/metadata-answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const CredentialsNames program = { "AccessKeyId", "SecretAccessKey", "SessionToken",
        "Expiration", "AccountId" };

static void check(int r, const Credentials *credentials, const Buffer *why) {
        if (r == -ENOMEM)
                return;
        if (r >= 0 && (!credentials->access_key_id[0] || !credentials->secret_access_key))
                abort();
        if (r < 0 && why->length == 0)
                abort();
        for (size_t i = 0; i < why->length; i++)
                if (why->data[i] < 0x20 || why->data[i] > 0x7e)
                        abort();
}

static void check_program(const uint8_t *data, size_t size) {
        const CredentialsText text = { .origin = "here" };
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };

        check(credentials_from_json(data, size, &program, &text, &credentials, &why), &credentials,
                        &why);
}

static void check_answer(const uint8_t *data, size_t size, int status) {
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        HttpAnswer answer = { .status = status };
        int r;

        if (buffer_append(&answer.body, data, size) < 0)
                return;
        (void) metadata_classify(&answer, NULL);
        r = metadata_credentials(&answer, "here", &credentials, &why);
        if (r >= 0 && (status != 200 || !credentials.session_token))
                abort();
        check(r, &credentials, &why);
        buffer_done(&answer.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        check_program(data, size);
        check_answer(data, size, 200);
        check_answer(data, size, 400);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Requests and answers of the control socket
 *
 * What is read can be written, and reads as the same again.
 */

#include <stdlib.h>

#include "control-message.h"
#include "util/string-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(const char *line, size_t length) {
        _cleanup_control_request_ ControlRequest once = { 0 }, twice = { 0 };
        _cleanup_buffer_ Buffer written = { 0 };

        if (control_request_read(line, length, &once) < 0)
                return;
        if (once.verb >= CONTROL_VERB_MAX || (once.verb == CONTROL_RESET && is_blank(once.share)))
                abort();
        if (control_request_write(&once, &written) < 0)
                return;
        if (written.data[written.length - 1] != '\n'
                        || memchr(written.data, '\n', written.length - 1)
                        || control_request_read(written.data, written.length - 1, &twice) < 0)
                abort();
        if (twice.verb != once.verb || twice.wait != once.wait
                        || !streq_null(twice.share, once.share))
                abort();
}

static void check_answer(const char *line, size_t length) {
        _cleanup_control_answer_ ControlAnswer once = { 0 }, twice = { 0 };
        _cleanup_buffer_ Buffer written = { 0 };

        if (control_answer_read(line, length, &once) < 0)
                return;
        if (control_answer_write(&once, &written) < 0)
                return;
        if (control_answer_read(written.data, written.length - 1, &twice) < 0 || twice.ok != once.ok
                        || twice.n_errors != once.n_errors)
                abort();
        for (size_t i = 0; i < once.n_errors; i++)
                if (!streq(once.errors[i], twice.errors[i]))
                        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        check_request((const char *) data, size);
        check_answer((const char *) data, size);
        return 0;
}

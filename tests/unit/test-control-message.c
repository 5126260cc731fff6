/* SPDX-License-Identifier: Apache-2.0 */

/* Requests and answers of the control socket: what is taken for one, and that they come back as
 * they went. */

#include "control-message.h"
#include "test.h"
#include "util/string-util.h"

static const struct {
        const char *name, *line;
        int error;
        ControlVerb verb;
        bool wait;
        const char *share;
} requests[] = {
        { "reload", "{\"version\": 1, \"verb\": \"reload\"}", 0, CONTROL_RELOAD, false, NULL },
        { "reconcile/wait", "{\"version\": 1, \"verb\": \"reconcile\", \"wait\": true}", 0,
                        CONTROL_RECONCILE, true, NULL },
        { "reconcile/wait-that-is-none", "{\"version\": 1, \"verb\": \"reconcile\", \"wait\": 1}",
                        0, CONTROL_RECONCILE, false, NULL },
        { "reset", "{\"version\": 1, \"verb\": \"reset\", \"share\": \"B/123456789012\"}", 0,
                        CONTROL_RESET, false, "B/123456789012" },
        { "of-a-later-service", "{\"version\": 1, \"verb\": \"reload\", \"colour\": \"red\"}", 0,
                        CONTROL_RELOAD, false, NULL },
        { "reset/nothing", "{\"version\": 1, \"verb\": \"reset\"}", -EBADMSG, 0, false, NULL },
        { "reset/blank", "{\"version\": 1, \"verb\": \"reset\", \"share\": \" \"}", -EBADMSG, 0,
                        false, NULL },
        { "version/later", "{\"version\": 2, \"verb\": \"reload\"}", -EPROTONOSUPPORT, 0, false,
                        NULL },
        { "version/none", "{\"verb\": \"reload\"}", -EBADMSG, 0, false, NULL },
        { "version/text", "{\"version\": \"1\", \"verb\": \"reload\"}", -EBADMSG, 0, false, NULL },
        { "verb/unknown", "{\"version\": 1, \"verb\": \"dance\"}", -EPROTONOSUPPORT, 0, false,
                        NULL },
        { "verb/none", "{\"version\": 1}", -EBADMSG, 0, false, NULL },
        { "no-object", "[]", -EBADMSG, 0, false, NULL },
        { "no-json", "reload", -EBADMSG, 0, false, NULL },
        { "empty", "", -EBADMSG, 0, false, NULL },
};

static void test_requests(void) {
        for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
                _cleanup_control_request_ ControlRequest got = { 0 };

                test_row(requests[i].name);
                ASSERT_EQ(requests[i].error,
                                control_request_read(
                                                requests[i].line, strlen(requests[i].line), &got));
                ASSERT_EQ(requests[i].verb, got.verb);
                ASSERT_EQ(requests[i].wait, got.wait);
                ASSERT_TRUE(streq_null(requests[i].share, got.share));
        }
}

/* An error can hold whatever a file is called: the line stays one, and stays JSON. */
static void test_answer_there_and_back(void) {
        char first[] = "/etc/a\xff.yaml:1:2: x: wrong; right", second[] = "two\nlines";
        char message[] = "refused", *errors[] = { first, second };
        ControlAnswer sent = { .message = message, .errors = errors, .n_errors = 2 };
        _cleanup_control_answer_ ControlAnswer got = { 0 };
        _cleanup_buffer_ Buffer line = { 0 };

        test_row("answer");
        ASSERT_OK(control_answer_write(&sent, &line));
        ASSERT_TRUE(strchr(line.data, '\n') == line.data + line.length - 1);
        ASSERT_OK(control_answer_read(line.data, line.length - 1, &got));
        ASSERT_TRUE(!got.ok && streq(got.message, "refused"));
        ASSERT_EQ(2, got.n_errors);
        ASSERT_TRUE(streq(got.errors[0], "/etc/a\xef\xbf\xbd.yaml:1:2: x: wrong; right"));
        ASSERT_TRUE(streq(got.errors[1], second));
}

static void test_bad_answers(void) {
        static const char *const lines[] = { "", "{}", "{\"version\": 1}",
                "{\"version\": 1, \"ok\": 1}", "{\"version\": 1, \"ok\": true, \"errors\": [1]}" };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                ControlAnswer got = { 0 };

                test_row(lines[i]);
                ASSERT_EQ(-EBADMSG, control_answer_read(lines[i], strlen(lines[i]), &got));
        }
}

int main(void) {
        test_requests();
        test_answer_there_and_back();
        test_bad_answers();
        return test_end();
}

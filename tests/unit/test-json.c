/* SPDX-License-Identifier: Apache-2.0 */

/* JSON text, held against jansson's: for each character, and for what is no UTF-8. */

#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "util/json.h"
#include "util/mem.h"

static void check_same(const char *text) {
        _cleanup_json_ json_t *json = json_from_text(text);
        _cleanup_buffer_ Buffer out = { 0 };
        _cleanup_free_ char *want = NULL;

        test_row(text ? text : "NULL");
        ASSERT_OK(json_write(json, JSON_COMPACT, &want));
        ASSERT_OK(json_add_text(&out, text));
        ASSERT_STREQ(want, buffer_text(&out));
}

int main(void) {
        static const char *const texts[] = {
                NULL,
                "",
                "Baseline",
                "\"quoted\" and \\ and /",
                "line\nline\r\ttab\b\f\033[31m\177",
                "\303\244 \342\202\254 \360\237\230\200",
                "\377",
                "a\377\376b",
                "\303",
                "\355\240\200 is a surrogate",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                check_same(texts[i]);
        for (int c = 1; c < 256; c++) {
                char text[] = { 'a', (char) c, 'b', (char) c, '\0' };

                check_same(text);
        }
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Members that are left out of JSON text, and what looks like one. tests/fuzz/fuzz-json-prune.c
 * holds the rest against jansson. */

#include <string.h>

#include "test.h"
#include "util/json-prune.h"

static const char *const names[] = { "name", "n", NULL };

static const struct {
        const char *name, *text, *pruned;
} rows[] = {
        { "nothing", "", "" },
        { "no member", "[1,2,3]", "[1,2,3]" },
        { "in the middle", "{\"a\":1,\"name\":\"x\",\"b\":2}", "{\"a\":1,\"b\":2}" },
        { "at the end", "{\"a\":1,\"n\":24}", "{\"a\":1}" },
        { "several in a row", "{\"a\":1,\"n\":24,\"name\":\"x\",\"n\":0}", "{\"a\":1}" },
        { "empty text", "{\"a\":1,\"name\":\"\"}", "{\"a\":1}" },
        { "in records", "[{\"a\":1,\"n\":1},{\"a\":2,\"n\":2}]", "[{\"a\":1},{\"a\":2}]" },
        { "the first stays", "{\"n\":1,\"a\":1}", "{\"n\":1,\"a\":1}" },
        { "another's name", "{\"a\":1,\"nn\":1,\"nam\":\"x\",\"names\":1}",
                        "{\"a\":1,\"nn\":1,\"nam\":\"x\",\"names\":1}" },
        { "blanks stay", "{\"a\":1, \"n\":1,\"n\" :1,\"n\": 1}",
                        "{\"a\":1, \"n\":1,\"n\" :1,\"n\": 1}" },
        { "in a string", "{\"a\":\",\\\"n\\\":1,\"}", "{\"a\":\",\\\"n\\\":1,\"}" },
        { "escapes", "{\"a\":1,\"name\":\"\\u0041\"}", "{\"a\":1,\"name\":\"\\u0041\"}" },
        { "an escaped quotation mark", "{\"a\":1,\"name\":\"x\\\",\"}",
                        "{\"a\":1,\"name\":\"x\\\",\"}" },
        { "control characters", "{\"a\":1,\"name\":\"\n\"}", "{\"a\":1,\"name\":\"\n\"}" },
        { "beyond ASCII", "{\"a\":1,\"name\":\"\303\244\"}", "{\"a\":1,\"name\":\"\303\244\"}" },
        { "fractions", "{\"a\":1,\"n\":1.5,\"n\":1e5,\"n\":-1}",
                        "{\"a\":1,\"n\":1.5,\"n\":1e5,\"n\":-1}" },
        { "leading zeros", "{\"a\":1,\"n\":01}", "{\"a\":1,\"n\":01}" },
        { "other values", "{\"a\":1,\"n\":null,\"n\":[1],\"n\":{}}",
                        "{\"a\":1,\"n\":null,\"n\":[1],\"n\":{}}" },
        { "cut in the name", "{\"a\":1,\"nam", "{\"a\":1,\"nam" },
        { "cut before the value", "{\"a\":1,\"n\":", "{\"a\":1,\"n\":" },
        { "cut in the value", "{\"a\":1,\"name\":\"x", "{\"a\":1,\"name\":\"x" },
        { "cut behind the value", "{\"a\":1,\"n\":1", "{\"a\":1,\"n\":1" },
        { "only a comma", ",", "," },
        { "only a comma and a mark", ",\"", ",\"" },
};

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char text[128];
                size_t n;

                test_row(rows[i].name);
                n = json_prune(rows[i].text, strlen(rows[i].text), names, text);
                text[n] = '\0';
                ASSERT_STREQ(rows[i].pruned, text);

                (void) stpcpy(text, rows[i].text);
                n = json_prune(text, strlen(text), names, text);
                text[n] = '\0';
                ASSERT_STREQ(rows[i].pruned, text);
        }
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of the memory file: what is written is read as it was, and nothing else is read. */

#include <limits.h>
#include <stdlib.h>

#include "record/memory-line.h"
#include "test.h"
#include "util/hash.h"

static void test_texts(void) {
        static const char *const texts[] = {
                "",
                "plain",
                "two words",
                " blanks  at both ends ",
                "100 % = all, %20 is not a blank",
                "tab\tline\nreturn\rescape\033delete\177",
                "\303\244\303\266\303\274 \342\202\254 \360\237\230\200",
                "\377\376 is no UTF-8",
                "a=b c=d",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_buffer_ Buffer out = { 0 };
                LineWriter writer = memory_line_begin(&out, "kind");
                MemoryLine line;

                test_row(texts[i]);
                memory_line_add(&writer, "first", texts[i]);
                memory_line_add(&writer, "none", NULL);
                memory_line_add(&writer, "second", texts[i]);
                ASSERT_OK(memory_line_end(&writer));
                ASSERT_EQ('\n', out.data[out.length - 1]);
                ASSERT_TRUE(memchr(out.data, '\n', out.length) == out.data + out.length - 1);
                ASSERT_OK(memory_line_read(out.data, out.length - 1, &line));
                ASSERT_STREQ("kind", line.kind);
                ASSERT_STREQ(texts[i], memory_line_take(&line, "first"));
                ASSERT_TRUE(!memory_line_take(&line, "none"));
                ASSERT_EQ(-EBADMSG, memory_line_check_taken(&line));
                ASSERT_STREQ(texts[i], memory_line_take(&line, "second"));
                ASSERT_OK(memory_line_check_taken(&line));
        }
}

static void test_numbers(void) {
        static const int64_t numbers[] = { 0, 1, -1, 1795386612915000, INT64_MAX, INT64_MIN };

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                _cleanup_buffer_ Buffer out = { 0 };
                LineWriter writer = memory_line_begin(&out, "kind");
                int64_t value = 7, absent = 7;
                MemoryLine line;

                test_row("number");
                memory_line_add_number(&writer, "n", numbers[i]);
                ASSERT_OK(memory_line_end(&writer));
                ASSERT_OK(memory_line_read(out.data, out.length - 1, &line));
                ASSERT_OK(memory_line_take_number(&line, "absent", 0, 9, &absent));
                ASSERT_OK(memory_line_take_number(&line, "n", INT64_MIN, INT64_MAX, &value));
                ASSERT_EQ(numbers[i], value);
                ASSERT_EQ(7, absent);
        }
}

/* With the checksum of what it is, a line may still be none; and a number none. */
static void test_bad(void) {
        static const struct {
                const char *text;
                int want, want_number;
        } rows[] = {
                { "kind", 0, 0 },
                { "kind n=5", 0, 0 },
                { "kind n=10", 0, -EBADMSG },
                { "kind n=-1", 0, -EBADMSG },
                { "kind n=", 0, -EBADMSG },
                { "kind n=5x", 0, -EBADMSG },
                { "kind n=99999999999999999999", 0, -EBADMSG },
                { "kind word", -EBADMSG, 0 },
                { "kind  n=5", -EBADMSG, 0 },
                { "kind n=5 ", -EBADMSG, 0 },
                { "kind n=%", -EBADMSG, 0 },
                { "kind n=%4", -EBADMSG, 0 },
                { "kind n=%4G", -EBADMSG, 0 },
                { "kind n=%00", -EBADMSG, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_buffer_ Buffer text = { 0 };
                size_t length = strlen(rows[i].text);
                int64_t value = 0;
                MemoryLine line;

                test_row(rows[i].text);
                (void) buffer_addf(&text, "%08x %s", crc32c(rows[i].text, length), rows[i].text);
                if (ASSERT_EQ(rows[i].want, memory_line_read(text.data, text.length, &line))
                                && rows[i].want == 0)
                        ASSERT_EQ(rows[i].want_number,
                                        memory_line_take_number(&line, "n", 0, 9, &value));
        }
}

/* Each bit of a line counts. */
static void test_checksum(void) {
        _cleanup_buffer_ Buffer out = { 0 };
        LineWriter writer = memory_line_begin(&out, "kind");
        MemoryLine line;

        test_row("checksum");
        memory_line_add(&writer, "text", "whatever");
        ASSERT_OK(memory_line_end(&writer));
        for (size_t i = 0; i < (out.length - 1) * 8; i++) {
                char copy[64] = "";

                memcpy(copy, out.data, out.length);
                copy[i / 8] = (char) (copy[i / 8] ^ 1 << i % 8);
                ASSERT_EQ(-EBADMSG, memory_line_read(copy, out.length - 1, &line));
        }
}

static void test_lengths(void) {
        _cleanup_buffer_ Buffer fields = { 0 };
        LineWriter writer = memory_line_begin(&fields, "kind");
        static char text[MEMORY_LINE_MAX + 2];
        MemoryLine line;

        test_row("short");
        for (size_t i = 0; i < 10; i++) {
                char copy[] = "00000000 ";

                ASSERT_EQ(-EBADMSG, memory_line_read(copy, i, &line));
        }

        test_row("fields");
        for (unsigned i = 0; i <= MEMORY_FIELDS_MAX; i++)
                memory_line_add_number(&writer, "n", i);
        ASSERT_OK(memory_line_end(&writer));
        ASSERT_EQ(-EBADMSG, memory_line_read(fields.data, fields.length - 1, &line));

        for (size_t length = MEMORY_LINE_MAX; length <= MEMORY_LINE_MAX + 1; length++) {
                test_row("long");
                memset(text, 'x', sizeof(text));
                (void) snprintf(text, 10, "%08x ", crc32c(text + 9, length - 9));
                text[9] = 'x';
                ASSERT_EQ(length > MEMORY_LINE_MAX ? -EBADMSG : 0,
                                memory_line_read(text, length, &line));
        }
}

int main(void) {
        test_texts();
        test_numbers();
        test_bad();
        test_checksum();
        test_lengths();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Command lines. What is wanted was written by shlex.split() of python 3.11, which botocore calls;
 * what that refuses, or makes no word of, has none here. */

#include <stdlib.h>

#include "aws/command-line.h"
#include "test.h"

static const struct {
        const char *text;
        const char *words[8];
} rows[] = {
        { "aws", { "aws" } },
        { "a b c", { "a", "b", "c" } },
        { "  a  b ", { "a", "b" } },
        { "a\tb\nc\rd", { "a", "b", "c", "d" } },
        { "", { NULL } },
        { "   ", { NULL } },
        { "\t\r\n", { NULL } },
        { "''", { "" } },
        { "\"\"", { "" } },
        { "'' \"\"", { "", "" } },
        { "a '' b", { "a", "", "b" } },
        { "a''b", { "ab" } },
        { "'a b' c", { "a b", "c" } },
        { "\"a b\" c", { "a b", "c" } },
        { "a' 'b", { "a b" } },
        { "'a\"b'", { "a\"b" } },
        { "\"a'b\"", { "a'b" } },
        { "\"a\\\"b\"", { "a\"b" } },
        { "\"a\\\\b\"", { "a\\b" } },
        { "\"a\\nb\"", { "a\\nb" } },
        { "\"a\\$b\"", { "a\\$b" } },
        { "\"a\\'b\"", { "a\\'b" } },
        { "'a\\b'", { "a\\b" } },
        { "'a\\'", { "a\\" } },
        { "'a\\''", { NULL } },
        { "a\\ b", { "a b" } },
        { "\\a", { "a" } },
        { "\\\\", { "\\" } },
        { "\\'", { "'" } },
        { "\\\"", { "\"" } },
        { "a\\\nb", { "a\nb" } },
        { "\"a\\\nb\"", { "a\\\nb" } },
        { "'a\nb'", { "a\nb" } },
        { "a\\", { NULL } },
        { "\"a\\", { NULL } },
        { "\"a", { NULL } },
        { "'a", { NULL } },
        { "\"", { NULL } },
        { "'", { NULL } },
        { "\\", { NULL } },
        { "a \\", { NULL } },
        { "a'b\"c'd", { "ab\"cd" } },
        { "\"\"\"\"a", { "a" } },
        { "$HOME ~ *", { "$HOME", "~", "*" } },
        { "`id` $(id) ;|&<>", { "`id`", "$(id)", ";|&<>" } },
        { "# not a comment", { "#", "not", "a", "comment" } },
        { "a#b #c", { "a#b", "#c" } },
        { "--flag=\"with value\"", { "--flag=with value" } },
        { "C:\\tools\\x.exe", { "C:toolsx.exe" } },
        { "\303\244 '\303\266 \303\274'", { "\303\244", "\303\266 \303\274" } },
        { "a\302\240b", { "a\302\240b" } },
        { "a\013b\014c", { "a\013b\014c" } },
        { "/opt/x --account 111122223333 --role 'a b'",
                        { "/opt/x", "--account", "111122223333", "--role", "a b" } },
        { "{\"a\":1}", { "{a:1}" } },
        { "'{\"Version\": 1}'", { "{\"Version\": 1}" } },
        { "\"a\"'b'c", { "abc" } },
        { "\"a\" 'b' c", { "a", "b", "c" } },
        { "a=\\\"b\\\"", { "a=\"b\"" } },
        { "\\ ", { " " } },
        { " \\ ", { " " } },
        { "\"\\", { NULL } },
        { "'\\", { NULL } },
        { "\"a\\\\\"", { "a\\" } },
        { "\"a\\\\\\\"\" b", { "a\\\"", "b" } },
};

static const struct {
        const char *text, *why;
} refused[] = {
        { "", "it is empty" },
        { " \n", "it is empty" },
        { "a 'b", "a quotation mark is not closed" },
        { "a \"b\\", "a quotation mark is not closed" },
        { "a b\\", "nothing follows the last backslash" },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_command_line_ CommandLine line = { 0 };
                const char *why = NULL;
                size_t n = 0;

                test_row(rows[i].text);
                while (n < ELEMENTSOF(rows[i].words) && rows[i].words[n])
                        n++;
                ASSERT_EQ(n > 0 ? 0 : -EINVAL, command_line_split(rows[i].text, &line, &why));
                ASSERT_TRUE(n > 0 || why);
                if (!ASSERT_EQ(n, line.n))
                        continue;
                for (size_t j = 0; j < n; j++)
                        ASSERT_STREQ(rows[i].words[j], line.words[j]);
                if (n > 0)
                        ASSERT_TRUE(!line.words[n]);
        }
}

static void test_refused(void) {
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                CommandLine line = { 0 };
                const char *why = NULL;

                test_row(refused[i].text);
                ASSERT_EQ(-EINVAL, command_line_split(refused[i].text, &line, &why));
                ASSERT_STREQ(refused[i].why, why);
                ASSERT_TRUE(!line.words);
        }
}

/* Words are pointed at only when the text has stopped moving. */
static void test_many(void) {
        _cleanup_command_line_ CommandLine line = { 0 };
        const char *why = NULL;
        char text[20000];

        test_row("many words");
        for (size_t i = 0; i + 1 < sizeof(text); i += 2)
                memcpy(text + i, "x ", 2);
        text[sizeof(text) - 1] = '\0';
        ASSERT_OK(command_line_split(text, &line, &why));
        ASSERT_EQ(sizeof(text) / 2, line.n);
        for (size_t i = 0; i < line.n; i++)
                if (strcmp(line.words[i], "x") != 0) {
                        ASSERT_STREQ("x", line.words[i]);
                        break;
                }
}

int main(void) {
        test_rows();
        test_refused();
        test_many();
        return test_end();
}

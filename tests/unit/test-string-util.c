/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about strings. */

#include "test.h"
#include "util/string-util.h"

static void test_simple(void) {
        test_row("comparison");
        ASSERT_TRUE(streq("a", "a"));
        ASSERT_FALSE(streq("a", "A"));
        ASSERT_TRUE(streq_null(NULL, NULL));
        ASSERT_FALSE(streq_null("a", NULL));
        ASSERT_FALSE(streq_null(NULL, ""));
        ASSERT_TRUE(streq_null("a", "a"));

        test_row("blank");
        ASSERT_TRUE(is_blank(NULL));
        ASSERT_TRUE(is_blank(""));
        ASSERT_TRUE(is_blank(" \t\r\n"));
        ASSERT_FALSE(is_blank(" a "));

        test_row("prefix");
        ASSERT_STREQ("bc", starts_with("abc", "a"));
        ASSERT_STREQ("", starts_with("abc", "abc"));
        ASSERT_STREQ("abc", starts_with("abc", ""));
        ASSERT_STREQ(NULL, starts_with("abc", "abcd"));
        ASSERT_STREQ(NULL, starts_with("", "a"));
}

/* RFC 3629, and the cases that decoders are known to get wrong. */
static const struct {
        const char *name, *text;
        int bad; /* -1: valid */
        size_t count;
} utf8[] = {
        { "empty", "", -1, 0 },
        { "ASCII", "abc\x7f", -1, 4 },
        { "two bytes", "\xc3\xa9", -1, 1 },
        { "three bytes", "\xe2\x82\xac", -1, 1 },
        { "four bytes", "\xf0\x9f\x98\x80", -1, 1 },
        { "first of each length", "\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80", -1, 3 },
        { "last of each length", "\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf", -1, 3 },
        { "around the surrogates", "\xed\x9f\xbf\xee\x80\x80", -1, 2 },
        { "lone continuation", "a\x80", 1, 0 },
        { "cut off", "a\xe2\x82", 1, 0 },
        { "not continued", "\xe2\x82x", 0, 0 },
        { "overlong, two bytes", "\xc0\xaf", 0, 0 },
        { "overlong, two bytes, last", "\xc1\xbf", 0, 0 },
        { "overlong, three bytes", "\xe0\x9f\xbf", 0, 0 },
        { "overlong, four bytes", "\xf0\x8f\xbf\xbf", 0, 0 },
        { "surrogate", "ab\xed\xa0\x80", 2, 0 },
        { "last surrogate", "\xed\xbf\xbf", 0, 0 },
        { "beyond Unicode", "\xf4\x90\x80\x80", 0, 0 },
        { "five bytes", "\xf8\x88\x80\x80\x80", 0, 0 },
        { "no such byte", "\xff", 0, 0 },
};

static void test_utf8(void) {
        for (size_t i = 0; i < ELEMENTSOF(utf8); i++) {
                size_t bad = 99;

                test_row(utf8[i].name);
                ASSERT_EQ(utf8[i].bad < 0, utf8_is_valid(utf8[i].text, strlen(utf8[i].text), &bad));
                ASSERT_EQ(utf8[i].bad < 0 ? 99 : utf8[i].bad, bad);
                ASSERT_EQ(utf8[i].bad < 0, utf8_is_valid(utf8[i].text, strlen(utf8[i].text), NULL));
                if (utf8[i].bad < 0)
                        ASSERT_EQ(utf8[i].count, utf8_count(utf8[i].text));
        }

        test_row("a NUL is a character");
        ASSERT_TRUE(utf8_is_valid("a\0b", 3, NULL));
}

static const struct {
        const char *name, *text, *flat;
} flattened[] = {
        { "nothing to do", "caf\303\251 \342\202\254", "caf\303\251 \342\202\254" },
        { "C0 and DEL", "a\033[1m\tb\nc\177", "a [1m b c " },
        { "C1", "a\302\200b\302\237c", "a  b  c" },
        { "behind C1", "\302\240\303\200", "\302\240\303\200" },
        { "no UTF-8", "caf\351\233\033", "caf?? " },
        { "cut off", "a\302", "a?" },
        { "empty", "", "" },
};

static void test_flatten(void) {
        for (size_t i = 0; i < ELEMENTSOF(flattened); i++) {
                char text[32];

                test_row(flattened[i].name);
                (void) snprintf(text, sizeof(text), "%s", flattened[i].text);
                text_flatten(text, strlen(text));
                ASSERT_STREQ(flattened[i].flat, text);
        }
}

static const struct {
        const char *text;
        uint64_t max;
        int r;
        uint64_t value;
} numbers[] = {
        { "0", UINT64_MAX, 0, 0 },
        { "007", UINT64_MAX, 0, 7 },
        { "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
        { "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
        { "10", 10, 0, 10 },
        { "11", 10, -ERANGE, 0 },
        { "", 10, -EINVAL, 0 },
        { "-1", 10, -EINVAL, 0 },
        { "+1", 10, -EINVAL, 0 },
        { " 1", 10, -EINVAL, 0 },
        { "1 ", 10, -EINVAL, 0 },
        { "0x1", 10, -EINVAL, 0 },
        { "1.0", 10, -EINVAL, 0 },
};

static void test_numbers(void) {
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                uint64_t value = 0;

                test_row(numbers[i].text);
                ASSERT_EQ(numbers[i].r, parse_uint(numbers[i].text, numbers[i].max, &value));
                ASSERT_EQ(numbers[i].value, value);
        }
}

static const struct {
        const char *word, *want;
} words[] = {
        { "acount", "account" },
        { "Account", "account" },
        { "accounts", "account" },
        { "regoin", "region" },
        { "comments", "comment" },
        { "xyz", NULL },
        { "", NULL },
        { "a", NULL },
        { "region", "region" },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "a",
                        NULL },
};

static void test_words(void) {
        static const char *const candidates[] = { "account", "region", "comment" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                test_row(words[i].word);
                ASSERT_STREQ(words[i].want,
                                nearest_word(words[i].word, candidates, ELEMENTSOF(candidates)));
        }
        test_row("no candidates");
        ASSERT_STREQ(NULL, nearest_word("a", candidates, 0));
}

static void test_hex(void) {
        char text[9];

        test_row("hex");
        hex_encode("\x00\x9f\xff\x10", 4, text);
        ASSERT_STREQ("009fff10", text);
        hex_encode("", 0, text);
        ASSERT_STREQ("", text);
}

int main(void) {
        test_simple();
        test_utf8();
        test_flatten();
        test_numbers();
        test_words();
        test_hex();
        return test_end();
}

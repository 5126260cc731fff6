/* SPDX-License-Identifier: Apache-2.0 */

/* Texts as YAML scalars: how they look, and that our own reader reads each back. */

#include <stdlib.h>

#include "desired/yaml-write.h"
#include "desired/yaml.h"
#include "test-load.h"
#include "util/mem.h"

static const struct {
        const char *name, *text, *written;
} cases[] = {
        { "a name", "Group baseline 2026", "Group baseline 2026" },
        { "punctuation of sentences", "Owner GRC, ticket GRC-1042 (50%)",
                        "Owner GRC, ticket GRC-1042 (50%)" },
        { "two blanks", "a  b", "a  b" },
        { "umlauts", "Übersicht für Prüfer", "Übersicht für Prüfer" },
        { "Japanese", "監査 基準", "監査 基準" },
        { "emoji", "Audit 🔒", "Audit 🔒" },
        { "an emoji of several", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
                        "\"\xf0\x9f\x91\xa8\\u200d\xf0\x9f\x91\xa9\"" },
        { "empty", "", "\"\"" },
        { "a blank", " ", "\" \"" },
        { "a blank before", " a", "\" a\"" },
        { "a blank behind", "a ", "\"a \"" },
        { "a tab", "a\tb", "\"a\\tb\"" },
        { "lines", "a\nb\r\nc", "\"a\\nb\\r\\nc\"" },
        { "a quote", "say \"yes\"", "\"say \\\"yes\\\"\"" },
        { "a quote in front", "'a'", "\"'a'\"" },
        { "an apostrophe", "the board's", "the board's" },
        { "a backslash", "a\\nb", "\"a\\\\nb\"" },
        { "a key", "a: b", "\"a: b\"" },
        { "a colon", "a:b", "\"a:b\"" },
        { "a comment", "a #b", "\"a #b\"" },
        { "a mapping", "{a: b}", "\"{a: b}\"" },
        { "a list", "[a]", "\"[a]\"" },
        { "a dash", "- a", "\"- a\"" },
        { "a document", "---", "\"---\"" },
        { "an anchor", "&a", "\"&a\"" },
        { "an alias", "*a", "\"*a\"" },
        { "a tag", "!!int 3", "\"!!int 3\"" },
        { "a directive", "%YAML 1.2", "\"%YAML 1.2\"" },
        { "a block", "|", "\"|\"" },
        { "a merge", "<<", "\"<<\"" },
        { "a number", "123", "\"123\"" },
        { "a float", ".inf", "\".inf\"" },
        { "a date", "2026-11-22", "\"2026-11-22\"" },
        { "a base", "0x10", "\"0x10\"" },
        { "a word of 1.1", "yes", "\"yes\"" },
        { "in capitals", "OFF", "\"OFF\"" },
        { "a letter", "Y", "\"Y\"" },
        { "nothing", "null", "\"null\"" },
        { "nothing's sign", "~", "\"~\"" },
        { "a word and more", "yes sir", "yes sir" },
        { "an escape", "\x1b[31mred", "\"\\x1b[31mred\"" },
        { "DEL", "a\x7f", "\"a\\x7f\"" },
        { "CSI of one character",
                        "\xc2\x9b"
                        "31m",
                        "\"\\x9b31m\"" },
        { "NEL", "a\xc2\x85", "\"a\\x85\"" },
        { "a blank that does not break",
                        "a\xc2\xa0"
                        "b",
                        "\"a\\xa0b\"" },
        { "a line separator",
                        "a\xe2\x80\xa8"
                        "b",
                        "\"a\\u2028b\"" },
        { "from right to left",
                        "a\xe2\x80\x8f"
                        "b",
                        "\"a\\u200fb\"" },
        { "a byte order mark",
                        "\xef\xbb\xbf"
                        "a",
                        "\"\\ufeffa\"" },
        { "no character", "\xef\xbf\xbf", "\"\\uffff\"" },
        { "private use", "\xee\x80\x80", "\"\\ue000\"" },
        { "a tag that nobody sees", "\xf3\xa0\x80\x81", "\"\\U000e0001\"" },
        { "the last character", "\xf4\x8f\xbf\xbf", "\"\\U0010ffff\"" },
};

/* What the reader makes of "WRITTEN # WRITTEN"; to be freed. */
static char *read_back(const char *written) {
        _cleanup_(faults_freep) Faults *faults = NULL;
        _cleanup_(document_freep) Document *document = NULL;
        _cleanup_buffer_ Buffer text = { 0 };
        YamlText yaml;

        (void) buffer_addf(&text, "%s # %s\n", written, written);
        ASSERT_OK(faults_new(&faults));
        yaml = test_text(faults, "test.yaml", buffer_text(&text));
        if (!ASSERT_OK(document_parse(&yaml, faults, &document)))
                return NULL;
        ASSERT_EQ(0, faults_count(faults));
        ASSERT_EQ(SCALAR_TEXT, node_scalar_type(document, document_root(document)));
        return strdup(node_text(document, document_root(document)));
}

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_buffer_ Buffer buffer = { 0 };
                _cleanup_free_ char *back = NULL;

                test_row(cases[i].name);
                ASSERT_OK(yaml_add_text(&buffer, cases[i].text));
                ASSERT_STREQ(cases[i].written, buffer_text(&buffer));
                back = read_back(buffer_text(&buffer));
                ASSERT_STREQ(cases[i].text, back);
        }
}

/* Each character between two letters, at the front and at the end. */
static void test_every_character(void) {
        test_row("every character");
        for (unsigned c = 1; c < 0x3100; c++) {
                _cleanup_buffer_ Buffer buffer = { 0 };
                _cleanup_free_ char *back = NULL;
                char utf8[4] = { 0 }, text[16];

                if (c < 0x80)
                        utf8[0] = (char) c;
                else if (c < 0x800) {
                        utf8[0] = (char) (0xc0 | c >> 6);
                        utf8[1] = (char) (0x80 | (c & 0x3f));
                } else {
                        utf8[0] = (char) (0xe0 | c >> 12);
                        utf8[1] = (char) (0x80 | (c >> 6 & 0x3f));
                        utf8[2] = (char) (0x80 | (c & 0x3f));
                }
                (void) snprintf(text, sizeof(text), "%sa%sa%s", utf8, utf8, utf8);
                ASSERT_OK(yaml_add_text(&buffer, text));
                back = read_back(buffer_text(&buffer));
                if (!ASSERT_STREQ(text, back))
                        return;
        }
}

static void test_long(void) {
        _cleanup_buffer_ Buffer buffer = { 0 };
        _cleanup_free_ char *back = NULL;
        char text[1201] = { 0 };

        test_row("300 characters of four bytes");
        for (size_t i = 0; i < 300; i++)
                (void) stpcpy(text + 4 * i, "🔒");
        ASSERT_OK(yaml_add_text(&buffer, text));
        back = read_back(buffer_text(&buffer));
        ASSERT_STREQ(text, back);
}

static void test_no_utf8(void) {
        _cleanup_buffer_ Buffer buffer = { 0 };

        test_row("no UTF-8");
        ASSERT_EQ(-EINVAL, yaml_add_text(&buffer, "a\xff"));
        ASSERT_EQ(0, buffer.length);
}

int main(void) {
        test_cases();
        test_every_character();
        test_long();
        test_no_utf8();
        return test_end();
}

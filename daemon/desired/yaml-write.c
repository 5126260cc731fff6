/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Texts as YAML scalars
 *
 * Plain scalars are for reading, so only texts that no reader could take for anything else are
 * written so; all others are quoted, and in quotes an escape stands for every character that
 * libyaml would not take, that a terminal would obey, or that nobody can see.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "desired/yaml-write.h"
#include "util/macro.h"
#include "util/string-util.h"

/* Decodes the first character of valid UTF-8. */
static uint32_t read_character(const char *text, size_t *ret_length) {
        const unsigned char *p = (const unsigned char *) text;

        *ret_length = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
        switch (*ret_length) {
        case 1:
                return p[0];
        case 2:
                return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        case 3:
                return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        default:
                return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6
                                | (p[3] & 0x3fu);
        }
}

/* Controls, blanks that look like others, marks without a shape, and what is no character. */
static bool is_hidden(uint32_t c) {
        static const struct {
                uint32_t first, last;
        } ranges[] = {
                { 0x00, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, /* soft hyphen */
                { 0x034f, 0x034f }, { 0x061c, 0x061c }, { 0x115f, 0x1160 }, { 0x1680, 0x1680 },
                { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f }, { 0x2028, 0x202f },
                { 0x205f, 0x206f }, { 0x3000, 0x3000 }, { 0x3164, 0x3164 },
                { 0xd800, 0xf8ff }, /* surrogates; private use */
                { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xffff },
                { 0xe0000, 0x10ffff }, /* tags, private use */
        };

        if ((c & 0xfffe) == 0xfffe)
                return true;
        for (size_t i = 0; i < ELEMENTSOF(ranges); i++)
                if (c >= ranges[i].first && c <= ranges[i].last)
                        return true;
        return false;
}

/* Begins with a letter, so that it is no number, time or mark; what has a meaning within a scalar
 * is not among the rest. */
static bool has_plain_characters(const char *text) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        static const char others[] = "0123456789 _-./()+,&'%@";
        size_t length;

        for (const char *p = text; *p; p += length) {
                uint32_t c = read_character(p, &length);

                if (c < 0x80 ? !strchr(letters, (int) c) && (p == text || !strchr(others, (int) c))
                             : is_hidden(c))
                        return false;
        }
        return true;
}

/* Words of YAML 1.1 (https://yaml.org/type/bool.html), which other tools still go by, and of 1.2.
 */
static bool is_word_of_yaml(const char *text) {
        static const char *const words[] = { "y", "yes", "n", "no", "true", "false", "on", "off",
                "null", "nan", "inf" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(text, words[i]) == 0)
                        return true;
        return false;
}

static bool is_plain(const char *text) {
        size_t length = strlen(text);

        return length > 0 && text[length - 1] != ' ' && has_plain_characters(text)
                        && !is_word_of_yaml(text);
}

static void add_quoted(Buffer *buffer, const char *text) {
        size_t length;

        (void) buffer_add_char(buffer, '"');
        for (const char *p = text; *p; p += length) {
                uint32_t c = read_character(p, &length);

                if (c == '"' || c == '\\')
                        (void) buffer_addf(buffer, "\\%c", (int) c);
                else if (c == '\n' || c == '\r' || c == '\t')
                        (void) buffer_add(buffer, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
                else if (!is_hidden(c))
                        (void) buffer_append(buffer, p, length);
                else if (c <= 0xff)
                        (void) buffer_addf(buffer, "\\x%02x", c);
                else
                        (void) buffer_addf(buffer, c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
        }
        (void) buffer_add_char(buffer, '"');
}

int yaml_add_text(Buffer *buffer, const char *text) {
        if (!utf8_is_valid(text, strlen(text), NULL))
                return -EINVAL;
        if (is_plain(text))
                return buffer_add(buffer, text);
        add_quoted(buffer, text);
        return buffer_status(buffer);
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The type of a scalar
 *
 * YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), whatever libyaml's 1.1
 * would say: `no` is a text and `010` is ten. Only the class is told; whoever reads a number
 * decides which spellings of it are welcome.
 */

#include <string.h>

#include "desired/yaml.h"
#include "util/string-util.h"

static bool is_one_of(const char *text, const char *const *words, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (streq(text, words[i]))
                        return true;
        return false;
}

#define DIGITS "0123456789"

static bool is_integer(const char *text) {
        if (starts_with(text, "0x"))
                return text[2] != '\0' && text[2 + strspn(text + 2, DIGITS "abcdefABCDEF")] == '\0';
        if (starts_with(text, "0o"))
                return text[2] != '\0' && text[2 + strspn(text + 2, "01234567")] == '\0';
        text += *text == '-' || *text == '+';
        return *text != '\0' && text[strspn(text, DIGITS)] == '\0';
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_decimal(const char *text) {
        size_t whole, fraction = 0;

        text += *text == '-' || *text == '+';
        whole = strspn(text, DIGITS);
        text += whole;
        if (*text == '.') {
                fraction = strspn(++text, DIGITS);
                text += fraction;
        }
        if (whole == 0 && fraction == 0)
                return false;
        if (*text == 'e' || *text == 'E') {
                text++;
                text += *text == '-' || *text == '+';
                if (*text == '\0')
                        return false;
                text += strspn(text, DIGITS);
        }
        return *text == '\0';
}

static bool is_float(const char *text) {
        static const char *const infinite[] = { ".inf", ".Inf", ".INF" };
        static const char *const none[] = { ".nan", ".NaN", ".NAN" };

        if (is_one_of(text, none, ELEMENTSOF(none)))
                return true;
        if (is_decimal(text))
                return true;
        text += *text == '-' || *text == '+';
        return is_one_of(text, infinite, ELEMENTSOF(infinite));
}

ScalarType node_scalar_type(const Document *document, const Node *scalar) {
        static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
        static const char *const bools[] = { "true", "True", "TRUE", "false", "False", "FALSE" };
        const char *text = node_text(document, scalar);

        if (scalar->flags & NODE_IS_TEXT)
                return SCALAR_TEXT;
        if (is_one_of(text, nulls, ELEMENTSOF(nulls)))
                return SCALAR_NULL;
        if (is_one_of(text, bools, ELEMENTSOF(bools)))
                return SCALAR_BOOL;
        if (is_integer(text))
                return SCALAR_INTEGER;
        return is_float(text) ? SCALAR_FLOAT : SCALAR_TEXT;
}

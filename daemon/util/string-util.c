/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about strings. */

#include <errno.h>

#include "util/macro.h"
#include "util/string-util.h"

int text_copy(const char *from, char **ret) {
        char *copy;

        if (!from)
                return 0;
        copy = strdup(from);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

const char *starts_with(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* The length of the well-formed character at p, or 0. RFC 3629, section 4. */
static size_t utf8_character(const unsigned char *p, size_t left) {
        size_t length = p[0] < 0x80   ? 1
                        : p[0] < 0xc2 ? 0
                        : p[0] < 0xe0 ? 2
                        : p[0] < 0xf0 ? 3
                        : p[0] < 0xf5 ? 4
                                      : 0;

        if (length == 0 || length > left)
                return 0;
        for (size_t i = 1; i < length; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;

        if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
                return 0;
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
                return 0;
        return length;
}

bool utf8_is_valid(const char *s, size_t n, size_t *ret_bad) {
        const unsigned char *p = (const unsigned char *) s;

        for (size_t i = 0, length; i < n; i += length) {
                length = utf8_character(p + i, n - i);
                if (length == 0) {
                        if (ret_bad)
                                *ret_bad = i;
                        return false;
                }
        }
        return true;
}

size_t utf8_count(const char *s) {
        size_t n = 0;

        for (; *s; s++)
                n += ((unsigned char) *s & 0xc0) != 0x80;
        return n;
}

size_t utf8_cut(const char *s, size_t max) {
        size_t n = strnlen(s, max + 1);

        if (n <= max)
                return n;
        for (n = max; n > 0 && ((unsigned char) s[n] & 0xc0) == 0x80;)
                n--;
        return n;
}

void text_flatten(char *text, size_t n) {
        bool is_text = utf8_is_valid(text, n, NULL);

        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char) text[i];

                if (c >= 0x80 && !is_text)
                        text[i] = '?';
                else if (c == 0xc2 && (unsigned char) text[i + 1] < 0xa0)
                        text[i] = text[i + 1] = ' ';
                else if (c < 0x20 || c == 0x7f)
                        text[i] = ' ';
        }
}

int parse_uint(const char *s, uint64_t max, uint64_t *ret) {
        uint64_t value = 0;

        if (*s == '\0')
                return -EINVAL;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return -EINVAL;
                if (__builtin_mul_overflow(value, 10, &value)
                                || __builtin_add_overflow(value, (uint64_t) (*s - '0'), &value))
                        return -ERANGE;
        }
        if (value > max)
                return -ERANGE;

        *ret = value;
        return 0;
}

#define WORD_MAX 64

static size_t edit_distance(const char *a, const char *b) {
        size_t row[WORD_MAX + 1], n = strlen(b);

        for (size_t j = 0; j <= n; j++)
                row[j] = j;
        for (size_t i = 1; a[i - 1]; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (size_t j = 1; j <= n; j++) {
                        size_t change = diagonal + (a[i - 1] != b[j - 1]);

                        diagonal = row[j];
                        row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
                }
        }
        return row[n];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t n) {
        size_t best_distance = SIZE_MAX;
        const char *best = NULL;

        if (strlen(word) > WORD_MAX)
                return NULL;

        for (size_t i = 0; i < n; i++) {
                size_t longer = MAX(strlen(word), strlen(candidates[i])), distance;

                if (longer > WORD_MAX)
                        continue;
                distance = edit_distance(word, candidates[i]);
                if (distance < best_distance && distance * 3 <= longer) {
                        best_distance = distance;
                        best = candidates[i];
                }
        }
        return best;
}

void hex_encode(const void *data, size_t n, char *text) {
        static const char digits[] = "0123456789abcdef";
        const unsigned char *p = data;

        for (size_t i = 0; i < n; i++) {
                text[2 * i] = digits[p[i] >> 4];
                text[2 * i + 1] = digits[p[i] & 15];
        }
        text[2 * n] = '\0';
}

const char *decimal_format(int64_t value, char text[static DECIMAL_TEXT_MAX]) {
        uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
        char digits[DECIMAL_TEXT_MAX], *p = digits + sizeof(digits);

        *--p = '\0';
        do
                *--p = (char) ('0' + rest % 10);
        while ((rest /= 10) > 0);
        if (value < 0)
                *--p = '-';
        return memcpy(text, p, (size_t) (digits + sizeof(digits) - p));
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about strings. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool streq(const char *a, const char *b) {
        return strcmp(a, b) == 0;
}

/* As streq(), where either may be NULL. */
static inline bool streq_null(const char *a, const char *b) {
        return a && b ? streq(a, b) : a == b;
}

/* NULL and "" alike: aws.md, "blank counts as unset". */
static inline bool is_blank(const char *s) {
        return !s || s[strspn(s, " \t\r\n")] == '\0';
}

/* A new string in *ret, which stays as it is for a NULL. 0 or -ENOMEM. */
int text_copy(const char *from, char **ret);

/* The rest of s behind prefix, or NULL where s does not begin with it. */
const char *starts_with(const char *s, const char *prefix);

/* Whether n bytes are UTF-8 (RFC 3629: no surrogates, nothing overlong); ret_bad (may be NULL) is
 * the first bad byte. */
bool utf8_is_valid(const char *s, size_t n, size_t *ret_bad);

/* The number of characters of a valid UTF-8 string. */
size_t utf8_count(const char *s);

/* The length of a string, at most max bytes, that ends with a whole character. */
size_t utf8_cut(const char *s, size_t max);

/* Makes what others wrote fit for one line of a terminal or a log: controls, those of C1 among them
 * (U+0080 to U+009F), become blanks; of what is no UTF-8, each byte beyond ASCII becomes '?'. */
void text_flatten(char *text, size_t n);

/* Reads a decimal number without sign or blanks. 0, -EINVAL, or -ERANGE above max. */
int parse_uint(const char *s, uint64_t max, uint64_t *ret);

/*
 * The candidate nearest to word by edit distance, or NULL where none is near enough to be what was
 * meant (more than a third of its letters differ). Words over 64 bytes have none.
 */
const char *nearest_word(const char *word, const char *const *candidates, size_t n);

/* Writes 2n lower-case digits and a NUL. */
void hex_encode(const void *data, size_t n, char *text);

/* The value of one lower-case digit, or -1. */
static inline int hex_value(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Room for any int64_t, its sign and a NUL. */
#define DECIMAL_TEXT_MAX 21

/* Writes a number as %PRId64 does, without its price; returns text. */
const char *decimal_format(int64_t value, char text[static DECIMAL_TEXT_MAX]);

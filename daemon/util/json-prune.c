/* SPDX-License-Identifier: Apache-2.0 */

/* Leaving members out of a JSON text. */

#include <stdbool.h>
#include <string.h>

#include "util/json-prune.h"

static bool is_plain(char c) {
        return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

/* The end of a value that may be left out, or NULL. */
static const char *value_end(const char *value, const char *end) {
        const char *p = value;

        if (p < end && *p == '"') {
                for (p++; p < end && is_plain(*p); p++)
                        ;
                return p < end && *p == '"' ? p + 1 : NULL;
        }
        for (; p < end && is_digit(*p); p++)
                ;
        return p > value && (*value != '0' || p == value + 1) ? p : NULL;
}

/* How long the member is that begins with this comma, if it is one to be left out; else 0. */
static size_t member_length(const char *comma, const char *end, const char *const *names) {
        size_t room = (size_t) (end - comma);

        if (room < 2 || comma[1] != '"')
                return 0;
        for (; *names; names++) {
                size_t n = strlen(*names);
                const char *after = comma + 2 + n;

                if (room < n + 5 || memcmp(comma + 2, *names, n) != 0 || after[0] != '"'
                                || after[1] != ':')
                        continue;
                after = value_end(after + 2, end);
                return after && after < end && (*after == ',' || *after == '}')
                                ? (size_t) (after - comma)
                                : 0;
        }
        return 0;
}

size_t json_prune(const char *text, size_t length, const char *const *names, char *to) {
        const char *from = text, *end = text + length, *comma;
        char *begin = to;

        while (from < end && (comma = memchr(from, ',', (size_t) (end - from)))) {
                size_t member = member_length(comma, end, names);
                size_t kept = (size_t) (comma - from) + (member == 0);

                memmove(to, from, kept);
                to += kept;
                from += kept + member;
        }
        memmove(to, from, (size_t) (end - from));
        return (size_t) (to - begin) + (size_t) (end - from);
}

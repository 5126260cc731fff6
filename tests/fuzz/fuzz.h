#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What fuzzers share: a check that says what did not hold, and what text of others must never
 * become
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buffer.h"
#include "util/macro.h"
#include "util/string-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert(3), and stays whatever the build defines. */
#define CHECK(x)                                                                                   \
        do {                                                                                       \
                if (!(x)) {                                                                        \
                        (void) fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);             \
                        abort();                                                                   \
                }                                                                                  \
        } while (0)

/* The input as a string, up to its first NUL; freed by the caller. NULL when out of memory. */
static inline char *fuzz_text(const uint8_t *data, size_t size) {
        return size > 0 ? strndup((const char *) data, size) : strdup("");
}

/* Cuts the next field off *rest (NULL behind the last one). */
static inline char *fuzz_field(char **rest, char separator) {
        char *field = *rest ? *rest : (char *) (uintptr_t) "", *end = strchr(field, separator);

        *rest = end ? end + 1 : NULL;
        if (end)
                *end = '\0';
        return field;
}

/* UTF-8 without control characters, C1 and DEL among them; line feeds are the caller's to allow. */
static inline bool fuzz_is_clean(const char *text, size_t length, bool lines) {
        if (!utf8_is_valid(text, length, NULL))
                return false;
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char) text[i],
                              next = i + 1 < length ? (unsigned char) text[i + 1] : 0;

                if ((c < ' ' && !(lines && c == '\n')) || c == 0x7f || (c == 0xc2 && next < 0xa0))
                        return false;
        }
        return true;
}

/* One printable line of ASCII. */
static inline bool fuzz_is_printable(const char *text) {
        for (; *text; text++)
                if (*text < ' ' || *text > '~')
                        return false;
        return true;
}

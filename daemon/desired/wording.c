/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How key paths and what was found are written in a fault
 *
 * A fault is one line on a terminal or in the journal. Whatever a file says is therefore written
 * without control characters, and shortened.
 */

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "desired/wording.h"
#include "util/buffer.h"
#include "util/string-util.h"

/* Characters of a text that are shown. */
#define SHOWN_CHARACTERS 48

static_assert(SHOWN_MAX > SHOWN_CHARACTERS * 4 + sizeof("\"…\""),
                "each character may take four bytes");

static bool is_control(const unsigned char *p) {
        return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

static size_t character_length(unsigned char c) {
        return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

const char *show_text(const char *text, char shown[static SHOWN_MAX]) {
        const unsigned char *p = (const unsigned char *) text;
        char *end = shown;

        *end++ = '"';
        for (size_t n = 0; *p && n < SHOWN_CHARACTERS; n++) {
                size_t length = character_length(*p);

                if (is_control(p))
                        *end++ = '?';
                else {
                        memcpy(end, p, length);
                        end += length;
                }
                p += length;
        }
        (void) stpcpy(end, *p ? "…\"" : "\"");
        return shown;
}

/* A key that would not read as one in a path is put in quotes. */
static bool is_word(const char *key) {
        static const char word[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        size_t n = strspn(key, word);

        return n > 0 && n <= SHOWN_CHARACTERS && key[n] == '\0';
}

static void format_step(Buffer *out, const KeyPath *step, bool first) {
        char shown[SHOWN_MAX];

        if (!step->key)
                (void) buffer_addf(out, "[%zu]", step->index);
        else if (is_word(step->key))
                (void) buffer_addf(out, "%s%s", first ? "" : ".", step->key);
        else
                (void) buffer_addf(out, "[%s]", show_text(step->key, shown));
}

char *key_path_format(const KeyPath *path) {
        const KeyPath *steps[KEY_PATH_DEPTH_MAX];
        Buffer out = { 0 };
        size_t n = 0;

        for (; path && n < KEY_PATH_DEPTH_MAX; path = path->parent)
                steps[n++] = path;
        for (size_t i = n; i-- > 0;)
                format_step(&out, steps[i], i == n - 1);

        if (buffer_status(&out) < 0) {
                buffer_done(&out);
                return NULL;
        }
        return buffer_steal(&out);
}

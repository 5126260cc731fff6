/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Inputs that are made of lines: YAML, profiles, headers
 *
 * Lines go, come twice, are indented, take the value of another line; only within one line are
 * bytes mutated as they come.
 */

#include <string.h>

#include "json-tree.h"
#include "util/buffer.h"
#include "util/macro.h"

#define LINES_MAX 1024

typedef struct Line {
        const uint8_t *text; /* without its line feed */
        size_t length;
} Line;

typedef struct Lines {
        Line items[LINES_MAX];
        size_t n;
} Lines;

static void split(const uint8_t *data, size_t size, Lines *ret) {
        const uint8_t *end = data + size, *feed;

        ret->n = 0;
        while (ret->n < LINES_MAX - 1) {
                feed = data < end ? memchr(data, '\n', (size_t) (end - data)) : NULL;
                ret->items[ret->n++] = (Line){ data, (size_t) ((feed ? feed : end) - data) };
                if (!feed)
                        return;
                data = feed + 1;
        }
        ret->items[ret->n++] = (Line){ data, (size_t) (end - data) };
}

static void add(Buffer *out, const void *text, size_t length) {
        (void) buffer_append(out, text, length);
}

/* Up to the value: "key: ", "  - key = ". */
static size_t value_of(const Line *line) {
        for (size_t i = 0; i + 1 < line->length; i++)
                if (line->text[i] == ':' || line->text[i] == '=')
                        return i + 1 + (line->text[i + 1] == ' ');
        return 0;
}

static void add_plain(Buffer *out, const Line *line) {
        uint8_t text[512];
        size_t n = MIN(line->length, sizeof(text) / 2);

        memcpy(text, line->text, n);
        add(out, text, LLVMFuzzerMutate(text, n, sizeof(text)));
}

/* The line as it is to be, in one piece or in several. */
static void add_changed(Buffer *out, const Line *line, const Line *other, unsigned *seed) {
        size_t value = value_of(line), others = value_of(other);

        switch (tree_random(seed, 8)) {
        case 0: /* twice */
                add(out, line->text, line->length);
                add(out, "\n", 1);
                add(out, line->text, line->length);
                return;
        case 1: /* another before it */
                add(out, other->text, other->length);
                add(out, "\n", 1);
                add(out, line->text, line->length);
                return;
        case 2: /* deeper */
                add(out, "  ", 2);
                add(out, line->text, line->length);
                return;
        case 3: /* less deep */
                value = line->length >= 2 && memcmp(line->text, "  ", 2) == 0 ? 2 : 0;
                add(out, line->text + value, line->length - value);
                return;
        case 4: /* another value */
                add(out, line->text, value);
                add(out, other->text + others, other->length - others);
                return;
        default:
                add_plain(out, line);
                return;
        }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
        static Lines lines;
        _cleanup_buffer_ Buffer out = { 0 };
        size_t at, other;
        bool gone;

        if (size == 0 || tree_random(&seed, 4) == 0)
                return LLVMFuzzerMutate(data, size, max_size);
        split(data, size, &lines);
        at = tree_random(&seed, lines.n);
        other = tree_random(&seed, lines.n);
        gone = tree_random(&seed, 8) == 0;
        for (size_t i = 0; i < lines.n; i++) {
                if (i == at && !gone)
                        add_changed(&out, &lines.items[i], &lines.items[other], &seed);
                else if (i != at)
                        add(&out, lines.items[i].text, lines.items[i].length);
                if (i + 1 < lines.n && (i != at || !gone))
                        add(&out, "\n", 1);
        }
        if (buffer_status(&out) < 0 || out.length == 0 || out.length > max_size)
                return LLVMFuzzerMutate(data, size, max_size);
        memcpy(data, out.data, out.length);
        return out.length;
}

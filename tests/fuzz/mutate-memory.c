/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Inputs that are a memory file: lines of fields, each with a checksum
 *
 * Fields go, come from other lines, and change their values; then the checksum is made good, or no
 * record would ever be read. Lines go, come twice and change places, too.
 */

#include <string.h>

#include "json-tree.h"
#include "util/buffer.h"
#include "util/hash.h"
#include "util/macro.h"

#define PREFIX_LENGTH 9 /* "5a3f09c1 " */

typedef struct Piece {
        const uint8_t *text;
        size_t length;
} Piece;

/* One of the pieces of a text that a character separates, whichever it is. */
static Piece choose(const uint8_t *text, size_t length, uint8_t separator, unsigned *seed) {
        const uint8_t *end = text + length, *next;
        size_t n = 1, wanted;

        for (size_t i = 0; i < length; i++)
                n += text[i] == separator;
        for (wanted = tree_random(seed, n); wanted > 0; wanted--)
                text = (const uint8_t *) memchr(text, separator, (size_t) (end - text)) + 1;
        next = memchr(text, separator, (size_t) (end - text));
        return (Piece){ text, (size_t) ((next ? next : end) - text) };
}

static Piece behind_checksum(Piece line) {
        size_t n = MIN(line.length, (size_t) PREFIX_LENGTH);

        return (Piece){ line.text + n, line.length - n };
}

/* "name=" stays; a number is another number, or its bytes change. */
static void add_changed(Buffer *out, Piece field, unsigned *seed) {
        static const char *const values[] = { "0", "1", "-1", "65535", "65536", "4294967295",
                "4294967296", "9223372036854775807", "-9223372036854775808", "1795355579010000",
                "%00", "%", "%41", "" };
        const uint8_t *equals = memchr(field.text, '=', field.length);
        size_t name = equals ? (size_t) (equals + 1 - field.text) : 0, n;
        uint8_t value[512];

        (void) buffer_append(out, field.text, name);
        if (tree_random(seed, 3) == 0) {
                (void) buffer_add(out, values[tree_random(seed, ELEMENTSOF(values))]);
                return;
        }
        n = MIN(field.length - name, sizeof(value) / 2);
        memcpy(value, field.text + name, n);
        (void) buffer_append(out, value, LLVMFuzzerMutate(value, n, sizeof(value)));
}

/* What stands before and behind the field stays. */
static void add_fields(Buffer *out, Piece line, Piece other, unsigned *seed) {
        Piece field = choose(line.text, line.length, ' ', seed),
              foreign = choose(other.text, other.length, ' ', seed);
        const uint8_t *behind = field.text + field.length, *end = line.text + line.length;

        (void) buffer_append(out, line.text, (size_t) (field.text - line.text));
        switch (tree_random(seed, 6)) {
        case 0: /* gone, with its blank */
                behind += behind < end;
                break;
        case 1: /* another before it */
                (void) buffer_append(out, foreign.text, foreign.length);
                (void) buffer_add_char(out, ' ');
                (void) buffer_append(out, field.text, field.length);
                break;
        case 2: /* another in its place */
                (void) buffer_append(out, foreign.text, foreign.length);
                break;
        default:
                add_changed(out, field, seed);
                break;
        }
        (void) buffer_append(out, behind, (size_t) (end - behind));
}

static void add_line(Buffer *out, Piece line, Piece other, unsigned *seed) {
        _cleanup_buffer_ Buffer fields = { 0 };

        add_fields(&fields, behind_checksum(line), behind_checksum(other), seed);
        (void) buffer_addf(out, "%08x ", crc32c(buffer_text(&fields), fields.length));
        (void) buffer_append(out, buffer_text(&fields), fields.length);
}

/* The whole input, with one line of it changed. */
static void add_input(Buffer *out, Piece input, unsigned *seed) {
        Piece line = choose(input.text, input.length, '\n', seed),
              other = choose(input.text, input.length, '\n', seed);
        const uint8_t *behind = line.text + line.length, *end = input.text + input.length;

        (void) buffer_append(out, input.text, (size_t) (line.text - input.text));
        switch (tree_random(seed, 10)) {
        case 0:
                behind += behind < end;
                break;
        case 1:
                (void) buffer_append(out, other.text, other.length);
                (void) buffer_add_char(out, '\n');
                (void) buffer_append(out, line.text, line.length);
                break;
        default:
                add_line(out, line, other, seed);
                break;
        }
        (void) buffer_append(out, behind, (size_t) (end - behind));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
        _cleanup_buffer_ Buffer out = { 0 };

        if (size == 0 || tree_random(&seed, 12) == 0)
                return LLVMFuzzerMutate(data, size, max_size);
        add_input(&out, (Piece){ data, size }, &seed);
        if (buffer_status(&out) < 0 || out.length == 0 || out.length > max_size)
                return LLVMFuzzerMutate(data, size, max_size);
        memcpy(data, out.data, out.length);
        return out.length;
}

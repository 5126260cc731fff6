/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of the memory file. */

#include <errno.h>
#include <string.h>

#include "record/memory-line.h"
#include "util/hash.h"
#include "util/string-util.h"

/* "5a3f09c1 " */
#define CHECKSUM_LENGTH ((size_t) 8)
#define PREFIX_LENGTH   (CHECKSUM_LENGTH + 1)

static bool is_plain(char c) {
        return (unsigned char) c > ' ' && c != '%' && c != 0x7f;
}

static void write_checksum(uint32_t crc, char text[static CHECKSUM_LENGTH + 1]) {
        const uint8_t bytes[4] = { (uint8_t) (crc >> 24), (uint8_t) (crc >> 16),
                (uint8_t) (crc >> 8), (uint8_t) crc };

        hex_encode(bytes, sizeof(bytes), text);
}

LineWriter memory_line_begin(Buffer *out, const char *kind) {
        LineWriter writer = { .out = out, .begin = out->length };

        (void) buffer_append(out, "-------- ", PREFIX_LENGTH);
        (void) buffer_add(out, kind);
        return writer;
}

static void add_value(Buffer *out, const char *value) {
        char escaped[4] = "%";
        size_t plain;

        for (;;) {
                for (plain = 0; is_plain(value[plain]); plain++)
                        ;
                (void) buffer_append(out, value, plain);
                value += plain;
                if (*value == '\0')
                        return;
                hex_encode(value++, 1, escaped + 1);
                (void) buffer_append(out, escaped, 3);
        }
}

static void begin_field(Buffer *out, const char *name) {
        (void) buffer_add_char(out, ' ');
        (void) buffer_add(out, name);
        (void) buffer_add_char(out, '=');
}

void memory_line_add(const LineWriter *writer, const char *name, const char *value) {
        if (!value)
                return;
        begin_field(writer->out, name);
        add_value(writer->out, value);
}

void memory_line_add_number(const LineWriter *writer, const char *name, int64_t value) {
        char text[DECIMAL_TEXT_MAX];

        begin_field(writer->out, name);
        (void) buffer_add(writer->out, decimal_format(value, text));
}

int memory_line_end(const LineWriter *writer) {
        Buffer *out = writer->out;
        char checksum[CHECKSUM_LENGTH + 1];
        size_t from = writer->begin + PREFIX_LENGTH, end = out->length;

        (void) buffer_add_char(out, '\n');
        if (buffer_status(out) < 0) {
                buffer_truncate(out, writer->begin);
                return -ENOMEM;
        }
        write_checksum(crc32c(out->data + from, end - from), checksum);
        memcpy(out->data + writer->begin, checksum, CHECKSUM_LENGTH);
        return 0;
}

static bool is_good(const char *line, size_t length) {
        char checksum[CHECKSUM_LENGTH + 1];

        if (length <= PREFIX_LENGTH || length > MEMORY_LINE_MAX || line[CHECKSUM_LENGTH] != ' '
                        || memchr(line, '\0', length))
                return false;
        write_checksum(crc32c(line + PREFIX_LENGTH, length - PREFIX_LENGTH), checksum);
        return memcmp(line, checksum, CHECKSUM_LENGTH) == 0;
}

/* In place. False for a % without its digits, and for a NUL, which no value holds. */
static bool unescape(char *text) {
        char *to = strchr(text, '%');

        if (!to)
                return true;
        for (const char *from = to; *from; to++) {
                int high, low;

                if (*from != '%') {
                        *to = *from++;
                        continue;
                }
                high = hex_value(from[1]);
                low = high < 0 ? -1 : hex_value(from[2]);
                if (low < 0 || (high | low) == 0)
                        return false;
                *to = (char) (high << 4 | low);
                from += 3;
        }
        *to = '\0';
        return true;
}

static int take_field(MemoryLine *line, char *word) {
        char *equals = strchr(word, '=');

        if (!equals || line->n_fields == MEMORY_FIELDS_MAX)
                return -EBADMSG;
        *equals = '\0';
        if (!unescape(equals + 1))
                return -EBADMSG;
        line->fields[line->n_fields].name = word;
        line->fields[line->n_fields++].value = equals + 1;
        return 0;
}

int memory_line_read(char *line, size_t length, MemoryLine *ret) {
        char *rest = line + PREFIX_LENGTH;
        int r = 0;

        if (!is_good(line, length))
                return -EBADMSG;
        line[length] = '\0';
        ret->kind = strsep(&rest, " ");
        ret->n_fields = ret->n_taken = 0;
        while (rest && r >= 0)
                r = take_field(ret, strsep(&rest, " "));
        return r;
}

const char *memory_line_take(MemoryLine *line, const char *name) {
        if (line->n_taken == line->n_fields || !streq(line->fields[line->n_taken].name, name))
                return NULL;
        return line->fields[line->n_taken++].value;
}

int memory_line_check_taken(const MemoryLine *line) {
        return line->n_taken == line->n_fields ? 0 : -EBADMSG;
}

int memory_line_take_number(MemoryLine *line,
                const char *name,
                int64_t min,
                int64_t max,
                int64_t *value) {
        const char *text = memory_line_take(line, name);
        bool negative = text && *text == '-';
        uint64_t digits;
        int64_t number;

        if (!text)
                return 0;
        if (parse_uint(text + negative, (uint64_t) INT64_MAX + negative, &digits) < 0)
                return -EBADMSG;
        number = negative ? (int64_t) (0 - digits) : (int64_t) digits;
        if (number < min || number > max)
                return -EBADMSG;
        *value = number;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Records of the memory file: each line with its checksum made good, so that the fuzzer gets behind
 * it; then as it is. What was read is written, and reads as the same. */

#include <stdlib.h>
#include <string.h>

#include "record/memory-record.h"
#include "util/hash.h"
#include "util/string-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The line cut up is another text than the line. */
static int read_copy(const char *text, size_t length, MemoryTable *table) {
        _cleanup_buffer_ Buffer copy = { 0 };
        MemoryLine line;

        if (buffer_append(&copy, text, length) < 0 || memory_line_read(copy.data, length, &line) < 0
                        || !memory_record_is_share(&line) || !memory_line_take(&line, "source"))
                return -1;
        return memory_record_read(&line, table);
}

static void must(bool truth) {
        if (!truth)
                abort();
}

static void take(const char *text, size_t length) {
        _cleanup_buffer_ Buffer once = { 0 }, again = { 0 };
        MemoryTable table, second;

        must(memory_table_init(&table) == 0 && memory_table_init(&second) == 0);
        if (read_copy(text, length, &table) >= 0) {
                must(memory_record_write(&once, "grc", &table.items[0], table.strings) == 0);
                if (once.length <= MEMORY_LINE_MAX) {
                        must(read_copy(once.data, once.length - 1, &second) == 0);
                        must(memory_record_write(&again, "grc", &second.items[0], second.strings)
                                        == 0);
                        must(streq(once.data, again.data));
                }
        }
        memory_table_done(&table);
        memory_table_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_buffer_ Buffer line = { 0 };

        for (const uint8_t *end = data + size, *next; data < end; data = next + 1) {
                next = memchr(data, '\n', (size_t) (end - data));
                if (!next)
                        next = end;
                take((const char *) data, (size_t) (next - data));
                if (next - data > 9) {
                        size_t n = (size_t) (next - data) - 9;

                        buffer_clear(&line);
                        (void) buffer_addf(&line, "%08x ", crc32c(data + 9, n));
                        (void) buffer_append(&line, data + 9, n);
                        take(buffer_text(&line), line.length);
                }
        }
        return 0;
}

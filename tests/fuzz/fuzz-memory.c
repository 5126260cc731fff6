/* SPDX-License-Identifier: Apache-2.0 */

/* Records of the memory file: each line with its checksum made good, so that the fuzzer gets behind
 * it; then as it is. */

#include <stdlib.h>
#include <string.h>

#include "record/memory-record.h"
#include "util/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const char *line, size_t length, MemoryTable *table) {
        json_t *record = NULL, *again;

        if (memory_line_read(line, length, &record) < 0)
                return;
        if (memory_record_to_table(record, table) >= 0) {
                ShareMemory *memory = &table->items[table->count - 1];

                again = memory_record_from_share("s", memory, table->strings);
                json_decref(again);
        }
        json_decref(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_buffer_ Buffer line = { 0 };
        MemoryTable table;

        if (memory_table_init(&table) < 0)
                return 0;
        for (const uint8_t *end = data + size, *next; data < end; data = next + 1) {
                next = memchr(data, '\n', (size_t) (end - data));
                if (!next)
                        next = end;
                take((const char *) data, (size_t) (next - data), &table);
                if (next - data > 9) {
                        buffer_clear(&line);
                        (void) buffer_addf(&line, "%08x ",
                                        crc32c(data + 9, (size_t) (next - data) - 9));
                        (void) buffer_append(&line, data + 9, (size_t) (next - data) - 9);
                        take(buffer_text(&line), line.length, &table);
                }
        }
        memory_table_done(&table);
        return 0;
}

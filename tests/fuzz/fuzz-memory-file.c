/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The memory file as a whole, as a crash, a disk or an editor left it
 *
 * Reading alone writes nothing. Opened for writing, it is mended at once: the next who opens it
 * finds nothing to mend, and remembers the same shares. What is written then stands behind what was
 * there, and is read as it was put.
 */

#include <dirent.h>

#include "fuzz-folder.h"
#include "record/memory.h"
#include "util/mem.h"
#include "util/time.h"

#define SOURCE "111122223333/us-east-1"

/* Copies that were set aside have names of their own. */
static unsigned remove_set_aside(void) {
        DIR *dir = opendir(fuzz_folder());
        unsigned n = 0;

        CHECK(dir != NULL);
        for (struct dirent *entry; (entry = readdir(dir));) {
                _cleanup_free_ char *path = path_join(fuzz_folder(), entry->d_name);

                if (!starts_with(entry->d_name, "memory.log.damaged"))
                        continue;
                CHECK(path && unlink(path) >= 0);
                n++;
        }
        (void) closedir(dir);
        return n;
}

static Memory *open_memory(MemoryMode mode) {
        _cleanup_free_ char *why = NULL;
        Memory *memory = NULL;
        int r;

        r = memory_open(fuzz_folder(), mode, "fuzz", &memory, &why);
        CHECK((r == 0) == (memory != NULL));
        CHECK(r == 0 || r == -ENOMEM || (why && *why));
        return memory;
}

static void check_same(Memory *a, Memory *b) {
        MemoryTable *mine, *theirs;

        CHECK(memory_table(a, SOURCE, &mine) >= 0 && memory_table(b, SOURCE, &theirs) >= 0);
        CHECK(mine->count == theirs->count);
        for (size_t i = 0; i < mine->count; i++) {
                uint32_t at = memory_table_find(theirs, &mine->items[i].key);

                CHECK(at != MEMORY_NOT_FOUND);
                CHECK(mine->items[i].status == theirs->items[at].status);
                CHECK(mine->items[i].sent_usec == theirs->items[at].sent_usec);
                CHECK(mine->items[i].send_state == theirs->items[at].send_state);
                CHECK(streq_null(strings_get(mine->strings, mine->items[i].framework_name),
                                strings_get(theirs->strings, theirs->items[at].framework_name)));
        }
        CHECK(streq_null(memory_note(a, SOURCE), memory_note(b, SOURCE)));
}

static void check_unchanged(const uint8_t *data, size_t size) {
        _cleanup_free_ char *path = path_join(fuzz_folder(), "memory.log");
        _cleanup_buffer_ Buffer text = { 0 };

        CHECK(path && file_read(path, 0, &text, NULL) >= 0 && text.length == size);
        CHECK(size == 0 || memcmp(text.data, data, size) == 0);
}

/* A pass over all of them: each is written anew, and one was sent. */
static void put_all(Memory *memory) {
        MemoryTable *table;

        CHECK(memory_table(memory, SOURCE, &table) == 0);
        for (size_t i = 0; i < table->count; i++) {
                table->items[i].sent_usec = (int64_t) (i + 1) * USEC_PER_SEC;
                table->items[i].send_state = SEND_INTENDED;
                table->items[i].dirty = true;
                CHECK(memory_put(memory, SOURCE, table, &table->items[i]) == 0);
                CHECK(!table->items[i].dirty);
        }
        CHECK(memory_set_note(memory, SOURCE, table->count % 2 ? "a note: 100 %\n" : NULL) == 0);
        CHECK(memory_sync(memory) == 0);
}

/* More lines than are worth keeping, and more bytes. */
static void outgrow(Memory *memory) {
        char note[8192];

        memset(note, 'x', sizeof(note) - 1);
        note[sizeof(note) - 1] = '\0';
        for (unsigned i = 0; i < 33; i++) {
                note[0] = (char) ('A' + i % 2);
                CHECK(memory_set_note(memory, SOURCE, note) == 0);
        }
        CHECK(memory_sync(memory) == 0);
}

/* Each a second time in the file; and, for some, each only once again. */
static void check_written(bool grows) {
        _cleanup_(memory_freep) Memory *memory = open_memory(MEMORY_WRITE), *read = NULL;
        int r;

        CHECK(memory != NULL);
        put_all(memory);
        if (grows)
                outgrow(memory);
        do
                r = memory_compact(memory, 0);
        while (r > 0);
        CHECK(r == 0);
        read = open_memory(MEMORY_READ);
        CHECK(read && !memory_set_aside(read));
        check_same(memory, read);
        CHECK((memory_lost_usec(read) == TIME_UNKNOWN)
                        == (memory_lost_usec(memory) == TIME_UNKNOWN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(memory_freep) Memory *read = NULL, *mended = NULL, *again = NULL;
        unsigned n;

        fuzz_folder_write("memory.log", data, size);
        read = open_memory(MEMORY_READ);
        check_unchanged(data, size);
        mended = open_memory(MEMORY_WRITE);
        n = remove_set_aside();
        CHECK(!read == !mended);
        if (!read)
                return 0;
        CHECK((n > 0) == (memory_set_aside(mended) != NULL));
        check_same(read, mended);
        mended = memory_free(mended);

        again = open_memory(MEMORY_WRITE);
        CHECK(again && !memory_set_aside(again) && remove_set_aside() == 0);
        check_same(read, again);
        again = memory_free(again);

        check_written(size % 8 == 0);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Memory on disk: what is kept over a restart, a torn end, damage, another process, a full disk. */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/lock.h"
#include "record/memory-record.h"
#include "record/memory.h"
#include "test.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/time.h"

#define SOURCE "111122223333/us-east-1"

static char directory[] = "/tmp/test-memory-XXXXXX";

static ShareKey key_of(unsigned n) {
        ShareKey key = { .recipient = recipient_make(444455556666 + n, region_find("eu-west-1")) };

        key.framework_id.bytes[0] = 0x6f;
        return key;
}

static Memory *open_memory(MemoryMode mode, int want) {
        _cleanup_free_ char *why = NULL;
        Memory *memory = NULL;

        ASSERT_EQ(want, memory_open(directory, mode, "test", &memory, &why));
        ASSERT_EQ(want < 0, why != NULL);
        return memory;
}

static MemoryTable *table_of(Memory *memory) {
        MemoryTable *table = NULL;

        ASSERT_OK(memory_table(memory, SOURCE, &table));
        return table;
}

static ShareMemory *put(Memory *memory, unsigned n, ShareStatus status) {
        MemoryTable *table = table_of(memory);
        ShareKey key = key_of(n);
        uint32_t index = 0;

        ASSERT_OK(memory_table_obtain(table, &key, &index));
        table->items[index].status = status & 15u;
        table->items[index].ours = true;
        ASSERT_OK(memory_put(memory, SOURCE, table, &table->items[index]));
        return &table->items[index];
}

static void check(Memory *memory, unsigned n, bool there, ShareStatus status) {
        MemoryTable *table = table_of(memory);
        ShareKey key = key_of(n);
        uint32_t index = memory_table_find(table, &key);

        if (ASSERT_EQ(there, index != MEMORY_NOT_FOUND) && there)
                ASSERT_EQ(status, table->items[index].status);
}

static char *log_path(void) {
        return path_join(directory, "memory.log");
}

static void append(const char *text, size_t length) {
        _cleanup_free_ char *path = log_path();
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

        ASSERT_OK(write_all(fd, text, length));
        (void) close(fd);
}

static void start_afresh(void) {
        char command[128];

        (void) snprintf(command, sizeof(command), "rm -rf %s/*", directory);
        ASSERT_OK(system(command));
}

/* Of blocks that began as zeros, and were copied as a whole. */
static bool is_same(const void *a, const void *b, size_t size) {
        return memcmp(a, b, size) == 0;
}

static void test_everything_survives(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        ShareMemory *m, want;
        UnsettledMemory *unsettled, wanted;
        MemoryTable *table;
        ShareKey key = key_of(0);

        test_row("survives");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        m = put(memory, 0, SHARE_STATUS_EXPIRING);
        m->request_id.bytes[3] = 7;
        ASSERT_OK(share_memory_unsettle(m, &unsettled));
        unsettled->before_framework_usec = 6;
        unsettled->refused_framework_usec = 7;
        unsettled->retry_usec = 8;
        unsettled->beside_expires = 9;
        unsettled->refusals = 3;
        m->created_usec = 1;
        m->updated_usec = -2;
        m->expires = UINT32_MAX;
        m->status_since_usec = 4;
        m->sent_usec = 5;
        m->framework_updated_usec = 6;
        m->condition_since = 9;
        m->declaration = UINT32_MAX;
        m->attempts = 255;
        m->renewals = 2;
        m->condition = CONDITION_STALLED;
        m->reason = REASON_RENEWALS_EXHAUSTED;
        m->refused = REASON_INVALID;
        m->send_state = SEND_INTENDED;
        m->send_action = ACTION_RESEND;
        m->own_request = m->revoked_by_us = m->counted = m->warned = m->several = true;
        m->released = true;
        ASSERT_OK(share_memory_add_own(m, &(Uuid){ { 9 } }));
        ASSERT_OK(strings_add(
                        table_of(memory)->strings, "Group \"baseline\" 2026", &m->framework_name));
        ASSERT_OK(memory_put(memory, SOURCE, table_of(memory), m));
        ASSERT_OK(memory_set_note(memory, SOURCE, "listing failed"));
        ASSERT_OK(memory_sync(memory));
        want = *m;
        wanted = *unsettled;
        memory = memory_free(memory);

        memory = open_memory(MEMORY_READ, 0);
        table = table_of(memory);
        m = &table->items[memory_table_find(table, &key)];
        ASSERT_STREQ("listing failed", memory_note(memory, SOURCE));
        ASSERT_STREQ("Group \"baseline\" 2026", strings_get(table->strings, m->framework_name));
        ASSERT_TRUE(share_memory_owns(m, &(Uuid){ { 9 } }));
        wanted.own = m->unsettled->own;
        ASSERT_TRUE(is_same(&wanted, m->unsettled, sizeof(wanted)));
        want.unsettled = m->unsettled;
        want.framework_name = m->framework_name;
        want.dirty = m->dirty;
        ASSERT_TRUE(is_same(&want, m, sizeof(want)));
}

static void test_last_record_counts(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;

        test_row("last counts");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        (void) put(memory, 1, SHARE_STATUS_ACTIVE);
        (void) put(memory, 1, SHARE_STATUS_SHARED);
        put(memory, 2, SHARE_STATUS_FAILED)->forgotten = true;
        ASSERT_OK(memory_put(memory, SOURCE, table_of(memory), &table_of(memory)->items[1]));
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        check(memory, 1, true, SHARE_STATUS_SHARED);
        check(memory, 2, false, 0);
}

/* What a crash can leave at the end is dropped, and the next record follows the last good one. */
static void test_torn_end(const char *name, const char *tail, size_t length) {
        _cleanup_(memory_freep) Memory *memory = NULL;

        test_row(name);
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        (void) put(memory, 1, SHARE_STATUS_ACTIVE);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);
        append(tail, length);

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(!memory_set_aside(memory));
        ASSERT_EQ(TIME_UNKNOWN, memory_lost_usec(memory));
        check(memory, 1, true, SHARE_STATUS_ACTIVE);
        (void) put(memory, 2, SHARE_STATUS_SHARED);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(!memory_set_aside(memory));
        check(memory, 1, true, SHARE_STATUS_ACTIVE);
        check(memory, 2, true, SHARE_STATUS_SHARED);
}

/* Other damage is set aside; what checksums vouch for is kept; the loss is remembered. */
static void test_damage(const char *name, off_t at, const char *bytes) {
        const unsigned kept = at < 0 ? 1 : 2; /* the share whose record is not hit */
        _cleanup_(memory_freep) Memory *memory = NULL;
        _cleanup_free_ char *path = log_path();
        int fd;

        test_row(name);
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        (void) put(memory, 1, SHARE_STATUS_ACTIVE);
        (void) put(memory, 2, SHARE_STATUS_SHARED);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (at < 0)
                at += lseek(fd, 0, SEEK_END);
        ASSERT_EQ((ssize_t) strlen(bytes), pwrite(fd, bytes, strlen(bytes), at));
        (void) close(fd);

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(memory_set_aside(memory) && access(memory_set_aside(memory), F_OK) == 0);
        ASSERT_TRUE(memory_lost_usec(memory) > 0);
        check(memory, kept, true, kept == 1 ? SHARE_STATUS_ACTIVE : SHARE_STATUS_SHARED);
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(!memory_set_aside(memory));
        ASSERT_TRUE(memory_lost_usec(memory) > 0);
        check(memory, kept, true, kept == 1 ? SHARE_STATUS_ACTIVE : SHARE_STATUS_SHARED);
}

static void test_garbage(const char *name, const char *text, size_t length) {
        _cleanup_(memory_freep) Memory *memory = NULL;

        test_row(name);
        start_afresh();
        append(text, length);
        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(memory_set_aside(memory));
        ASSERT_EQ(0, table_of(memory)->count);
}

static void test_later_version(void) {
        _cleanup_buffer_ Buffer line = { 0 };
        LineWriter writer;

        test_row("later version");
        start_afresh();
        writer = memory_line_begin(&line, "auditshared-memory");
        memory_line_add_number(&writer, "version", 2);
        ASSERT_OK(memory_line_end(&writer));
        append(line.data, line.length);
        ASSERT_TRUE(!open_memory(MEMORY_WRITE, -EPROTONOSUPPORT));
}

static void test_lock(void) {
        _cleanup_(memory_freep) Memory *memory = NULL, *reader = NULL, *second = NULL;
        _cleanup_free_ char *why = NULL;

        test_row("lock");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_EQ(-EBUSY, memory_open(directory, MEMORY_WRITE, "other", &second, &why));
        ASSERT_TRUE(why && strstr(why, "test (process "));
        reader = open_memory(MEMORY_READ, 0);
        ASSERT_TRUE(reader != NULL);
}

/* What stands in the lock is shown to a person, whoever wrote it. */
static void test_lock_text(void) {
        static const struct {
                const char *name, *text, *shown;
        } locks[] = {
                { "lock: as we write it", "auditshared (process 7)\n",
                                "is locked by auditshared (process 7)" },
                { "lock: nothing", "", "is locked by another process" },
                { "lock: controls", "a\033]0;x\007\302\2332Jb\n", "is locked by a ]0;x   2Jb" },
                { "lock: no UTF-8", "caf\351 \033[1m\n", "is locked by caf?  [1m" },
                { "lock: a line without end", NULL, "xxx" },
        };
        char line[4096];

        memset(line, 'x', sizeof(line) - 1);
        line[sizeof(line) - 1] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(locks); i++) {
                _cleanup_(memory_freep) Memory *memory = NULL, *second = NULL;
                const char *text = locks[i].text ? locks[i].text : line, *tail;
                _cleanup_free_ char *path = NULL, *why = NULL;
                FILE *file;

                test_row(locks[i].name);
                start_afresh();
                memory = open_memory(MEMORY_WRITE, 0);
                path = path_join(directory, "lock");
                file = path ? fopen(path, "we") : NULL;
                ASSERT_TRUE(file && fputs(text, file) >= 0 && fclose(file) == 0);
                ASSERT_EQ(-EBUSY, memory_open(directory, MEMORY_WRITE, "other", &second, &why));
                tail = why ? why + strlen(why) - strlen(locks[i].shown) : "";
                ASSERT_STREQ(locks[i].shown, tail);
                ASSERT_TRUE(why && strlen(why) < strlen(directory) + 160);
        }
}

/* Lines of /proc/locks, as Linux writes them. */
static const struct {
        const char *name, *line;
        pid_t holder;
} lock_lines[] = {
        { "held", "1: FLOCK  ADVISORY  WRITE 4711 08:01:42 0 EOF\n", 4711 },
        { "held, on another disk, without an end", "12: FLOCK  ADVISORY  WRITE 1 fd:00:42 0 EOF",
                        1 },
        { "another file", "1: FLOCK  ADVISORY  WRITE 4711 08:01:420 0 EOF\n", 0 },
        { "who waits", "1: -> FLOCK  ADVISORY  WRITE 4712 08:01:42 0 EOF\n", 0 },
        { "another kind", "2: POSIX  ADVISORY  WRITE 4711 08:01:42 0 EOF\n", 0 },
        { "of an open file", "2: OFDLCK ADVISORY  WRITE -1 08:01:42 0 EOF\n", 0 },
        { "who reads", "3: FLOCK  ADVISORY  READ  4711 08:01:42 0 EOF\n", 0 },
        { "a lease", "4: LEASE  ACTIVE    WRITE 4711 08:01:42 0 EOF\n", 0 },
        { "another namespace's", "1: FLOCK  ADVISORY  WRITE 0 08:01:42 0 EOF\n", 0 },
        { "no process", "1: FLOCK  ADVISORY  WRITE -1 08:01:42 0 EOF\n", 0 },
        { "numbers without end", "1: FLOCK  ADVISORY  WRITE 99999999999999999999 08:01:42 0 EOF\n",
                        0 },
        { "cut off", "1: FLOCK  ADVISORY  WRITE 4711 08:01", 0 },
        { "empty", "", 0 },
};

static void test_lock_lines(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        _cleanup_free_ char *path = NULL;
        char line[256];
        pid_t holder = 0;
        struct stat st;
        FILE *table;

        for (size_t i = 0; i < ELEMENTSOF(lock_lines); i++) {
                test_row(lock_lines[i].name);
                ASSERT_EQ(lock_lines[i].holder, lock_line_holder(lock_lines[i].line, 42));
        }

        test_row("locks: as this kernel has them");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        path = path_join(directory, "lock");
        table = fopen("/proc/locks", "re");
        ASSERT_TRUE(path && stat(path, &st) == 0 && table);
        while (table && holder == 0 && fgets(line, sizeof(line), table))
                holder = lock_line_holder(line, st.st_ino);
        if (table)
                (void) fclose(table);
        ASSERT_EQ(getpid(), holder);
}

/* A file that cannot grow: the write fails, nothing half remains, and it goes on when there is room
 * again. */
static void test_full_disk(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        struct rlimit none = { 0 }, before;

        test_row("full disk");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        (void) put(memory, 1, SHARE_STATUS_ACTIVE);
        ASSERT_OK(memory_sync(memory));

        (void) signal(SIGXFSZ, SIG_IGN);
        (void) getrlimit(RLIMIT_FSIZE, &before);
        none.rlim_cur = 400;
        none.rlim_max = before.rlim_max;
        (void) setrlimit(RLIMIT_FSIZE, &none);
        for (unsigned i = 2; i < 8; i++)
                (void) put(memory, i, SHARE_STATUS_SHARED);
        ASSERT_EQ(-EFBIG, memory_sync(memory));
        (void) setrlimit(RLIMIT_FSIZE, &before);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(!memory_set_aside(memory));
        for (unsigned i = 2; i < 8; i++)
                check(memory, i, true, SHARE_STATUS_SHARED);
}

/* The folder is gone under a running service: what is remembered is written into a new one, or
 * nothing is sent. */
static void test_folder_removed(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        _cleanup_free_ char *path = log_path();

        test_row("folder removed");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        (void) put(memory, 1, SHARE_STATUS_ACTIVE);
        ASSERT_OK(memory_sync(memory));
        ASSERT_OK(unlink(path));
        (void) put(memory, 2, SHARE_STATUS_SHARED);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);
        memory = open_memory(MEMORY_WRITE, 0);
        check(memory, 1, true, SHARE_STATUS_ACTIVE);
        check(memory, 2, true, SHARE_STATUS_SHARED);

        start_afresh();
        ASSERT_OK(rmdir(directory));
        ASSERT_TRUE(memory_sync(memory) < 0);
        ASSERT_OK(mkdir(directory, 0700));
}

static void test_compaction(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        _cleanup_free_ char *path = log_path();
        struct stat st;

        test_row("compaction");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        for (unsigned i = 0; i < 4000; i++)
                (void) put(memory, i % 10, i % 2 ? SHARE_STATUS_SHARED : SHARE_STATUS_ACTIVE);
        ASSERT_OK(memory_sync(memory));
        ASSERT_OK(memory_compact(memory, TIME_INFINITY));
        ASSERT_OK(stat(path, &st));
        ASSERT_TRUE(st.st_size < 10000);
        ASSERT_EQ(0600, st.st_mode & 07777);
        (void) put(memory, 11, SHARE_STATUS_FAILED);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        check(memory, 9, true, SHARE_STATUS_SHARED);
        check(memory, 11, true, SHARE_STATUS_FAILED);
}

#define MANY 6000u

static off_t log_size(void) {
        _cleanup_free_ char *path = log_path();
        struct stat st = { 0 };

        ASSERT_OK(stat(path, &st));
        return st.st_size;
}

static bool new_file_exists(void) {
        _cleanup_free_ char *path = path_join(directory, ".memory.log.new");

        return access(path, F_OK) >= 0;
}

/* A log of three records a share, of which the replacement is under way. */
static Memory *begin_compaction(void) {
        Memory *memory;

        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        for (unsigned i = 0; i < 3 * MANY; i++)
                (void) put(memory, i % MANY, SHARE_STATUS_ACTIVE);
        ASSERT_OK(memory_sync(memory));
        ASSERT_EQ(1, memory_compact(memory, 0));
        ASSERT_TRUE(new_file_exists());
        return memory;
}

/* What is written meanwhile, to a share that the new file has already and to one that it has not,
 * is in it all the same. */
static void test_compaction_in_pieces(void) {
        _cleanup_(memory_freep) Memory *memory = begin_compaction();
        off_t before = log_size();
        unsigned turns = 1;
        int r;

        test_row("compaction in pieces");
        (void) put(memory, 0, SHARE_STATUS_SHARED);
        (void) put(memory, MANY - 1, SHARE_STATUS_DECLINED);
        put(memory, 1, SHARE_STATUS_ACTIVE)->forgotten = true;
        (void) put(memory, 1, SHARE_STATUS_ACTIVE);
        (void) put(memory, MANY, SHARE_STATUS_FAILED);
        ASSERT_OK(memory_set_note(memory, SOURCE, "meanwhile"));
        ASSERT_OK(memory_sync(memory));
        for (; (r = memory_compact(memory, 0)) > 0; turns++)
                ;
        ASSERT_OK(r);
        ASSERT_TRUE(turns > 2);
        ASSERT_TRUE(log_size() < before / 2);
        ASSERT_TRUE(!new_file_exists());
        ASSERT_OK(memory_compact(memory, 0));

        (void) put(memory, 2, SHARE_STATUS_EXPIRED);
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);
        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(!memory_set_aside(memory));
        ASSERT_STREQ("meanwhile", memory_note(memory, SOURCE));
        check(memory, 0, true, SHARE_STATUS_SHARED);
        check(memory, 1, false, SHARE_STATUS_NONE);
        check(memory, 2, true, SHARE_STATUS_EXPIRED);
        check(memory, MANY / 2, true, SHARE_STATUS_ACTIVE);
        check(memory, MANY - 1, true, SHARE_STATUS_DECLINED);
        check(memory, MANY, true, SHARE_STATUS_FAILED);
        ASSERT_EQ(MANY, table_of(memory)->count);
}

/* The service ends, or the log itself has to be replaced at once, before the new file is whole. */
static void test_compaction_cut_short(bool gone) {
        _cleanup_(memory_freep) Memory *memory = begin_compaction();
        _cleanup_free_ char *path = log_path();

        test_row(gone ? "compaction/log gone" : "compaction/ended");
        (void) put(memory, 0, SHARE_STATUS_SHARED);
        if (gone)
                ASSERT_OK(unlink(path));
        ASSERT_OK(memory_sync(memory));
        memory = memory_free(memory);
        ASSERT_TRUE(!new_file_exists());

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_TRUE(!memory_set_aside(memory));
        check(memory, 0, true, SHARE_STATUS_SHARED);
        ASSERT_EQ(MANY, table_of(memory)->count);
}

/* New files come before the new memory file is whole: the passes after that move shares to other
 * places of the table. */
static void test_compaction_across_passes(void) {
        _cleanup_(memory_freep) Memory *memory = begin_compaction();
        int r;

        test_row("compaction/next pass");
        memory_rest(memory);
        for (unsigned i = 0; i < 10; i++) {
                table_of(memory)->items[i].forgotten = true;
                (void) put(memory, i, SHARE_STATUS_ACTIVE);
        }
        ASSERT_OK(memory_sync(memory));
        memory_table_compact(table_of(memory));
        while ((r = memory_compact(memory, 0)) > 0)
                ;
        ASSERT_OK(r);
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        for (unsigned i = 10; i < MANY; i++)
                check(memory, i, true, SHARE_STATUS_ACTIVE);
        ASSERT_EQ(MANY - 10, table_of(memory)->count);
}

/* What is found by key is found at rest too, and goes on from there. */
static void test_rest(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;

        test_row("rest");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        for (unsigned i = 0; i < 100; i++)
                (void) put(memory, i, SHARE_STATUS_ACTIVE);
        for (unsigned i = 0; i < 3; i++) {
                memory_rest(memory);
                ASSERT_TRUE(!table_of(memory)->slots);
                check(memory, 99, true, SHARE_STATUS_ACTIVE);
                check(memory, 1000, false, SHARE_STATUS_NONE);
                table_of(memory)->items[0].forgotten = true;
                memory_table_compact(table_of(memory));
                check(memory, i, false, SHARE_STATUS_NONE);
                (void) put(memory, 100 + i, SHARE_STATUS_SHARED);
                ASSERT_TRUE(table_of(memory)->slots);
                check(memory, 100 + i, true, SHARE_STATUS_SHARED);
                check(memory, 99, true, SHARE_STATUS_ACTIVE);
                ASSERT_EQ(100, table_of(memory)->count);
        }
}

/* Of what is there for the first time, nothing is out of date. */
static void test_nothing_to_compact(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;

        test_row("nothing to compact");
        start_afresh();
        memory = open_memory(MEMORY_WRITE, 0);
        for (unsigned i = 0; i < MANY; i++)
                (void) put(memory, i, SHARE_STATUS_ACTIVE);
        ASSERT_OK(memory_sync(memory));
        ASSERT_OK(memory_compact(memory, 0));
        ASSERT_TRUE(!new_file_exists());
        memory = memory_free(memory);

        memory = open_memory(MEMORY_WRITE, 0);
        ASSERT_OK(memory_compact(memory, 0));
        ASSERT_TRUE(!new_file_exists());
}

int main(void) {
        if (!mkdtemp(directory))
                return 1;
        test_everything_survives();
        test_last_record_counts();
        test_torn_end("torn/half a record", "1234abcd share source=1111", 26);
        test_torn_end("torn/zeros", "\0\0\0\0\0\0\0\0", 8);
        test_torn_end("torn/zeros and more", "\0\0\0\0\n", 5);
        test_damage("damage/first record", 90, "XXXX");
        test_damage("damage/header", 0, "XXXX");
        test_damage("damage/last record", -8, "XXXX");
        test_garbage("garbage", "not a memory file at all\n", 25);
        test_garbage("empty", "", 0);
        test_later_version();
        test_lock();
        test_lock_text();
        test_lock_lines();
        test_full_disk();
        test_folder_removed();
        test_compaction();
        test_compaction_in_pieces();
        test_compaction_cut_short(false);
        test_compaction_cut_short(true);
        test_nothing_to_compact();
        test_compaction_across_passes();
        test_rest();
        start_afresh();
        (void) rmdir(directory);
        return test_end();
}

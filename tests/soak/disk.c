/* SPDX-License-Identifier: Apache-2.0 */

/* The disk under the memory. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "record/memory.h"
#include "util/buffer.h"
#include "util/file.h"
#include "util/mem.h"

Disk disk;

static char folder[64], copy_folder[80], log_path[96], copy_path[112], new_path[96];
static char output_path[96];
static Buffer image;

/* What disk_recall() has read last: most questions are about the same bytes. */
static Memory *recalled;
static Buffer recalled_image;

ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int old_fd, const char *old_name, int new_fd, const char *new_name);
int __wrap_renameat(int old_fd, const char *old_name, int new_fd, const char *new_name);

static bool may_crash(void) {
        return disk.active && !now.ghost && draw_chance(&now.draw, disk.crash_mille);
}

static bool power_fails(void) {
        return disk.power_too && draw_chance(&now.draw, 300);
}

/* Half of it fits, or nothing; what does not fit is refused, as write(2) has it. */
ssize_t __wrap_write(int fd, const void *data, size_t length) {
        ssize_t n;

        if (may_crash())
                crash(power_fails(), "before a write");
        if (disk.active && disk.full && !now.ghost) {
                now.disk_trouble = true;
                if (length > 8 && draw_chance(&now.draw, 300))
                        return __real_write(fd, data, length / 2);
                errno = ENOSPC;
                return -1;
        }
        n = __real_write(fd, data, length);
        if (may_crash())
                crash(power_fails(), "after a write");
        return n;
}

static long size_of(int fd) {
        struct stat st;

        return fstat(fd, &st) < 0 ? 0 : (long) st.st_size;
}

static bool sync_fails(void) {
        if (!disk.active || now.ghost || !draw_chance(&now.draw, disk.sync_fails_mille))
                return false;
        now.disk_trouble = true;
        trace("disk: a sync fails");
        errno = EIO;
        return true;
}

/* No disk needs to turn for a power failure that is only played. */
int __wrap_fdatasync(int fd) {
        if (may_crash())
                crash(power_fails(), "before a sync");
        if (sync_fails())
                return -1;
        if (!now.ghost)
                disk.durable = size_of(fd);
        if (may_crash())
                crash(power_fails(), "after a sync");
        return 0;
}

int __wrap_fsync(int fd) {
        struct stat st;

        if (sync_fails())
                return -1;
        if (fstat(fd, &st) >= 0 && S_ISREG(st.st_mode))
                disk.pending = (long) st.st_size;
        return 0;
}

int __wrap_renameat(int old_fd, const char *old_name, int new_fd, const char *new_name) {
        int r;

        if (may_crash())
                crash(power_fails(), "before the file is replaced");
        r = __real_renameat(old_fd, old_name, new_fd, new_name);
        if (r == 0 && !now.ghost)
                disk.durable = disk.pending;
        return r;
}

/* --- the folder --- */

int disk_begin(void) {
        const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

        (void) snprintf(folder, sizeof(folder), "%s/auditshared-soak-XXXXXX", base);
        if (!mkdtemp(folder))
                return -errno;
        (void) snprintf(copy_folder, sizeof(copy_folder), "%s/copy", folder);
        (void) snprintf(log_path, sizeof(log_path), "%s/memory.log", folder);
        (void) snprintf(copy_path, sizeof(copy_path), "%s/memory.log", copy_folder);
        (void) snprintf(new_path, sizeof(new_path), "%s/.memory.log.new", folder);
        (void) snprintf(output_path, sizeof(output_path), "%s/output", folder);
        if (!freopen(output_path, "a", stderr))
                return -errno;
        return mkdir(copy_folder, 0700) < 0 ? -errno : 0;
}

void disk_end(void) {
        char command[128];

        (void) snprintf(command, sizeof(command), "rm -rf '%s'", folder);
        (void) !system(command);
        recalled = memory_free(recalled);
        buffer_done(&recalled_image);
        buffer_done(&image);
}

const char *disk_folder(void) {
        return folder;
}

void disk_empty(void) {
        (void) unlink(log_path);
        (void) unlink(new_path);
        disk = (Disk){ 0 };
}

static void read_image(const char *path) {
        buffer_done(&image);
        image = (Buffer){ 0 };
        (void) file_read(path, (size_t) 1 << 30, &image, NULL);
}

static void write_file(const char *path, const void *data, size_t length) {
        FILE *file = fopen(path, "w");

        if (!file || (length > 0 && fwrite(data, 1, length, file) != length) || fclose(file) != 0)
                abort();
}

void disk_keep_image(bool power) {
        size_t durable = (size_t) MAX(disk.durable, 0L), left;

        read_image(log_path);
        if (!power || durable >= image.length)
                return;
        left = (size_t) draw_between(&now.draw, (int64_t) durable, (int64_t) image.length);
        trace("disk: %zu bytes of %zu are left, %zu were durable", left, image.length, durable);
        /* Blocks that were never filled read as zeros. */
        if (left > durable && draw_chance(&now.draw, 300))
                memset(image.data + durable, 0, left - durable);
        image.length = left;
}

void disk_restore_image(void) {
        write_file(log_path, image.data, image.length);
}

void disk_damage(void) {
        read_image(log_path);
        if (image.length == 0)
                return;
        image.data[draw_below(&now.draw, (unsigned) image.length)] ^= 1;
        disk_restore_image();
}

void disk_tear(void) {
        FILE *file = fopen(log_path, "a");

        if (!file || fputs("{\"half a rec", file) < 0 || fclose(file) != 0)
                abort();
}

void disk_check_secrets(void) {
        read_image(log_path);
        check_secrets("memory", image.data, image.length);
        (void) fflush(stderr);
        read_image(output_path);
        check_secrets("what is printed", image.data, image.length);
        (void) !truncate(output_path, 0);
}

void disk_note_open(void) {
        struct stat st;

        disk.durable = stat(log_path, &st) < 0 ? 0 : (long) st.st_size;
}

static bool read_recalled(void) {
        _cleanup_free_ char *why = NULL;

        if (recalled && image.length == recalled_image.length
                        && memcmp(image.data, recalled_image.data, image.length) == 0)
                return true;
        write_file(copy_path, image.data, image.length);
        recalled = memory_free(recalled);
        if (memory_open(copy_folder, MEMORY_READ, "soak", &recalled, &why) < 0)
                return false;
        buffer_done(&recalled_image);
        recalled_image = image;
        image = (Buffer){ 0 };
        return true;
}

bool disk_recall(const char *source_key, const ShareKey *key, bool durable, ShareMemory *ret) {
        MemoryTable *table;
        uint32_t index;

        read_image(log_path);
        if (durable && (size_t) disk.durable < image.length)
                image.length = (size_t) disk.durable;
        if (!read_recalled() || memory_table(recalled, source_key, &table) < 0)
                return false;
        index = memory_table_find(table, key);
        if (index == MEMORY_NOT_FOUND)
                return false;
        *ret = table->items[index];
        ret->unsettled = NULL;
        return true;
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A folder of the process for what is only read as a file; in memory where the system has such a
 * place
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "util/file.h"

static char fuzz_folder_path[256];

static inline void fuzz_folder_remove(void) {
        static const char *const files[] = { "status.json", "memory.log", "lock" };
        char path[300];

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", fuzz_folder_path, files[i]);
                (void) unlink(path);
        }
        (void) rmdir(fuzz_folder_path);
}

/* Made when first asked for, removed at the end of the process; not of one that crashes. */
static inline const char *fuzz_folder(void) {
        const char *parent = getenv("TMPDIR");

        if (*fuzz_folder_path)
                return fuzz_folder_path;
        if (!parent)
                parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        (void) snprintf(fuzz_folder_path, sizeof(fuzz_folder_path), "%s/auditshared-fuzz-XXXXXX",
                        parent);
        CHECK(mkdtemp(fuzz_folder_path) != NULL && atexit(fuzz_folder_remove) == 0);
        return fuzz_folder_path;
}

/* Replaces one of its files. */
static inline void fuzz_folder_write(const char *name, const void *data, size_t size) {
        _cleanup_close_ int fd = -EBADF;
        char path[300];

        (void) snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        CHECK(fd >= 0 && write_all(fd, data, size) >= 0);
}

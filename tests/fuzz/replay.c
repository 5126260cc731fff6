/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Replays a corpus through a fuzzer's function, with any compiler: each file given, or each file of
 * a folder given, counts as one test. A crash is the failure; it takes the program with it.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/file.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned passed, failed;

static void replay_file(const char *path) {
        _cleanup_buffer_ Buffer input = { 0 };

        if (file_read(path, 0, &input, NULL) < 0) {
                (void) fprintf(stderr, "%s: cannot be read\n", path);
                failed++;
                return;
        }
        /* A crash must be traceable to its input. */
        (void) fprintf(stderr, "%s\n", path);
        (void) LLVMFuzzerTestOneInput((const uint8_t *) buffer_text(&input), input.length);
        passed++;
}

static void replay_folder(const char *path) {
        DIR *dir = opendir(path);

        if (!dir) {
                (void) fprintf(stderr, "%s: cannot be opened\n", path);
                failed++;
                return;
        }
        for (struct dirent *entry; (entry = readdir(dir));) {
                _cleanup_free_ char *file = path_join(path, entry->d_name);

                if (file && entry->d_name[0] != '.')
                        replay_file(file);
        }
        (void) closedir(dir);
}

int main(int argc, char *argv[]) {
        struct stat st;

        for (int i = 1; i < argc; i++)
                if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
                        replay_folder(argv[i]);
                else
                        replay_file(argv[i]);
        (void) printf("%s: %u passed, %u failed\n", argv[0], passed, failed);
        return failed > 0 || passed == 0;
}

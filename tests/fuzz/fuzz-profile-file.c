/* SPDX-License-Identifier: Apache-2.0 */

/* The shared files. The first byte picks the kind; a file that is taken must answer for what it is
 * said to hold. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_visit(ProfileSectionKind kind,
                const char *name,
                const char *key,
                const char *value,
                void *userdata) {
        const ProfileFile *file = userdata;
        char *sub = NULL;

        if (kind == PROFILE_SECTION_PROFILE && !profile_file_has(file, name))
                abort();
        if (key && (!value || !profile_section_get(file, kind, name, key)))
                abort();
        if (profile_value_sub(value, "a", &sub) >= 0)
                free(sub);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        const char *why = NULL;
        uint32_t line = 0;

        /* Looking each property up again is quadratic, which is the test's fault. */
        if (size == 0 || size > 20000)
                return 0;
        if (profile_file_parse(data[0] % PROFILE_FILE_KIND_MAX, (const char *) data + 1, size - 1,
                            &file, &line, &why)
                        < 0) {
                if (!why || line == 0)
                        abort();
                return 0;
        }
        (void) profile_file_each(file, on_visit, file);
        return 0;
}

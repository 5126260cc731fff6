/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where a change can change the configuration
 *
 * The folders of the files, and those of each symbolic link on the way to them: a link that is
 * pointed elsewhere is another file.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "configuration.h"
#include "shares-folder.h"
#include "trusted-file.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

typedef struct Folders {
        char **items; /* ends with NULL */
        size_t count, capacity;
} Folders;

static int add(const char *folder, void *userdata) {
        Folders *folders = userdata;
        int r;

        for (size_t i = 0; i < folders->count; i++)
                if (streq(folders->items[i], folder))
                        return 0;
        r = ARRAY_RESERVE(folders->items, folders->capacity, folders->count + 2);
        if (r < 0)
                return r;
        /* The list ends there, whether the copy can be made or not. */
        folders->items[folders->count] = folders->items[folders->count + 1] = NULL;
        r = text_copy(folder, &folders->items[folders->count]);
        if (r >= 0)
                folders->count++;
        return r;
}

/* Files of a shares folder may be links into another one. A folder that cannot be listed has none
 * to watch but itself. */
static int add_files(const char *path, Folders *folders) {
        _cleanup_names_ char **names = NULL;
        int r = 0;

        if (shares_folder_list(path, CONFIGURATION_FILES_MAX, &names) == -ENOMEM)
                return -ENOMEM;
        for (char **name = names; name && *name && r >= 0; name++) {
                _cleanup_free_ char *full = path_join(path, *name);

                if (!full)
                        return -ENOMEM;
                if (!shares_folder_skip_reason(*name))
                        r = path_visit_folders(full, add, folders);
        }
        return r;
}

static int add_path(const char *path, Folders *folders) {
        int r = path_visit_folders(path, add, folders);

        return r < 0 || !path_is_folder(path) ? r : add_files(path, folders);
}

char **configuration_folders(const ConfigurationPaths *paths) {
        Folders folders = { 0 };
        int r;

        r = add_path(paths->settings ? paths->settings : CONFIGURATION_SETTINGS, &folders);
        for (size_t i = 0; i < paths->n_shares && r >= 0; i++)
                r = add_path(paths->shares[i], &folders);
        if (paths->n_shares == 0 && r >= 0)
                r = add_path(CONFIGURATION_SHARES, &folders);
        if (paths->n_shares == 0 && r >= 0)
                r = add_path(CONFIGURATION_SHARES_DIR, &folders);
        if (r >= 0)
                return folders.items;
        names_free(folders.items);
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What lies in a shares folder. */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shares-folder.h"
#include "util/mem.h"
#include "util/string-util.h"

void names_free(char **names) {
        for (char **name = names; name && *name; name++)
                free(*name);
        free(names);
}

bool path_is_folder(const char *path) {
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_with(const char *name, const char *ending) {
        size_t n = strlen(name), m = strlen(ending);

        return n > m && streq(name + n - m, ending);
}

/* What editors and package managers leave behind beside the file they were at. */
static bool is_leftover(const char *name) {
        static const char *const endings[] = {
                "~",
                ".dpkg-old",
                ".dpkg-new",
                ".dpkg-dist",
                ".dpkg-bak",
                ".dpkg-backup",
                ".dpkg-remove",
                ".dpkg-tmp",
                ".ucf-old",
                ".ucf-new",
                ".ucf-dist",
                ".rpmnew",
                ".rpmsave",
                ".rpmorig",
                ".swp",
                ".bak",
                ".orig",
                ".rej",
                ".tmp",
        };

        for (size_t i = 0; i < ELEMENTSOF(endings); i++)
                if (ends_with(name, endings[i]))
                        return true;
        return name[0] == '#';
}

const char *shares_folder_skip_reason(const char *name) {
        if (is_leftover(name))
                return "left behind by an editor or a package manager; merge it, or delete it";
        if (name[0] == '.')
                return "its name begins with a dot; files in a shares folder end in .yaml";
        if (!ends_with(name, ".yaml") && !ends_with(name, ".yml"))
                return "its name does not end in .yaml; rename it if it declares shares";
        return NULL;
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int shares_folder_list(const char *path, size_t max, char ***ret) {
        _cleanup_names_ char **names = NULL;
        size_t n = 0, capacity = 0;
        DIR *dir = opendir(path);
        int r = 0;

        if (!dir)
                return -errno;
        for (struct dirent *entry; r >= 0 && (entry = readdir(dir));) {
                if (streq(entry->d_name, ".") || streq(entry->d_name, ".."))
                        continue;
                if (n == max) {
                        r = -E2BIG;
                        break;
                }
                r = ARRAY_RESERVE(names, capacity, n + 2);
                if (r < 0)
                        break;
                names[n] = strdup(entry->d_name);
                names[n + 1] = NULL;
                if (!names[n++])
                        r = -ENOMEM;
        }
        (void) closedir(dir);
        if (r < 0)
                return r;

        if (n > 0)
                qsort(names, n, sizeof(char *), compare_strings);
        *ret = TAKE_PTR(names);
        return 0;
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What lies in a shares folder, and which of it counts. */

#include <stdbool.h>
#include <stddef.h>

#include "util/macro.h"

/* A list that ends with NULL, with its strings. */
void names_free(char **names);

static inline void names_freep(char ***names) {
        names_free(*names);
}
#define _cleanup_names_ _cleanup_(names_freep)

/* Whether a path is a folder, by a link too. */
bool path_is_folder(const char *path);

/* The names in a folder, sorted; the caller frees them. *ret is NULL where there are none. 0 or a
 * negative errno, -E2BIG where there are more than max. */
int shares_folder_list(const char *path, size_t max, char ***ret);

/* Why a file of this name does not count, and what to do; NULL: it counts. */
const char *shares_folder_skip_reason(const char *name);

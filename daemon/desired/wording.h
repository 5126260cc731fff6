#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* How key paths and what was found are written in a fault. */

#include <stddef.h>

#include "util/macro.h"

/*
 * A place in a tree, as a chain of locals up the stack: nothing is formatted unless there is a
 * fault.
 */
typedef struct KeyPath KeyPath;

struct KeyPath {
        const KeyPath *parent; /* NULL: the top of the file */
        const char *key; /* NULL: an item of a list */
        size_t index;
};

/* Deeper than any tree is. */
#define KEY_PATH_DEPTH_MAX 40

/*
 * "frameworks[3].recipients[0].regions[1]" as a new string; "" for NULL. NULL when out of memory.
 */
char *key_path_format(const KeyPath *path);

/* Room for show_text(). */
#define SHOWN_MAX 256

/*
 * Writes text in double quotes, shortened and without control characters, into `shown`; returns
 * it. /
 */
const char *show_text(const char *text, char shown[static SHOWN_MAX]);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Enums that have names: one table each, read in both directions. */

#include <stddef.h>

#include "util/string-util.h"

/* The index of name in a table of n names, or -1. Gaps (NULL) match nothing. */
static inline int enum_find(const char *const *names, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (names[i] && streq(names[i], name))
                        return (int) i;
        return -1;
}

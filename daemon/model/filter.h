#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A share, or several, as people name them: [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]], a framework by
 * its name or its id. */

#include <stdbool.h>

#include "util/macro.h"

typedef struct Filter {
        char *source, *framework, *account, *region; /* NULL: any */
} Filter;

/* 0, -EINVAL, -ENOMEM. Free with filter_done(). */
int filter_parse(const char *text, Filter *ret);

/* NULL is what is not known of the share. */
bool filter_matches(const Filter *filter,
                const char *source,
                const char *framework_id,
                const char *framework_name,
                const char *account,
                const char *region);

void filter_done(Filter *filter);

#define _cleanup_filter_ _cleanup_(filter_done)

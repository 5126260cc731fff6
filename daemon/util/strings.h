#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A pool of strings, each kept once
 *
 * A million records share a few hundred names and comments; a record holds a StringId of four
 * bytes. Ids are stable for the life of the pool; 0 is "no string".
 */

#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

typedef uint32_t StringId;
typedef struct Strings Strings;

/* A pool that holds up to `limit` bytes of text in all. 0 or -ENOMEM. */
int strings_new(size_t limit, Strings **ret);
Strings *strings_free(Strings *strings);

/* The id of text (copied at its first use; NULL is id 0). 0, -ENOMEM, or -EFBIG when the pool is
 * full. */
int strings_add(Strings *strings, const char *text, StringId *ret);
int strings_add_n(Strings *strings, const char *text, size_t length, StringId *ret);

/* How many texts there are: the highest id. */
size_t strings_count(const Strings *strings);

/* The text of an id of this pool, NULL for 0; owned by the pool. */
const char *strings_get(const Strings *strings, StringId id);

DEFINE_CLEANUP(Strings, strings_free)

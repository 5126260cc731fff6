#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* JSON, read and written with jansson: one place for the flags, and for the ways in which a member
 * can be unusable. */

#include <jansson.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buffer.h"
#include "util/macro.h"

/*
 * Reads one JSON value (RFC 8259), whole; the last of doubled members counts, as everywhere. 0,
 * -ENOMEM, or -EBADMSG for what is no JSON.
 */
int json_read(const void *text, size_t length, json_t **ret);

/*
 * The same into an arena, at a third less of the price: no reference to a value of it is given
 * back or taken, and all end with the arena.
 */
int json_read_into(Arena *arena, const void *text, size_t length, const json_t **ret);

/* The same of the value that a longer text begins with, and how many bytes it took. */
int json_read_first(const void *text, size_t length, size_t *ret_used, json_t **ret);

/*
 * Text of a value, with jansson's flags for writing; freed by the caller. NULL is a value that
 * could not be made. 0 or -ENOMEM: what is returned is whole, which json_dumps() does not promise.
 */
int json_write(const json_t *json, size_t flags, char **ret);

/*
 * Appends text as a JSON string, as json_write() would write it, or null for NULL: for what is
 * written too often to be made into a value first. What is no UTF-8 becomes U+FFFD. As
 * buffer_append().
 */
int json_add_text(Buffer *out, const char *text);

/*
 * The text of a member, owned by the object. NULL where the member is absent or null, is no string,
 * or holds a NUL, behind which whoever takes it for a C string would not see the rest.
 */
const char *json_text(const json_t *object, const char *key);

/* A string of text that may be anything, such as the name of a file: JSON is UTF-8, and what is
 * none becomes U+FFFD; null for NULL. NULL when out of memory. */
json_t *json_from_text(const char *text);

/* json_decrefp() is jansson's own. */
#define _cleanup_json_ _cleanup_(json_decrefp)

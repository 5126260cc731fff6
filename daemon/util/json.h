#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* JSON answers, read with jansson: one place for the flags, and for the ways in which a member can
 * be unusable. */

#include <jansson.h>
#include <stddef.h>

#include "util/macro.h"

/*
 * Reads one JSON value (RFC 8259), whole; the last of doubled members counts, as everywhere. 0,
 * -ENOMEM, or -EBADMSG for what is no JSON.
 */
int json_read(const void *text, size_t length, json_t **ret);

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

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Leaving members out of a JSON text before it is parsed
 *
 * Parsing takes most of the time of a pass over very many shares, and a third of a listing is
 * members that nobody here reads. They are left out where the text alone is certain:
 *
 *     ,"NAME":VALUE    before a comma or a closing brace, VALUE being a whole number or a string of
 *                      printable ASCII without a backslash
 *
 * In JSON this stands in no string, where a quotation mark is escaped; so it is a member, or the
 * text is no JSON. All else is left to the parser.
 */

#include <stddef.h>

/*
 * Copies the text without the members of these names, which end with NULL, to `to`, which has room
 * for `length` bytes and may be the text itself. Returns how many were written.
 */
size_t json_prune(const char *text, size_t length, const char *const *names, char *to);

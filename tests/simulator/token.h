#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * nextToken: where a listing goes on, in a form that clients cannot read or make up
 */

#include "request.h"

/* The listing is any text that names it: a token of one is refused by another. Tokens of the same
 * position differ if their nonces do. */
char *token_make(World *w, const char *listing, const SharePosition *position, uint64_t nonce);
int token_read(World *w, const char *listing, const char *token, SharePosition *ret);

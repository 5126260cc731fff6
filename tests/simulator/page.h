#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the listings have in common
 */

#include "call.h"
#include "request.h"

char *listing_name(const Call *c);
size_t page_size(const Call *c);

/* Returns false, and answers, if there is a token that this listing did not give. */
bool page_begin(Call *c, const char *listing, SharePosition *position, bool *ret_from_start);

/* Closes the list and the object around it, with a token if there is a last record to go on from.
 */
void page_end(Call *c, const char *listing, const SharePosition *last);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Reset: what memory holds against shares is forgotten, because a person said so. */

#include <stddef.h>

#include "model/filter.h"
#include "model/settings.h"
#include "record/memory.h"

/*
 * Resets the shares that the filter names, durably. 0, with how many there were (perhaps none), or
 * a negative errno, with which some may have been reset. What a running pass sends just then is not
 * called back; what AWS answers to it counts anew.
 */
int reset_shares(Memory *memory, const Settings *settings, const Filter *filter, size_t *ret_n);

/* What came of it, for people, as a new string; NULL when out of memory. `share`: the filter as it
 * was written. */
char *reset_summary(const char *share, size_t n);
char *reset_failure(const char *share, int error);

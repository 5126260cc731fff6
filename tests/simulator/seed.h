#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The seed: what exists before the first call
 */

#include <jansson.h>

#include "world.h"

/* Adds what the document names to the world; what exists already is changed. 0, or -EINVAL with the
 * reason in reterr_message, to be freed: then a part may have been added. */
int seed_apply(World *w, const json_t *document, char **reterr_message);
int seed_load(World *w, const char *path, char **reterr_message);

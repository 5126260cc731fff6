#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* JSON that can hold a secret. */

#include "util/json.h"

/* As json_decref(), and overwrites every text in it. */
json_t *json_wipe(json_t *json);

static inline void json_wipep(json_t **json) {
        (void) json_wipe(*json);
}
#define _cleanup_json_secret_ _cleanup_(json_wipep)

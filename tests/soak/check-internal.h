#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What both halves of the checker look at. */

#include "check.h"

static inline Known *known_of(const Aws *aws, unsigned key) {
        return &now.known[aws->index][key];
}

/* A warning is given; the pass of a source has ended; the process was started again, and this is
 * what it remembers (NULL: nothing); see check-held.c. */
void check_held_event(const Aws *aws, unsigned key, Condition condition, Reason reason);
void check_held(const Aws *aws);
void check_held_remains(const Aws *aws, unsigned key, const ShareMemory *memory, bool kept);

static inline const char *shown_text(const State *state) {
        return *state->odd ? state->odd : share_status_name(state->status);
}

static inline bool is_whole(const Aws *aws) {
        return aws->requests_whole && aws->frameworks_whole && !aws->listing_failed;
}

static inline const char *source_key_of(const Aws *aws, char text[static SOURCE_KEY_TEXT_MAX]) {
        return source_key(&now.settings->sources[aws->index], text);
}

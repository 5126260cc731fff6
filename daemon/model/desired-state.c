/* SPDX-License-Identifier: Apache-2.0 */

/* The desired state as values. */

#include <stdlib.h>

#include "model/desired-state.h"
#include "util/hash.h"

uint32_t desired_share_declaration(const DesiredState *desired,
                const DesiredFramework *framework,
                const DesiredShare *share) {
        const char *comment = strings_get(desired->strings, share->comment);
        uint64_t hash = hash_stable(
                        HASH_STABLE_SEED, &framework->declaration, sizeof(framework->declaration));

        if (comment)
                hash = hash_stable(hash, comment, strlen(comment) + 1);
        hash ^= hash >> 32;
        return (uint32_t) hash | 1;
}

DesiredState *desired_state_free(DesiredState *desired) {
        if (!desired)
                return NULL;

        free(desired->frameworks);
        free(desired->shares);
        (void) strings_free(desired->strings);
        free(desired);
        return NULL;
}

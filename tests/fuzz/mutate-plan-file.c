/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Inputs that are a saved plan: JSON with a checksum over the rest of it
 *
 * Computed here once more: what is sealed by the code that is tested would agree with it in its
 * errors.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json-tree.h"
#include "util/hash.h"
#include "util/json.h"
#include "util/mem.h"

static json_t *seal(json_t *json) {
        _cleanup_free_ char *text = NULL;
        char sum[17];

        if (!json_is_object(json))
                return json;
        (void) json_object_del(json, "checksum");
        if (json_write(json, JSON_COMPACT | JSON_SORT_KEYS, &text) < 0)
                return json;
        (void) snprintf(sum, sizeof(sum), "%016" PRIx64,
                        hash_stable(HASH_STABLE_SEED, text, strlen(text)));
        (void) json_object_set_new(json, "checksum", json_string(sum));
        return json;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
        json_t *json = NULL;
        size_t n;

        if (tree_random(&seed, 16) == 0 || json_read(data, size, &json) < 0)
                return LLVMFuzzerMutate(data, size, max_size);
        n = tree_write(seal(tree_mutate(json, &seed)), data, max_size);
        return n > 0 ? n : LLVMFuzzerMutate(data, size, max_size);
}

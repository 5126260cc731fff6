/* SPDX-License-Identifier: Apache-2.0 */

/* Inputs that are one JSON value. */

#include "json-tree.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
        return tree_mutate_text(data, size, max_size, &seed);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Inputs of fuzz-answer.c: a byte that says which operation, then JSON. */

#include "json-tree.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
        if (size < 2 || tree_random(&seed, 16) == 0)
                return LLVMFuzzerMutate(data, size, max_size);
        return 1 + tree_mutate_text(data + 1, size - 1, max_size - 1, &seed);
}

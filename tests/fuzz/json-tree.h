#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Changes to JSON that leave it JSON, for the mutators of fuzzers. */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's own mutator. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* The next of a row of random numbers, below n (> 0). */
size_t tree_random(unsigned *seed, size_t n);

/* Changes a value in some places; returns it, or the one that takes its place. Steals `json`. */
json_t *tree_mutate(json_t *json, unsigned *seed);

/* Writes a value over data, in one line; its length, or 0 where it has no room. Steals `json`. */
size_t tree_write(json_t *json, uint8_t *data, size_t max_size);

/* Both on text; mutates plainly what is no JSON, and now and then what is. The new length. */
size_t tree_mutate_text(uint8_t *data, size_t size, size_t max_size, unsigned *seed);

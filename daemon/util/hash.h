#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Hashes for tables in memory: keyed with a random number of this process, so never stored. */

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *data, size_t n);

/* FNV-1a: not keyed, the same in every process, for what files remember. */
uint64_t hash_stable(uint64_t seed, const void *data, size_t n);
#define HASH_STABLE_SEED UINT64_C(0xcbf29ce484222325)

/* CRC-32C (RFC 3720, appendix B.4), for finding torn and rotten records. */
uint32_t crc32c(const void *data, size_t n);

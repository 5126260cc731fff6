/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Hashes
 *
 * hash_bytes() is a multiply-and-fold over eight bytes at a time (as wyhash does it), keyed once
 * for the process.
 */

#include <stdbool.h>
#include <string.h>

#include "util/hash.h"
#include "util/random.h"

static uint64_t fold(uint64_t a, uint64_t b) {
        __extension__ typedef unsigned __int128 Wide;
        Wide product = (Wide) a * b;

        return (uint64_t) product ^ (uint64_t) (product >> 64);
}

uint64_t hash_bytes(const void *data, size_t n) {
        static uint64_t key;
        const unsigned char *p = data;
        uint64_t hash, word;

        if (key == 0)
                key = random_u64() | 1;

        hash = key ^ n;
        for (; n >= 8; p += 8, n -= 8) {
                memcpy(&word, p, 8);
                hash = fold(hash ^ word, UINT64_C(0x9e3779b97f4a7c15));
        }
        word = 0;
        memcpy(&word, p, n);
        return fold(hash ^ word, key ^ UINT64_C(0xa0761d6478bd642f));
}

uint64_t hash_stable(uint64_t seed, const void *data, size_t n) {
        const unsigned char *p = data;

        for (size_t i = 0; i < n; i++)
                seed = (seed ^ p[i]) * UINT64_C(0x100000001b3);
        return seed;
}

uint32_t crc32c(const void *data, size_t n) {
        static uint32_t table[256];
        static bool ready;
        const unsigned char *p = data;
        uint32_t crc = UINT32_MAX;

        if (!ready) {
                for (uint32_t i = 0; i < 256; i++) {
                        uint32_t c = i;

                        for (int bit = 0; bit < 8; bit++)
                                c = c & 1 ? c >> 1 ^ UINT32_C(0x82f63b78) : c >> 1;
                        table[i] = c;
                }
                ready = true;
        }

        for (size_t i = 0; i < n; i++)
                crc = table[(crc ^ p[i]) & 0xff] ^ crc >> 8;
        return ~crc;
}

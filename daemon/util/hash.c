/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Hashes
 *
 * hash_bytes() is a multiply-and-fold over eight bytes at a time (as wyhash does it), keyed once
 * for the process.
 */

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

/*
 * Eight bytes at a time ("slicing-by-8"): crc_tables[k][b] is what the byte b comes to once k more
 * zeros have followed it, and CRCs add up by exclusive or.
 */
static uint32_t crc_tables[8][256];

static void make_crc_tables(void) {
        for (uint32_t i = 0; i < 256; i++) {
                uint32_t c = i;

                for (int bit = 0; bit < 8; bit++)
                        c = c & 1 ? c >> 1 ^ UINT32_C(0x82f63b78) : c >> 1;
                crc_tables[0][i] = c;
        }
        for (size_t k = 1; k < 8; k++)
                for (size_t i = 0; i < 256; i++) {
                        uint32_t c = crc_tables[k - 1][i];

                        crc_tables[k][i] = c >> 8 ^ crc_tables[0][c & 0xff];
                }
}

static uint32_t little_endian(const unsigned char *p) {
        return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
                        | (uint32_t) p[3] << 24;
}

/* Of four bytes that `zeros` more follow. */
static uint32_t crc_of_four(uint32_t word, size_t zeros) {
        return crc_tables[zeros + 3][word & 0xff] ^ crc_tables[zeros + 2][word >> 8 & 0xff]
                        ^ crc_tables[zeros + 1][word >> 16 & 0xff] ^ crc_tables[zeros][word >> 24];
}

uint32_t crc32c(const void *data, size_t n) {
        const unsigned char *p = data;
        uint32_t crc = UINT32_MAX;

        if (crc_tables[0][1] == 0)
                make_crc_tables();

        for (; n >= 8; p += 8, n -= 8)
                crc = crc_of_four(crc ^ little_endian(p), 4) ^ crc_of_four(little_endian(p + 4), 0);
        for (; n > 0; p++, n--)
                crc = crc_tables[0][(crc ^ *p) & 0xff] ^ crc >> 8;
        return ~crc;
}

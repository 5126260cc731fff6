/* SPDX-License-Identifier: Apache-2.0 */

/* CRC-32C: the vectors of RFC 3720, B.4, and each length against the definition, bit by bit. */

#include <string.h>

#include "test.h"
#include "util/hash.h"

static void test_vectors(void) {
        unsigned char zeros[32], ones[32], up[32], down[32];
        const struct {
                const char *name;
                const void *data;
                size_t length;
                uint32_t crc;
        } vectors[] = {
                { "nothing", "", 0, 0 },
                { "digits", "123456789", 9, 0xe3069283 },
                { "zeros", zeros, sizeof(zeros), 0x8a9136aa },
                { "ones", ones, sizeof(ones), 0x62a8ab43 },
                { "up", up, sizeof(up), 0x46dd794e },
                { "down", down, sizeof(down), 0x113fdb5c },
        };

        memset(zeros, 0, sizeof(zeros));
        memset(ones, 0xff, sizeof(ones));
        for (size_t i = 0; i < sizeof(up); i++) {
                up[i] = (unsigned char) i;
                down[i] = (unsigned char) (sizeof(down) - 1 - i);
        }
        for (size_t i = 0; i < ELEMENTSOF(vectors); i++) {
                test_row(vectors[i].name);
                ASSERT_EQ(vectors[i].crc, crc32c(vectors[i].data, vectors[i].length));
        }
}

static uint32_t bit_by_bit(const unsigned char *data, size_t n) {
        uint32_t crc = UINT32_MAX;

        for (size_t i = 0; i < 8 * n; i++) {
                uint32_t bit = (crc ^ (uint32_t) data[i / 8] >> i % 8) & 1;

                crc = crc >> 1 ^ (bit ? 0x82f63b78 : 0);
        }
        return ~crc;
}

static void test_lengths(void) {
        unsigned char data[64];

        test_row("from any place, of any length");
        for (size_t i = 0; i < sizeof(data); i++)
                data[i] = (unsigned char) (i * 167 + 13);
        for (size_t from = 0; from < 8; from++)
                for (size_t n = 0; from + n <= sizeof(data); n++)
                        ASSERT_EQ(bit_by_bit(data + from, n), crc32c(data + from, n));
}

int main(void) {
        test_vectors();
        test_lengths();
        return test_end();
}

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Draws: a generator whose numbers follow from the seed alone (splitmix64, Steele and others,
 * 2014). */

#include <stdbool.h>
#include <stdint.h>

typedef struct Draw {
        uint64_t state;
} Draw;

static inline uint64_t draw(Draw *d) {
        uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

/* 0 up to, and without, n. */
static inline unsigned draw_below(Draw *d, unsigned n) {
        return (unsigned) ((draw(d) >> 32) % n);
}

static inline int64_t draw_between(Draw *d, int64_t low, int64_t high) {
        return low + (int64_t) (draw(d) % (uint64_t) (high - low + 1));
}

static inline bool draw_chance(Draw *d, unsigned per_mille) {
        return draw_below(d, 1000) < per_mille;
}

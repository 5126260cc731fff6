#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Pace: how many requests may leave, and how many may be under way
 *
 * Pure. In any one second no more requests leave than the rate allows; a burst of that many is
 * fine, which spares small passes from waiting. Times are CLOCK_MONOTONIC.
 */

#include <stdbool.h>
#include <stdint.h>

/* The quota is 20 a second; a higher rate counts as this one. */
#define PACE_RATE_MAX 64

typedef struct Pace {
        uint32_t rate; /* requests a second; 0: unlimited */
        uint32_t concurrency;
        uint32_t in_flight;
        uint64_t n_sent;
        int64_t sent_usec[PACE_RATE_MAX]; /* the latest ones, at n_sent modulo its length */
} Pace;

void pace_set(Pace *pace, uint32_t rate, uint32_t concurrency);

/* How long to wait before the next request: 0 for none, TIME_INFINITY until one under way has
 * ended. */
int64_t pace_wait(const Pace *pace, int64_t now_usec);

/* One request leaves; one has ended, whatever became of it. */
void pace_begin(Pace *pace, int64_t now_usec);
void pace_end(Pace *pace);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * When credentials are to be fetched anew
 *
 * Pure: (expiry, now) → times. Ahead of their end twice: first so that calls go on meanwhile, later
 * so that they wait for it. Credentials that live short are refreshed after two thirds of their
 * life.
 */

#include <stdbool.h>
#include <stdint.h>

#define REFRESH_ADVISORY_USEC  (15 * USEC_PER_MINUTE)
#define REFRESH_MANDATORY_USEC (5 * USEC_PER_MINUTE)

/* A metadata service that is in trouble hands out what has expired; it is asked again after this
 * and up to twice as long. */
#define REFRESH_EXPIRED_USEC (5 * USEC_PER_MINUTE)

typedef struct RefreshTimes {
        int64_t advisory_usec; /* from now on they should be new ones */
        int64_t mandatory_usec; /* from now on they must be, where any can be had */
        int64_t end_usec; /* from now on they are used no more */
} RefreshTimes;

/* For credentials just fetched. TIME_INFINITY: never. random is from [0, 1). */
RefreshTimes refresh_times(int64_t expires_usec, bool may_outlive, int64_t now_usec, double random);

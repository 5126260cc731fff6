/* SPDX-License-Identifier: Apache-2.0 */

/* When credentials are to be fetched anew. */

#include "aws/credentials-refresh.h"
#include "util/macro.h"
#include "util/time.h"

RefreshTimes refresh_times(int64_t expires_usec, bool may_outlive, int64_t now, double random) {
        int64_t life = expires_usec - now, again;

        if (expires_usec == TIME_INFINITY)
                return (RefreshTimes){ TIME_INFINITY, TIME_INFINITY, TIME_INFINITY };
        if (expires_usec <= now && may_outlive) {
                again = REFRESH_EXPIRED_USEC + (int64_t) (random * (double) REFRESH_EXPIRED_USEC);
                return (RefreshTimes){ time_add(now, again), time_add(now, again), TIME_INFINITY };
        }
        if (expires_usec <= now)
                return (RefreshTimes){ expires_usec, expires_usec, expires_usec };

        return (RefreshTimes){
                .advisory_usec = expires_usec - MIN(life / 3, REFRESH_ADVISORY_USEC),
                .mandatory_usec = expires_usec - MIN(life / 3, REFRESH_MANDATORY_USEC),
                .end_usec = expires_usec,
        };
}

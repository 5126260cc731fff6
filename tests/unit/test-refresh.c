/* SPDX-License-Identifier: Apache-2.0 */

/* When credentials are to be fetched anew: a table of lives, and what holds for all of them. */

#include "aws/credentials-refresh.h"
#include "test.h"
#include "util/time.h"

#define NOW  (INT64_C(1800000000) * USEC_PER_SEC)
#define MIN_ USEC_PER_MINUTE

static const struct {
        const char *name;
        int64_t expires; /* from now; TIME_INFINITY: never */
        bool may_outlive;
        double random;
        int64_t advisory, mandatory, end; /* from now */
} rows[] = {
        { "for ever", TIME_INFINITY, false, 0, TIME_INFINITY, TIME_INFINITY, TIME_INFINITY },
        { "twelve hours", 720 * MIN_, false, 0, 705 * MIN_, 715 * MIN_, 720 * MIN_ },
        { "an hour", 60 * MIN_, false, 0, 45 * MIN_, 55 * MIN_, 60 * MIN_ },
        { "45 minutes: a third is the 15 minutes", 45 * MIN_, false, 0, 30 * MIN_, 40 * MIN_,
                        45 * MIN_ },
        { "half an hour: a third of it", 30 * MIN_, false, 0, 20 * MIN_, 25 * MIN_, 30 * MIN_ },
        { "15 minutes", 15 * MIN_, false, 0, 10 * MIN_, 10 * MIN_, 15 * MIN_ },
        { "nine minutes", 9 * MIN_, false, 0, 6 * MIN_, 6 * MIN_, 9 * MIN_ },
        { "a microsecond", 1, false, 0, 1, 1, 1 },
        { "just ended", 0, false, 0, 0, 0, 0 },
        { "long ended", -60 * MIN_, false, 0, -60 * MIN_, -60 * MIN_, -60 * MIN_ },
        { "metadata, alive", 60 * MIN_, true, 0.5, 45 * MIN_, 55 * MIN_, 60 * MIN_ },
        { "metadata, ended", -60 * MIN_, true, 0, 5 * MIN_, 5 * MIN_, TIME_INFINITY },
        { "metadata, ended, later", 0, true, 0.5, 15 * MIN_ / 2, 15 * MIN_ / 2, TIME_INFINITY },
};

static int64_t from_now(int64_t usec) {
        return usec == TIME_INFINITY ? TIME_INFINITY : usec - NOW;
}

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int64_t expires = rows[i].expires == TIME_INFINITY ? TIME_INFINITY
                                                                   : NOW + rows[i].expires;
                RefreshTimes times =
                                refresh_times(expires, rows[i].may_outlive, NOW, rows[i].random);

                test_row(rows[i].name);
                ASSERT_EQ(rows[i].advisory, from_now(times.advisory_usec));
                ASSERT_EQ(rows[i].mandatory, from_now(times.mandatory_usec));
                ASSERT_EQ(rows[i].end, from_now(times.end_usec));
        }

        test_row("advisory comes first, and neither after the end");
        for (int64_t life = 1; life < 13 * USEC_PER_HOUR; life += life / 7 + 1) {
                RefreshTimes times = refresh_times(NOW + life, false, NOW, 0);

                ASSERT_TRUE(times.advisory_usec <= times.mandatory_usec);
                ASSERT_TRUE(times.mandatory_usec <= NOW + life);
                ASSERT_TRUE(times.advisory_usec >= NOW);
        }
        return test_end();
}

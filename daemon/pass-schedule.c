/* SPDX-License-Identifier: Apache-2.0 */

/* When the next pass begins. */

#include "pass-schedule.h"
#include "util/macro.h"

int64_t pass_patience(int64_t interval_usec) {
        return MIN(LAGGARD_PATIENCE_USEC, interval_usec);
}

int64_t pass_due(int64_t ended_usec, int64_t interval_usec, int64_t wanted_in_usec) {
        return time_add(ended_usec, MAX(PASS_GAP_USEC, MIN(interval_usec, wanted_in_usec)));
}

PassDecision pass_schedule(const PassSchedule *schedule, bool *include) {
        PassDecision decision = { .begin_usec = TIME_INFINITY };
        int64_t due = TIME_INFINITY;
        bool idle = false;

        for (size_t i = 0; i < schedule->n_turns; i++) {
                const SourceTurn *turn = &schedule->turns[i];

                include[i] = !turn->busy;
                idle |= !turn->busy;
                decision.waits |= turn->busy && !turn->left_behind;
                if (!turn->busy)
                        due = MIN(due, turn->due_usec);
        }
        if (!idle)
                return decision;

        /* The one that is due first takes all others along, as they can be listed together. */
        decision.begin_usec = MIN(MAX(due, schedule->quiet_usec), schedule->asked_usec);
        if (decision.waits)
                decision.begin_usec = time_add(decision.begin_usec, schedule->patience_usec);
        return decision;
}

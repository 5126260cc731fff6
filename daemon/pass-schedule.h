#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * When the next pass begins, and with which sources
 *
 * Pure. Sources take their passes together as long as they can: one that is still at work when the
 * others want their next pass is waited for, but for its sake nobody waits twice. Once they have
 * gone on without it, it is left behind until its pass ends, and then joins the next one.
 *
 * All times are CLOCK_MONOTONIC; TIME_INFINITY stands for never.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/time.h"

/* How long a source that is still at work is waited for, counted from the moment when a pass is
 * due. */
#define LAGGARD_PATIENCE_USEC (1 * USEC_PER_MINUTE)

/* Two passes are never closer than this, whatever deadline a share names. */
#define PASS_GAP_USEC (1 * USEC_PER_SEC)

/* What is known of one source. */
typedef struct SourceTurn {
        bool busy; /* at work in a pass */
        bool left_behind; /* and a later pass has begun without it */
        int64_t due_usec; /* of one that is not busy: when it wants its next pass */
} SourceTurn;

typedef struct PassSchedule {
        const SourceTurn *turns;
        size_t n_turns;
        int64_t asked_usec; /* since when somebody wants a pass at once, or TIME_INFINITY */
        int64_t quiet_usec; /* until then only a pass that was asked for begins */
        int64_t patience_usec;
} PassSchedule;

typedef struct PassDecision {
        int64_t begin_usec; /* TIME_INFINITY: no sooner than some source has ended */
        bool waits; /* for sources whose end would have it begin sooner */
} PassDecision;

/* For no source, patience outlasts the interval, for then two passes in a row would be late. */
int64_t pass_patience(int64_t interval_usec);

/*
 * When a source that has ended at ended_usec wants its next pass: after the interval, or as soon as
 * one of its shares wants to be looked at (wanted_in_usec from then; TIME_INFINITY: none does).
 */
int64_t pass_due(int64_t ended_usec, int64_t interval_usec, int64_t wanted_in_usec);

/* include (one for each source) tells who takes part: nobody, where begin_usec is TIME_INFINITY. */
PassDecision pass_schedule(const PassSchedule *schedule, bool *include);

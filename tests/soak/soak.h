#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One history: a world with a clock, sources, files that people edit, a disk, and the service
 *
 * There is one at a time, as the hooks of clock, disk and journal have nothing else to go by.
 */

#include "aws.h"
#include "declare.h"
#include "disk.h"
#include "draw.h"
#include "reconcile/pass.h"
#include "record/memory.h"
#include "util/macro.h"

#define SOURCES_MAX 2
#define SETTLE_MAX  (30 * USEC_PER_MINUTE)

/* In the environment of the service, and nowhere else. */
#define SOAK_SECRET "wJalrXUtnFEMI/K7MDENG"

/* What a start counts as. */
typedef enum Cause { CAUSE_NONE, CAUSE_RENEWAL, CAUSE_COMMENT } Cause;

/* The warning that a share is held, stalled or orphaned; see check-held.c. */
typedef struct Held {
        uint8_t condition, reason; /* of the last whole plan, or of the warning since */
        bool said; /* once, since they are these */
        bool sent; /* by that plan, or refused then or before */
        bool unsure; /* a crash may have lost the warning, or memory what was said */
} Held;

/* What the checker knows of one share; see check.c. */
typedef struct Known {
        Held held;
        char said[TEXT_MAX]; /* its last status in the journal, "" where none was */
        bool may_be_forgotten; /* the service may take it for a share that it never saw */
        bool interrupted; /* an intent that a crash left behind, not reported yet */
        int64_t sent_usec; /* true time of the last start that may have been processed; 0: none */
        int64_t lost_usec; /* true time of the last start whose outcome was said to be unknown; 0 */
        uint64_t sent_life; /* the life of the process that sent it */
        int64_t clear_usec; /* true time from which on a listing must be believed */
        int64_t version_usec; /* lastUpdatedAt listed before the last start that was processed */
        bool lifted; /* its declaration has changed since the last send */
        int64_t sent_error_usec; /* aws_clock_error() of what memory has of it */
        bool released; /* reset, and neither sent nor of another status since */
        uint64_t reset_pass; /* the pass in which, or before which, it was reset */
        unsigned renewals, attempts; /* sends, and requests of ours that were listed as FAILED,
                                        since something lifted that */
        unsigned comment_sends;
        Cause cause; /* of the start that is under way */
        int64_t sent_version_usec; /* lastUpdatedAt listed before it */
        Uuid revoked_id; /* the request that the service asked to revoke */
        int64_t under_way_usec; /* in the calm at the end: progressing since, or 0 */
} Known;

typedef struct Numbers {
        uint64_t passes, whole, writes, sends, crashes, powers, lost_lines, edits, refused, events,
                        unknown, excused, steps;
} Numbers;

typedef struct World {
        uint64_t seed;
        Draw draw;
        bool verbose, calm;
        int64_t true_usec, wall_offset_usec, boot_usec;
        bool stepped; /* the wall clock was set */
        bool clock_moves; /* of this history */
        bool slow; /* answers take their time, and calls go out one by one */
        uint64_t life; /* of the process: counted up by each crash */
        bool ghost; /* it has died; what it still does in this stack frame does not happen */
        Aws aws[SOURCES_MAX];
        unsigned n_sources;
        Known known[SOURCES_MAX][KEYS_MAX];
        Declared wanted, in_force;
        Settings *settings;
        DesiredState *desired;
        Memory *memory;
        int64_t memory_lost_usec; /* true time; 0: never */
        Pass *pass;
        bool ended;
        bool died_in_pass;
        bool disk_trouble; /* in this pass */
        bool disk_troubled_life; /* in the life of this process */
        bool aborting; /* calls under way are being dropped, and their outcome is unknown */
        const Call *answering;
        unsigned n_answer_events;
        Numbers numbers;
        bool violated;
} World;

extern World now;

/* One line of the history. */
void trace(const char *format, ...) _printf_(1, 2);

/* An invariant does not hold: says so with the history that led here. Only the first one counts. */
void violate(const char *invariant, const char *format, ...) _printf_(2, 3);

/* The process dies here and now. power: what was not synced may be lost too. */
void crash(bool power, const char *where);

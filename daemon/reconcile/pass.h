#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A pass: observe, plan, apply, report, once
 *
 * Each source goes its own way, so that one that fails or hangs does not hold up another. Where
 * somebody is to look at the plan first, all of them wait between planning and applying.
 *
 * Several passes may run beside each other, as long as no source is at work in two of them. A
 * source that begins another pass is taken out of its last one with pass_release() before.
 *
 * Planning and reporting what was listed takes long with very many shares. Who has others to listen
 * to gives `work`, and does it a bit at a time with pass_work().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/desired-state.h"
#include "model/settings.h"
#include "model/share-service.h"
#include "reconcile/apply.h"
#include "reconcile/scope.h"
#include "record/memory.h"
#include "util/macro.h"

typedef struct Pass Pass;

typedef struct PassOptions {
        const Settings *settings;
        const DesiredState *desired;
        ShareService *const *services; /* one a source, in their order; borrowed */
        const bool *include; /* who takes part, one a source, at least one of them; NULL: all;
                                borrowed for pass_new() alone */
        Memory *memory;
        bool dry; /* plan only: memory is not stored, nothing is said or sent */
        bool confirm; /* stop between planning and applying, and call `planned` */
        uint32_t writes_max, revokes_max; /* 0: as in the settings */
        void (*planned)(Pass *pass, void *userdata); /* all sources are planned; then pass_apply()
                                                        or pass_free() */
        void (*work)(Pass *pass, void *userdata); /* may be NULL: then it is done at once; there is
                                                     work for pass_work(), soon but not from in
                                                     here */
        void (*progress)(Pass *pass, void *userdata); /* may be NULL: a write has ended */
        void (*source_ended)(Pass *pass, size_t source, void *userdata); /* may be NULL: nothing
                                more is done for it; must not free the pass */
        void (*ended)(Pass *pass, void *userdata); /* once, from the event loop, pass_work() or
                                                      pass_apply() */
        void *userdata;
} PassOptions;

typedef struct PassCounts {
        uint32_t desired, observed;
        uint32_t started, resent, revoked, failed, held; /* held: held and stalled ones */
        uint32_t planned, done; /* writes */
} PassCounts;

/* 0 or a negative errno with nothing begun. What options point to must outlive the pass. */
int pass_new(const PassOptions *options, Pass **ret);

/* Does some of the work that there is, for about so long. False, with nothing done, where there is
 * none. */
bool pass_work(Pass *pass, int64_t span_usec);

/* Goes on after `planned`. */
void pass_apply(Pass *pass);

/* Sends nothing more; `ended` is called when what is in flight has ended, and what was planned has
 * been reported. */
void pass_stop(Pass *pass);

/* Ends at once, keeping what was learnt; `ended` is not called. */
void pass_abort(Pass *pass);

Pass *pass_free(Pass *pass);

/* 32 hexadecimal digits: PASS_ID. */
const char *pass_id(const Pass *pass);
int64_t pass_started_usec(const Pass *pass);

/* Over the sources that took part, those that were released too. */
PassCounts pass_counts(const Pass *pass);

/* Whether a source was listed completely, no guard stepped in and every write was tried; false for
 * one that took no part. */
bool pass_source_is_whole(const Pass *pass, size_t source);

/* The same of all that took part. */
bool pass_is_whole(const Pass *pass);

/* Whether something is still to be done for the source. */
bool pass_source_is_busy(const Pass *pass, size_t source);

/* The earliest time at which a share wants to be looked at again, or TIME_INFINITY. */
int64_t pass_source_next_usec(const Pass *pass, size_t source);
int64_t pass_next_usec(const Pass *pass);

/* Drops the plan of a source that is not busy: what is said of its shares from now on comes from
 * memory. */
void pass_release(Pass *pass, size_t source);

/* Why a source has no plan or its plan was not applied; NULL: nothing is wrong with it. */
const char *pass_source_error(const Pass *pass, size_t source);

/* The scope of a source, or NULL where it could not be planned. Its plan has what became of each
 * share. */
const Scope *pass_scope(const Pass *pass, size_t source);

/* What memory knows of a source, plan or not: for scope_view_remembered(). */
Scope pass_remembered(const Pass *pass, size_t source);

/*
 * Calls `visit` for each share of each source, in their order and by key; where a source has no
 * plan, for those that memory knows. Stops at the first negative result and returns it. For a walk
 * that rests in between, reconcile/visit.h.
 */
int pass_visit(const Pass *pass,
                int (*visit)(const ShareView *view, void *userdata),
                void *userdata);

DEFINE_CLEANUP(Pass, pass_free)

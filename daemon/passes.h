#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The passes of the service: begun in time, published, and forgotten
 *
 * As a rule one runs at a time, over all sources. Where a source is still at work when the others
 * are due again, theirs runs beside its own (pass-schedule.h), so that there may be several; no
 * source is ever in two of them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "configuration.h"
#include "reconcile/pass.h"
#include "record/memory.h"
#include "session.h"
#include "util/macro.h"

typedef struct Passes Passes;

typedef struct PassesOptions {
        sd_event *event; /* borrowed */
        bool once; /* one pass, and no more */
        /* Nothing runs and nothing will begin by itself, after passes_stop() or for `once`.
         * clean: the last pass was whole, and nothing in it failed. */
        void (*over)(bool clean, void *userdata);
        /* A pass has ended, and every source has come to the end of one that began after
         * passes_ask() gave this ticket, or an earlier one (0: none). May be NULL. clean: those
         * passes were whole, and nothing in them failed. */
        void (*ended)(const Pass *pass, uint64_t ticket, bool clean, void *userdata);
        void *userdata;
} PassesOptions;

/* 0 or a negative errno. */
int passes_new(const PassesOptions *options, Passes **ret);

/* Ends at once what still runs; `over` is not called. */
Passes *passes_free(Passes *passes);

/* Has passes be made from now on, the first one at once. All borrowed; nothing may run. */
void passes_begin(Passes *passes,
                const Configuration *configuration,
                const Session *session,
                Memory *memory);

/* A pass as soon as possible, please. A ticket that `ended` gives back, greater than any before.
 * A pass that is cut short by passes_stop() does not count: that is for passes_begin() to make up.
 */
uint64_t passes_ask(Passes *passes);

/* What was wrong with a source in its latest pass, or NULL. Borrowed, and good within `ended`. */
const char *passes_source_error(const Passes *passes, size_t source);

/*
 * Ends early what runs and begins no more. `why` (static) is what people are told. False where
 * nothing runs; else `over` is called when the last pass has ended, perhaps before this returns.
 */
bool passes_stop(Passes *passes, const char *why);

/* After passes_stop(): what still runs ends at once, and what it has learnt is published. */
void passes_abort(Passes *passes);

bool passes_are_running(const Passes *passes);

/* When the latest pass began; CLOCK_MONOTONIC, 0: none has. For the watchdog. */
int64_t passes_begun_usec(const Passes *passes);

DEFINE_CLEANUP(Passes, passes_free)

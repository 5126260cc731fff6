#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A bar on the terminal that standard error is, drawn in place
 *
 * Messages go above it: while it is shown, what is written to standard error first takes the bar
 * away. Where standard error is no terminal there is none.
 */

#include <stdint.h>
#include <systemd/sd-event.h>

#include "reconcile/pass.h"
#include "util/macro.h"

typedef struct Progress Progress;

/* 0 or a negative errno; *ret is NULL where there is no terminal. `planned`: how many writes there
 * are to come. */
int progress_new(sd_event *event, const Pass *pass, uint32_t planned, Progress **ret);

/* A write has ended. NULL is fine. */
void progress_move(Progress *progress);

/* Takes the bar away. */
Progress *progress_free(Progress *progress);

DEFINE_CLEANUP(Progress, progress_free)

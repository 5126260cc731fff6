#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A plan for people, in Terraform's manner, and for programs. */

#include <stdbool.h>
#include <stdint.h>

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "model/action.h"
#include "model/settings.h"
#include "reconcile/pass.h"

/* How many shares there are of each kind. */
typedef struct PlanTally {
        uint32_t actions[ACTION_MAX];
        uint32_t unchanged, waiting, attention; /* attention: held or stalled */
        uint32_t orphaned, unmanaged;
        uint32_t unknown; /* of sources without a plan */
        uint32_t changes; /* starts, resends, revocations, deletions */
} PlanTally;

PlanTally plan_tally(const Pass *pass, const Settings *settings);

/* Held or stalled: nothing happens until a person does something. */
bool plan_wants_attention(const ShareView *view);

/*
 * The shares that something is done about or wrong with, by framework, those that are alike folded
 * where they are many; or all of them (`all`). The summary comes last. 0 or a negative errno.
 */
int plan_print(const Output *output, const Pass *pass, const Settings *settings, bool all);

/* One object, a share a line. 0 or a negative errno. */
int plan_print_json(const Output *output,
                const Pass *pass,
                const Settings *settings,
                uint32_t changes);

/* Says which sources have something wrong; returns how many. `said` (may be NULL): those of which
 * it has been said. */
size_t plan_report_errors(const Pass *pass, const Settings *settings, const bool *said);

typedef struct PlanGuards {
        uint32_t writes, revokes; /* let through */
        uint32_t writes_planned, revokes_planned;
        uint32_t writes_max, revokes_max;
} PlanGuards;

/* What the guards would let through. `say`: says which sources they would refuse. */
PlanGuards plan_check_guards(const Pass *pass, const Settings *settings, const Ctl *ctl, bool say);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A saved plan as JSON, both ways. */

#include <jansson.h>

#include "ctl/plan-saved.h"

/* A new object, or NULL when out of memory. */
json_t *saved_plan_to_json(const SavedPlan *plan);

/* 0; -ENOMEM; -EPROTONOSUPPORT for a version that a later program wrote; -EBADMSG for what is no
 * plan, or is not as it was written. */
int saved_plan_from_json(json_t *json, SavedPlan **ret);

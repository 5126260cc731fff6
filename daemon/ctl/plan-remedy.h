#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What would change it, where nothing is done about a share: the command, or the key of a file. */

#include "ctl/plan-words.h"

/*
 * Appends "'auditsharectl reset "Baseline/444455556666/eu-west-1"' lets it begin anew"; nothing
 * where there is no such thing. For several shares of the framework with the same reason
 * (`several`) the command has placeholders.
 */
void plan_remedy(Buffer *buffer, const PlanShare *share, bool several);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What calls do to the records of the model. */

#include "aws.h"

extern const ShareService aws_service;

/* ACTIVE or EXPIRING: a start goes over it. */
bool record_is_open(const Record *record);
const char *state_text(const State *state);

/* NULL: there is none, or it is gone. */
Record *aws_find_record(const Aws *aws, const Uuid *id);

void aws_change(Aws *aws, Record *record, ShareStatus status, const char *why);
void aws_make_gone(Aws *aws, Record *record, const char *why);

/* StartAssessmentFrameworkShare: the request that is open now. */
Record *aws_start(Aws *aws, unsigned key, const char *comment);

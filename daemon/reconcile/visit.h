#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A walk over the shares of one source by key, which can rest between any two of them
 *
 * By the plan of the source; where it has none, over those that memory knows. While the walk rests
 * the pass may go on, but it must not be freed, nor the source be released or begin another pass.
 */

#include <stddef.h>
#include <stdint.h>

#include "reconcile/pass.h"
#include "util/macro.h"

typedef struct ShareVisit {
        const Pass *pass;
        size_t source;
        Scope scope;
        uint32_t *order; /* of what memory knows; NULL: the plan's */
        size_t at, n;
} ShareVisit;

/* 0 or -ENOMEM. Ended with share_visit_done(). */
int share_visit_begin(const Pass *pass, size_t source, ShareVisit *ret);

/* 1 with the next share, as it is now; 0: there are no more; -ESTALE: the source was planned since
 * the walk began, and only a new one shows all of it. */
int share_visit_next(ShareVisit *visit, ShareView *ret);

void share_visit_done(ShareVisit *visit);

#define _cleanup_share_visit_ _cleanup_(share_visit_done)

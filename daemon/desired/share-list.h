#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A growing list of shares, each of which may stand in it once
 *
 * Shares are added span by span: a span is what one entry of a file declares. A share is told by
 * its recipient and the number of its span, which two spans have in common when they speak of the
 * same framework.
 */

#include <stddef.h>
#include <stdint.h>

#include "model/desired-state.h"

/* Over all files, groups expanded: as many as a listing may have (model/observation.h). */
#define SHARES_MAX ((size_t) 4 * 1000 * 1000)

typedef struct ShareSpan {
        uint32_t number;
        size_t first;
} ShareSpan;

/* Of the table of a list. */
typedef struct ShareSlot {
        uint32_t share; /* its index + 1; 0: the slot is empty */
        uint32_t hash;
} ShareSlot;

typedef struct ShareList {
        DesiredShare *shares;
        size_t n_shares, shares_capacity;
        Position *positions; /* of the shares: only errors need them */
        size_t positions_capacity;
        ShareSpan *spans;
        size_t n_spans, spans_capacity;
        ShareSlot *slots; /* a power of two, at most half full */
        size_t n_slots;
} ShareList;

/* What is added from now on belongs to a new span of that number. 0 or -ENOMEM. */
int share_list_begin(ShareList *list, uint32_t number);

/*
 * 0; 1 where the share is there already, with *ret_first set to its place and nothing added; -EFBIG
 * beyond SHARES_MAX; -ENOMEM.
 */
int share_list_add(ShareList *list,
                const DesiredShare *share,
                Position position,
                Position *ret_first);

void share_list_done(ShareList *list);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A second statement of the decision table, and the cells it is compared in. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/policy.h"
#include "model/share-memory.h"
#include "model/share.h"
#include "reconcile/decide.h"

/* Everything that one decision looks at, in one place. cell_input() points the input at the rest.
 */
typedef struct Cell {
        DecideInput input;
        ShareRequest request;
        ShareMemory memory;
        UnsettledMemory unsettled; /* for `memory`, as the next */
        OwnRequests own;
        Policy policy;
        bool observed;
        bool remembered;
} Cell;

const DecideInput *cell_input(Cell *cell);

/* What the document says; returns the name of the row that says it. */
const char *expected(const DecideInput *input, Decision *ret);

/* How many rows no call of expected() has come to; prints their names. */
size_t expected_unused(void);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The desired state: which frameworks are to be shared with whom
 *
 * As the shares files declare it, merged and checked. One DesiredFramework an entry of
 * `frameworks:`, in file order; its shares lie together, sorted by recipient. The same framework
 * may have several entries, but no share two.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fault.h"
#include "model/identifiers.h"
#include "model/policy.h"
#include "util/macro.h"
#include "util/strings.h"

typedef struct DesiredShare {
        Recipient recipient;
        StringId comment; /* of this recipient, else of the framework; 0 where neither declares one
                           */
        bool over_quota; /* its account is beyond limits.recipient_accounts, counted per source in
                            file order */
} DesiredShare;

typedef struct DesiredFramework {
        uint32_t source; /* index into Settings.sources */
        StringId name; /* 0 where declared by id */
        Uuid id; /* null where declared by name */
        int64_t pin_usec; /* TIME_UNKNOWN: none. A pin of whole seconds is stored as that second's
                             last microsecond */
        bool suspend;
        Policy policy; /* effective: defaults, settings, this entry */
        uint64_t declaration; /* stable hash of what was written for the entry: policy overrides and
                                 pin */
        Position position;
        size_t first_share, n_shares; /* in DesiredState.shares */
} DesiredFramework;

typedef struct DesiredState {
        DesiredFramework *frameworks;
        size_t n_frameworks;
        DesiredShare *shares;
        size_t n_shares;
        Strings *strings; /* names and comments */
} DesiredState;

/* What a change of must lift a stall: the entry, this recipient's comment. Never 0. */
uint32_t desired_share_declaration(const DesiredState *desired,
                const DesiredFramework *framework,
                const DesiredShare *share);

DesiredState *desired_state_free(DesiredState *desired);
DEFINE_CLEANUP(DesiredState, desired_state_free)

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A share as JSON: the same object in plan, apply, status and status.json. */

#include <stdint.h>

#include "model/action.h"
#include "model/identifiers.h"
#include "util/buffer.h"

/* Everything that is said of a share. Borrowed; NULL, 0 and TIME_UNKNOWN are what is not known. */
typedef struct ShareView {
        const char *source;
        const Uuid *framework_id;
        const char *framework_name;
        Recipient recipient;
        const Uuid *request_id;
        const char *status;
        Condition condition;
        Reason reason;
        ActionKind action;
        int64_t since_usec;
        int64_t expires_usec;
        int64_t next_attempt_usec;
        const char *comment;
        const char *error;
} ShareView;

/* Appends the object as a line without its line feed. As buffer_append(). */
int share_view_write(Buffer *out, const ShareView *view);

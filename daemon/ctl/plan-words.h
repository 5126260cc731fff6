#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What is done about a share and why, in plain words. */

#include <stdint.h>

#include "record/share-json.h"
#include "util/buffer.h"

/* "the recipient has not answered yet"; "" for REASON_NONE. */
const char *reason_words(Reason reason);

/* Appends "resend: expires in 12d". */
void plan_words(Buffer *buffer, const ShareView *view, int64_t now_usec);

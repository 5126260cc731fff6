#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What a client notices about its source, said once: also across restarts, for memory keeps a note
 * of what lasts. */

#include "aws/client.h"
#include "model/settings.h"
#include "record/memory.h"

void notice_report(Memory *memory, const Source *source, ClientNotice notice, const char *detail);

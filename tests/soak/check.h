#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The invariants; check.c says what each of them means. */

#include "soak.h"

/* Both listings of a source have come to their end; the service is about to hear of it. */
void check_listed(const Aws *aws);

/* A write reaches AWS. */
void check_call(Aws *aws, Call *call);

/* Its answer has been given to the service, and what that says of it must have been said. */
void check_before_answer(const Call *call);
void check_after_answer(const Call *call);

/* A start was given up before a byte of it had left. */
void check_not_sent(const Call *call);

/* A start has been processed, perhaps late. */
void check_processed(const Aws *aws, unsigned key);

void check_pass_end(void);

/* The process was started again. kept: no power failure took anything from its memory; flying:
 * calls were under way when it died. */
void check_restart(bool kept, bool flying);

/* Memory was damaged and set aside. */
void check_memory_lost(void);

/* A person lifts what is held of a share. */
void check_reset(const Aws *aws, unsigned key);

/* The environment's secret is in none of this. */
void check_secrets(const char *where, const char *data, size_t length);

/* Nothing has gone wrong for days. */
void check_calm(void);

/* Our own reading of the listing of this pass: the request that counts, or NULL. */
const Record *check_effective(const Aws *aws, unsigned key);

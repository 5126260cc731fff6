#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Publishing what a pass found: journal event, status file, metrics, and the line of systemctl
 * status. */

#include <stdbool.h>
#include <stdint.h>

#include "model/settings.h"
#include "reconcile/pass.h"
#include "session.h"

/* What is known of a source: by the pass that it took part in last. */
typedef struct PublishSource {
        const Pass *pass; /* NULL: what memory knows is all there is */
        bool left_behind; /* still at work in it, while the others have gone on */
} PublishSource;

/* What is published. Times are TIME_UNKNOWN where there is none. */
typedef struct PublishInput {
        const Pass *pass; /* the one that there is news of */
        const PublishSource *sources; /* one a source, in their order */
        const Settings *settings;
        const Session *session;
        int64_t now_usec;
        int64_t ended_usec; /* TIME_UNKNOWN while the pass runs */
        int64_t next_pass_usec;
        int64_t last_success_usec;
} PublishInput;

/* "Pass completed in 2s: 120 desired, …", or that it was not whole, as a new string; NULL when out
 * of memory. */
char *publish_summary(const Pass *pass, int64_t ended_usec);

/* Sends the event of a completed pass. */
void publish_completed(const Pass *pass, int64_t ended_usec);

/* Writes $RUNTIME_DIRECTORY/status.json. 0 or a negative errno. */
int publish_status(const PublishInput *input);

/* Writes $RUNTIME_DIRECTORY/auditshared.prom. 0 or a negative errno. */
int publish_metrics(const PublishInput *input);

/* "120 shares: 97 ready, 12 pending; next pass in 14min", as a new string; NULL when out of memory.
 */
char *publish_line(const PublishInput *input);

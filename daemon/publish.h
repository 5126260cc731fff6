#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Publishing what a pass found: journal event, status file, metrics, and the line of systemctl
 * status
 *
 * All but the event takes a walk over every share. It is made a bit at a time, as a Publication, so
 * that very many of them do not keep others waiting.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/settings.h"
#include "reconcile/pass.h"
#include "session.h"
#include "util/macro.h"

typedef struct Publication Publication;

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

/* Sends the event of a completed pass, or of one that was stopped and why. */
void publish_completed(const Pass *pass, int64_t ended_usec);
void publish_cut_short(const Pass *pass, const char *why);

/*
 * 0, or -ENOMEM. `sources` is borrowed for the call alone, all else for as long as the publication
 * lives; until then, no source may begin another pass.
 */
int publication_new(const PublishInput *input, Publication **ret);

/* Drops a status file that was not put in its place. */
Publication *publication_free(Publication *publication);

/*
 * Goes on until CLOCK_MONOTONIC says so, or a little longer. 1: there is more to do; 0: every share
 * was visited. -ESTALE: one has to begin anew, because a source was planned meanwhile; another
 * negative errno: it cannot.
 */
int publication_step(Publication *publication, int64_t until_usec);

/* Once every share was visited: puts $RUNTIME_DIRECTORY/status.json in its place and, of a pass
 * that has ended, writes auditshared.prom beside it and tells systemd. Says what fails. */
void publication_finish(Publication *publication);

DEFINE_CLEANUP(Publication, publication_free)

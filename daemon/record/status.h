#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The status file: what the service saw last, for auditsharectl and for whoever asks
 *
 * $RUNTIME_DIRECTORY/status.json, written share by share into a new file that then takes the place
 * of the old one, so that neither a reader nor a million shares is a problem.
 */

#include <stdint.h>

#include "record/share-json.h"
#include "util/macro.h"

typedef struct StatusWriter StatusWriter;

typedef struct StatusSource {
        const char *name;
        AccountId account; /* that it signs in to */
        const char *region;
        const char *error; /* NULL: none */
} StatusSource;

typedef struct StatusHeader {
        const char *pass_id;
        int64_t started_usec,
                        ended_usec; /* of the pass; ended_usec is TIME_UNKNOWN while it runs */
        int64_t next_pass_usec; /* TIME_UNKNOWN: none is planned */
        const char *result; /* "completed", "refused", "running" */
        const char *mode; /* "enforce", "observe" */
        const StatusSource *sources;
        size_t n_sources;
} StatusHeader;

/* $RUNTIME_DIRECTORY, else /run/auditshared. */
const char *status_default_directory(void);

#define STATUS_FILE_NAME "status.json"

/* Begins a new file in the folder, which is made where it can be. 0 or a negative errno. */
int status_writer_new(const char *directory, const StatusHeader *header, StatusWriter **ret);
int status_writer_add(StatusWriter *writer, const ShareView *view);

/* Ends the file and puts it in its place (mode 0644). 0, or the first error of all calls; the old
 * file is then untouched. */
int status_writer_commit(StatusWriter *writer);

/* Drops what was not committed. */
StatusWriter *status_writer_free(StatusWriter *writer);

DEFINE_CLEANUP(StatusWriter, status_writer_free)

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The status file, read
 *
 * A million shares are one value after another, each parsed when it is its turn: never more than
 * one of them is held. Nothing in the file is trusted: whatever has another type than it should
 * counts as not there.
 */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buffer.h"
#include "util/macro.h"

/* A million shares are about half of this. */
#define STATUS_FILE_MAX ((size_t) 1024 * 1024 * 1024)

typedef struct StatusFile {
        char *path;
        Buffer text;
        json_t *head; /* all members but the shares */
        int64_t written_usec; /* as the file system has it */
        size_t first_share; /* where in text the first element of the list is, or its end */
} StatusFile;

/* A share is an object. A negative result ends the visit, and is returned by it. */
typedef int (*StatusVisitor)(const json_t *share, void *userdata);

/*
 * Reads all of it, calling `visit` for each share before it is known that the rest makes sense. 0;
 * -ENOENT; -EBADMSG for what is no status file, -EPROTONOSUPPORT for one of a later version, or
 * another negative errno, each with *reterr_why, a new line for people that the caller frees.
 */
int status_file_read(const char *directory,
                StatusVisitor visit,
                void *userdata,
                StatusFile **ret,
                char **reterr_why);
StatusFile *status_file_free(StatusFile *file);

/* Once more through the shares. */
int status_file_visit(const StatusFile *file, StatusVisitor visit, void *userdata);

/* The text of a member, or NULL. */
const char *status_text(const json_t *object, const char *key);

/* The time of a member, or TIME_UNKNOWN. */
int64_t status_time(const json_t *object, const char *key);

DEFINE_CLEANUP(StatusFile, status_file_free)

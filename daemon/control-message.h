#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What auditsharectl and the running service say to each other: one line of JSON each way
 *
 *     {"version": 1, "verb": "reconcile", "wait": true}
 *     {"version": 1, "ok": true, "message": "Pass completed in …", "errors": []}
 *
 * Pure. Either side may be of another version; members that one does not know are passed over.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"

/* Its name in $RUNTIME_DIRECTORY. */
#define CONTROL_SOCKET_NAME "control"

/* A share's name is the longest thing that is ever asked about. */
#define CONTROL_REQUEST_MAX (16 * 1024U)

/* As many errors as Faults keep, each with a path and a name. */
#define CONTROL_ANSWER_MAX (16 * 1024 * 1024U)

typedef enum ControlVerb {
        CONTROL_RELOAD,
        CONTROL_RECONCILE,
        CONTROL_RESET,
        CONTROL_VERB_MAX
} ControlVerb;

typedef struct ControlRequest {
        ControlVerb verb;
        bool wait; /* reconcile: answer when the pass has ended */
        char *share; /* reset: [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]; else NULL */
} ControlRequest;

typedef struct ControlAnswer {
        bool ok;
        char *message; /* for people; may be "" */
        char **errors; /* lines, each as `check` prints them */
        size_t n_errors;
} ControlAnswer;

/* Appends the line, its line feed included. 0 or -ENOMEM. */
int control_request_write(const ControlRequest *request, Buffer *out);
int control_answer_write(const ControlAnswer *answer, Buffer *out);

/*
 * Reads what stands before the line feed. 0, -ENOMEM, -EBADMSG for what is no request,
 * -EPROTONOSUPPORT for a version or a verb that is not known. Free with the functions below.
 */
int control_request_read(const char *line, size_t length, ControlRequest *ret);
int control_answer_read(const char *line, size_t length, ControlAnswer *ret);

void control_request_done(ControlRequest *request);
void control_answer_done(ControlAnswer *answer);

#define _cleanup_control_request_ _cleanup_(control_request_done)
#define _cleanup_control_answer_  _cleanup_(control_answer_done)

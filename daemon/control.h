#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The control socket: $RUNTIME_DIRECTORY/control, where auditsharectl asks the running service
 *
 * One request a connection (control-message.h). Only root and the service's own user are heard:
 * by the socket's mode, and by the credentials that the kernel vouches for (unix(7), SO_PEERCRED).
 * Who hangs up before the answer has asked for it all the same.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "control-message.h"
#include "util/macro.h"

typedef struct Control Control;
typedef struct ControlCall ControlCall; /* one request, until it is answered */

/* Must answer the call or hold it, before it returns. */
typedef void (*ControlCallback)(ControlCall *call, const ControlRequest *request, void *userdata);

/* Connections at a time; whoever comes then is heard when one of them has gone. */
#define CONTROL_CALLS_MAX 16

/* So many of them may wait for as long as a pass takes: nobody else waits for those. */
#define CONTROL_HELD_MAX 12

/* How long a connection may take to say what it wants, and then to take the answer. */
#define CONTROL_PATIENCE_USEC (10 * USEC_PER_SEC)

/* 0 or a negative errno. The folder is made where it does not exist. */
int control_new(sd_event *event,
                const char *directory,
                ControlCallback callback,
                void *userdata,
                Control **ret);

/* Takes the socket away; who still waits for an answer gets none. */
Control *control_free(Control *control);

/* Answers, and has the call be gone. What does not reach the other end is lost. */
void control_answer(ControlCall *call, const ControlAnswer *answer);

/* The same with nothing but a sentence. */
void control_answer_text(ControlCall *call, bool ok, const char *text);

/* Whether anybody waits for such an answer. */
bool control_is_held(const Control *control, uint64_t ticket);

/* The call is answered by control_answer_held() with this ticket or a later one; where too many are
 * held already, with that, now. */
void control_hold(ControlCall *call, uint64_t ticket);
void control_answer_held(Control *control, uint64_t ticket, const ControlAnswer *answer);

DEFINE_CLEANUP(Control, control_free)

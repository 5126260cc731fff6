#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Asking the running service, over its control socket. */

#include "control-message.h"

/*
 * Asks, and waits for the answer as long as the service runs. 0 with *ret, which the caller frees;
 * -ECONNREFUSED where no service runs (nothing is said: some verbs go on without one); another
 * negative errno, logged with the remedy.
 */
int service_call(const ControlRequest *request, ControlAnswer *ret);

/* The errors on standard error, the message on standard output, or behind them where it is bad
 * news. The exit status. */
int service_print_answer(const ControlAnswer *answer);

/* Says that no service runs, and how to start it. The exit status. */
int service_is_missing(void);

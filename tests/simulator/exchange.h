#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An exchange: a request of the AWS API, what becomes of it, and the answer
 */

#include "server.h"

typedef enum Stage {
        STAGE_READING, /* headers and body come in */
        STAGE_PROCESS, /* complete: to be processed, perhaps after a delay */
        STAGE_SEND, /* processed: to be answered, perhaps after a delay */
        STAGE_DROP, /* nobody waits any more */
} Stage;

struct Exchange {
        Simulator *simulator;
        struct MHD_Connection *connection;
        Exchange *previous, *next; /* among the waiting ones */
        bool is_waiting;
        usec_t due; /* on the monotonic clock; INT64_MAX = never */

        Call call;
        Fault *fault;
        Stage stage;
        bool has_headers, too_large;
};

/* Processes a complete request, or waits until its time has come. */
enum MHD_Result exchange_begin(Exchange *x);

/* After a wait. */
enum MHD_Result exchange_continue(Exchange *x);

void exchange_unlink(Exchange *x);

/* Lets go on whoever has waited long enough, and lets go of whoever has nobody waiting for it. */
void exchanges_wake(Simulator *s, bool all);

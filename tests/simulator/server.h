#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The two HTTP servers: the AWS API, and the control port
 *
 * Both are driven by one loop on one thread, so that nothing in the world needs a lock. An answer
 * that has to wait suspends its connection and nobody else's.
 */

#include <microhttpd.h>

#include "fault.h"
#include "journal.h"
#include "world.h"

typedef struct Exchange Exchange;

typedef struct Stats {
        uint64_t connections;
        uint64_t open_connections;
        uint64_t in_flight;
        uint64_t max_in_flight;
} Stats;

typedef struct Simulator {
        World world;
        Faults faults;
        Journal journal;
        Stats stats;
        struct MHD_Daemon *api, *control;
        int stop_fd; /* readable when it is time to go */
        bool exit_on_eof;
        Exchange *waiting;
} Simulator;

int server_start(Simulator *s, unsigned api_port, unsigned control_port);
int server_run(Simulator *s);
void server_stop(Simulator *s);
unsigned server_port(struct MHD_Daemon *daemon);

/* Answers a control request: a status, and JSON in out. The query is decoded. */
unsigned control_run(Simulator *s,
                const char *method,
                const char *path,
                const Pairs *query,
                const Buffer *body,
                Buffer *out);

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a verb that asks AWS runs on: configuration, clients, memory, a pass, and the loop that
 * drives them
 *
 * What goes wrong here is said on standard error by the function that met it.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "configuration.h"
#include "ctl/ctl.h"
#include "reconcile/pass.h"
#include "record/memory.h"
#include "session.h"
#include "util/macro.h"

typedef struct Engine {
        const Ctl *ctl;
        sd_event *event;
        HttpClient *http;
        Configuration *configuration;
        ConfigurationHash files; /* of what it was loaded from */
        Session *session;
        Memory *memory;
        Pass *pass;
        bool planned, ended; /* of the pass */
        void (*progress)(void *userdata); /* a write has ended; may be NULL */
        void *userdata;
} Engine;

/* Loads the configuration and makes the clients. 0 or a negative errno. */
int engine_new(const Ctl *ctl, Engine **ret);

/* The same by the settings alone: nothing is declared, and no pass can begin. */
int engine_new_without_shares(const Ctl *ctl, Engine **ret);

Engine *engine_free(Engine *engine);

/* 0 or a negative errno. */
int engine_open_memory(Engine *engine, MemoryMode mode);

/* Begins a pass that is dry, or stops when it is planned. 0 or a negative errno. */
int engine_begin(Engine *engine, bool dry);

/* Runs the loop until one of both is set; the second may be NULL. 0 or a negative errno. */
int engine_run(Engine *engine, const bool *until, const bool *or_until);

DEFINE_CLEANUP(Engine, engine_free)

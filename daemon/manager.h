#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The manager owns everything the service has: one event loop, the configuration, the memory, a
 * session, and the passes.
 */

#include <stdbool.h>

#include "configuration.h"
#include "util/macro.h"

typedef struct Manager Manager;

typedef struct ManagerOptions {
        ConfigurationPaths paths; /* strings borrowed; they must outlive the manager */
        bool once; /* one pass, then the end */
} ManagerOptions;

/*
 * 0; -EINVAL where the configuration cannot be started with (it has been logged: EX_CONFIG);
 * another negative errno, logged as well.
 */
int manager_new(const ManagerOptions *options, Manager **ret);
Manager *manager_free(Manager *manager);

/* Runs until it is told to end. The exit status, or a negative errno. */
int manager_run(Manager *manager);

DEFINE_CLEANUP(Manager, manager_free)

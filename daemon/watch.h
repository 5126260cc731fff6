#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Watching folders: one call a second after the last of a burst of changes. */

#include <systemd/sd-event.h>

#include "util/macro.h"

typedef struct Watch Watch;

typedef void (*WatchCallback)(void *userdata);

/* Editors write, rename and sync in several steps; this long after the last of them. */
#define WATCH_DEBOUNCE_USEC (1 * USEC_PER_SEC)

/* But never longer than this after the first. */
#define WATCH_PATIENCE_USEC (10 * USEC_PER_SEC)

/* 0 or a negative errno. */
int watch_new(sd_event *event, WatchCallback callback, void *userdata, Watch **ret);
Watch *watch_free(Watch *watch);

/*
 * Watches these folders (a NULL-terminated list), and no longer any others; one that does not exist
 * is left out. That a folder itself goes away is a change, too. 0, or a negative errno, with which
 * those are watched that can be.
 */
int watch_set(Watch *watch, char *const *folders);

DEFINE_CLEANUP(Watch, watch_free)

#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The disk under the memory of the service
 *
 * The program is linked with --wrap for what the library writes with, so that it can be full, fail
 * to sync, and forget in a power failure what was never synced.
 */

#include <stdbool.h>
#include <stddef.h>

#include "model/share-memory.h"

typedef struct Disk {
        bool active; /* faults and crashes may happen */
        bool full;
        unsigned sync_fails_mille;
        unsigned crash_mille; /* at each write */
        bool power_too;
        long durable; /* bytes of memory.log that a power failure leaves */
        long pending; /* of the file that is about to take its place */
} Disk;

extern Disk disk;

/* Makes the folder of this process. 0 or a negative errno. */
int disk_begin(void);
void disk_end(void);
const char *disk_folder(void);
void disk_empty(void);

/* The file as it is now becomes what a restart finds; power: its end may be missing or torn. */
void disk_keep_image(bool power);
void disk_restore_image(void);

/* Turns a byte over. */
void disk_damage(void);
/* A record that was never finished. */
void disk_tear(void);

/* All that the service wrote, memory and what it printed: what must not be there. */
void disk_check_secrets(void);

/* After memory_open(): all that is there is durable. */
void disk_note_open(void);

/* What the file says of a share: durable, or as written. False: nothing. */
bool disk_recall(const char *source_key, const ShareKey *key, bool durable, ShareMemory *ret);

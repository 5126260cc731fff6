#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Configuration: both YAML files, found, read and loaded
 *
 * What desired/ does with bytes, this does with paths: it knows where files lie, which ones in a
 * folder count, and that a file others can write is nobody's word.
 */

#include <stdbool.h>
#include <stddef.h>

#include "model/desired-state.h"
#include "model/fault.h"
#include "model/settings.h"
#include "util/macro.h"

#define CONFIGURATION_SETTINGS   "/etc/auditshared/auditshared.yaml"
#define CONFIGURATION_SHARES     "/etc/auditshared/shares.yaml"
#define CONFIGURATION_SHARES_DIR "/etc/auditshared/shares.d"

#define CONFIGURATION_SHARES_PATHS_MAX 64

/* Of all shares files together, as they are in memory at a time: as many as can declare four
 * million shares. */
#define CONFIGURATION_SHARES_SIZE_MAX ((size_t) 256 * 1024 * 1024)

/* Files in shares folders, those that are skipped among them. */
#define CONFIGURATION_FILES_MAX 10000

typedef struct ConfigurationPaths {
        const char *settings; /* NULL: the default */
        const char *shares[CONFIGURATION_SHARES_PATHS_MAX]; /* files or folders; none: the defaults
                                                             */
        size_t n_shares;
} ConfigurationPaths;

typedef struct Configuration {
        Settings *settings;
        DesiredState *desired; /* NULL where the settings alone were loaded */
} Configuration;

/* Of names and contents: tells whether anything changed at all. */
typedef uint64_t ConfigurationHash;

/*
 * Loads both. 0 with *ret set; -EINVAL where there are faults; -ENOMEM. Files that are missing or
 * cannot be read are faults too. *ret_faults (always set, unless out of memory) has all of them,
 * and the notes; ret_hash (may be NULL) is always set.
 */
int configuration_load(const ConfigurationPaths *paths,
                Configuration **ret,
                Faults **ret_faults,
                ConfigurationHash *ret_hash);

/* As configuration_load(), and -EALREADY, with the shares not looked into, where the files are
 * those that had the hash `in_force` (NULL: none had it), and nothing is wrong with them. */
int configuration_load_changed(const ConfigurationPaths *paths,
                const ConfigurationHash *in_force,
                Configuration **ret,
                Faults **ret_faults,
                ConfigurationHash *ret_hash);

/* The same for the settings alone, where no shares need be declared yet. */
int configuration_load_settings(const ConfigurationPaths *paths,
                Configuration **ret,
                Faults **ret_faults);

Configuration *configuration_free(Configuration *configuration);

/* The folders in which a change can change the configuration; a NULL-terminated list the caller
 * frees with its strings. */
char **configuration_folders(const ConfigurationPaths *paths);

DEFINE_CLEANUP(Configuration, configuration_free)

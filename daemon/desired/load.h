#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading both YAML files
 *
 * Bytes -> Settings and DesiredState, or faults with positions, all of one load at once. Opens no
 * file and asks no clock; daemon/configuration.h finds and reads the files.
 */

#include <stddef.h>
#include <stdint.h>

#include "model/desired-state.h"
#include "model/fault.h"
#include "model/settings.h"

#define YAML_SIZE_MAX  ((size_t) 64 * 1024 * 1024)
#define YAML_DEPTH_MAX 32
#define YAML_NODES_MAX 1000000 /* that aliases may expand to */

typedef struct YamlText {
        const char *text;
        size_t length;
        uint16_t file; /* from faults_add_file() */
} YamlText;

/*
 * Reads the settings. 0 with *ret set where there was no fault; -EINVAL with at least one fault
 * added and *ret unset, -ENOMEM. Notes may be added in each case.
 */
int settings_load(const YamlText *text, Faults *faults, Settings **ret);

/*
 * Reads and merges the shares files, in the order given, against settings. As above. No files at
 * all is a fault. Without settings (NULL: they could not be read) it says what can be said without
 * them, so that one load tells of both files, and returns -EINVAL.
 */
int desired_load(const YamlText *texts,
                size_t n_texts,
                const Settings *settings,
                Faults *faults,
                DesiredState **ret);

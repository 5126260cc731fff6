#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A plan that outlasts its process: what was planned, and what it was planned from
 *
 * Two of them are compared, the one that somebody looked at and the one of the pass that is about
 * to write; plan-file.h keeps one on disk.
 */

#include <stddef.h>
#include <stdint.h>

#include "configuration.h"
#include "model/action.h"
#include "model/observation-hash.h"
#include "reconcile/pass.h"
#include "util/macro.h"

typedef struct SavedWrite {
        ShareKey key;
        ActionKind action;
        Reason reason;
        StringId framework_name; /* 0: it has none */
} SavedWrite;

typedef struct SavedSource {
        StringId name, region;
        AccountId account;
        RecordHashes requests, frameworks; /* of what was observed */
        SavedWrite *writes; /* sorted by key */
        size_t n_writes, capacity;
} SavedSource;

typedef struct SavedPlan {
        StringId program; /* "auditshared 0.1.0", which made it */
        int64_t made_usec;
        ConfigurationHash configuration;
        SavedSource *sources;
        size_t n_sources;
        Strings *strings;
} SavedPlan;

/* Of the sources alone where pass is NULL, else of a pass that has planned all of them. 0 or
 * -ENOMEM. */
int saved_plan_new(const Settings *settings,
                ConfigurationHash configuration,
                const Pass *pass,
                SavedPlan **ret);
/* One without sources, to be filled in. 0 or -ENOMEM. */
int saved_plan_new_empty(SavedPlan **ret);
SavedPlan *saved_plan_free(SavedPlan *plan);

/* Text of the plan's own, NULL for 0. */
const char *saved_plan_text(const SavedPlan *plan, StringId id);

/* Adds a write to a source; after the last one they are to be sorted. 0 or -ENOMEM. */
int saved_source_add(SavedSource *source, const SavedWrite *write);
void saved_source_sort(SavedSource *source);

/* Hears of each difference, in plain words. */
typedef void (*DifferenceCallback)(const char *text, void *userdata);

/* Whether `is` is about what `was` was about: the same files, the same sources. Returns the number
 * of differences. */
size_t saved_plan_compare_files(const SavedPlan *was,
                const SavedPlan *is,
                DifferenceCallback found,
                void *userdata);

/* Of two about the same sources: whether they were made from the same observation, and plan the
 * same. Likewise. */
size_t saved_plan_compare_writes(const SavedPlan *was,
                const SavedPlan *is,
                DifferenceCallback found,
                void *userdata);

DEFINE_CLEANUP(SavedPlan, saved_plan_free)

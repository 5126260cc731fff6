/* SPDX-License-Identifier: Apache-2.0 */

/* A plan that outlasts its process: made from a pass. */

#include <errno.h>
#include <stdlib.h>

#include "ctl/plan-saved.h"
#include "model/version.h"
#include "util/mem.h"
#include "util/time.h"

int saved_plan_new_empty(SavedPlan **ret) {
        _cleanup_(saved_plan_freep) SavedPlan *plan = calloc(1, sizeof(SavedPlan));
        int r;

        if (!plan)
                return -ENOMEM;
        r = strings_new(OBSERVATION_TEXT_MAX, &plan->strings);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(plan);
        return 0;
}

SavedPlan *saved_plan_free(SavedPlan *plan) {
        if (!plan)
                return NULL;

        for (size_t i = 0; i < plan->n_sources; i++) {
                record_hashes_done(&plan->sources[i].requests);
                record_hashes_done(&plan->sources[i].frameworks);
                free(plan->sources[i].writes);
        }
        free(plan->sources);
        (void) strings_free(plan->strings);
        free(plan);
        return NULL;
}

const char *saved_plan_text(const SavedPlan *plan, StringId id) {
        return strings_get(plan->strings, id);
}

int saved_source_add(SavedSource *source, const SavedWrite *write) {
        int r = ARRAY_RESERVE(source->writes, source->capacity, source->n_writes + 1);

        if (r < 0)
                return r;
        source->writes[source->n_writes++] = *write;
        return 0;
}

static int compare_writes(const void *a, const void *b) {
        return share_key_compare(&((const SavedWrite *) a)->key, &((const SavedWrite *) b)->key);
}

/* Not as the process sorted them that made the plan: a Region that is met in a listing has a number
 * of each process's own. */
void saved_source_sort(SavedSource *source) {
        if (source->n_writes > 1)
                qsort(source->writes, source->n_writes, sizeof(SavedWrite), compare_writes);
}

/* Entries come sorted by key, and what is written has a framework with an id. */
static int take_writes(SavedPlan *plan, SavedSource *source, const Scope *scope) {
        for (size_t i = 0; i < scope->plan->n_entries; i++) {
                const PlanEntry *entry = &scope->plan->entries[i];
                SavedWrite write = {
                        .key = scope->table->items[entry->memory].key,
                        .action = (ActionKind) entry->action,
                        .reason = (Reason) entry->reason,
                };
                int r;

                if (!action_is_write(write.action))
                        continue;
                r = strings_add(plan->strings, scope_framework_name(scope, entry),
                                &write.framework_name);
                if (r >= 0)
                        r = saved_source_add(source, &write);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_scope(SavedPlan *plan, SavedSource *source, const Scope *scope) {
        int r;

        r = observation_hash_requests(scope->observation, &source->requests);
        if (r >= 0)
                r = observation_hash_frameworks(scope->observation, &source->frameworks);
        return r < 0 ? r : take_writes(plan, source, scope);
}

static int take_source(SavedPlan *plan, const Source *from, const Scope *scope) {
        SavedSource *source = &plan->sources[plan->n_sources++];
        int r;

        source->account = from->account;
        r = strings_add(plan->strings, from->name, &source->name);
        if (r >= 0)
                r = strings_add(plan->strings, region_name(from->region), &source->region);
        return r < 0 || !scope ? r : take_scope(plan, source, scope);
}

int saved_plan_new(const Settings *settings,
                ConfigurationHash configuration,
                const Pass *pass,
                SavedPlan **ret) {
        _cleanup_(saved_plan_freep) SavedPlan *plan = NULL;
        int r;

        r = saved_plan_new_empty(&plan);
        if (r < 0)
                return r;
        plan->made_usec = pass ? pass_started_usec(pass) : now_usec();
        plan->configuration = configuration;
        plan->sources = calloc(settings->n_sources, sizeof(SavedSource));
        if (!plan->sources)
                return -ENOMEM;
        r = strings_add(plan->strings, "auditshared " AUDITSHARED_VERSION, &plan->program);

        for (size_t i = 0; i < settings->n_sources && r >= 0; i++)
                r = take_source(plan, &settings->sources[i], pass ? pass_scope(pass, i) : NULL);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(plan);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What can be said of a share, from all the places that know it. */

#include "reconcile/scope.h"
#include "util/time.h"

const Source *scope_source(const Scope *scope) {
        return &scope->settings->sources[scope->source];
}

const char *scope_framework_name(const Scope *scope, const PlanEntry *entry) {
        const char *name = NULL;

        if (entry->framework != PLAN_NO_INDEX) {
                name = strings_get(scope->desired->strings,
                                scope->desired->frameworks[entry->framework].name);
                if (!name)
                        name = strings_get(scope->observation->strings,
                                        scope->plan->frameworks[entry->framework].listed_name);
        }
        if (!name)
                name = strings_get(scope->table->strings,
                                scope->table->items[entry->memory].framework_name);
        return name;
}

static const char *remembered_status(const Scope *scope, const ShareMemory *memory) {
        const char *name = share_status_name((ShareStatus) memory->status);

        return name ? name
                    : strings_get(scope->table->strings,
                                    share_memory_unsettled(memory)->status_name);
}

const char *scope_status_name(const Scope *scope, const PlanEntry *entry) {
        return remembered_status(scope, &scope->table->items[entry->memory]);
}

const char *scope_comment(const Scope *scope, const PlanEntry *entry) {
        return entry->share == PLAN_NO_INDEX
                        ? NULL
                        : strings_get(scope->desired->strings,
                                        scope->desired->shares[entry->share].comment);
}

/* Why a share cannot go on, where it is more than its reason says. */
static const char *explain(const PlanEntry *entry) {
        switch ((Reason) entry->reason) {
        case REASON_INVALID:
                return "the service refused the call as invalid";
        case REASON_ACCESS_DENIED:
                return "the service denied the call";
        case REASON_REQUEST_FAILED:
                return "the service answered an error";
        default:
                return NULL;
        }
}

ShareView scope_view_remembered(const Scope *scope, const ShareMemory *m) {
        return (ShareView){
                .source = scope_source(scope)->name,
                .framework_id = share_memory_is_stand_in(m, scope->table->strings)
                                ? NULL
                                : &m->key.framework_id,
                .framework_name = strings_get(scope->table->strings, m->framework_name),
                .recipient = m->key.recipient,
                .request_id = uuid_is_null(&m->request_id) ? NULL : &m->request_id,
                .status = remembered_status(scope, m),
                .condition = (Condition) m->condition,
                .reason = (Reason) m->reason,
                .action = ACTION_NONE,
                .since_usec = time_add(seconds_to_usec(m->condition_since), -scope->skew_usec),
                .expires_usec = seconds_to_usec(m->expires),
                .next_attempt_usec = TIME_UNKNOWN,
        };
}

ShareView scope_view(const Scope *scope, const PlanEntry *entry) {
        const ShareMemory *m = &scope->table->items[entry->memory];
        ShareView view = scope_view_remembered(scope, m);

        if (entry->unresolved)
                view.framework_id = NULL;
        view.framework_name = scope_framework_name(scope, entry);
        if ((Condition) m->condition != (Condition) entry->condition
                        || (Reason) m->reason != (Reason) entry->reason)
                view.since_usec = TIME_UNKNOWN;
        view.condition = (Condition) entry->condition;
        view.reason = (Reason) entry->reason;
        view.action = (ActionKind) entry->action;
        view.next_attempt_usec = time_add(entry->next_usec, -scope->skew_usec);
        if (entry->request != PLAN_NO_INDEX)
                view.comment = strings_get(scope->observation->strings,
                                scope->observation->requests[entry->request].comment);
        else
                view.comment = scope_comment(scope, entry);
        view.error = explain(entry);
        return view;
}

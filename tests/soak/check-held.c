/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The warnings that a share is held, stalled or orphaned: each condition is said once (I5)
 *
 * By the plan of each pass: what it says deserves a warning has had one when the pass ends, in that
 * pass or an earlier one, and none comes again while condition and reason last. A share that is
 * being sent is not followed closely: where a call was refused before, the service does not speak
 * of the next attempt, but of what that comes to, and may find itself where it was.
 */

#include "check-internal.h"
#include "reconcile/scope.h"

static bool is_held_as(const Held *held, const PlanEntry *entry) {
        return held->condition == entry->condition && held->reason == entry->reason;
}

void check_held_event(const Aws *aws, unsigned key, Condition condition, Reason reason) {
        Held *held = &known_of(aws, key)->held;

        /* The plan of a share that is being sent had another one in between. */
        if (!now.answering && held->said && !held->unsure && held->condition == condition
                        && held->reason == reason)
                violate("I5", "%s: %s (%s) is said twice", aws_key_text(aws, key),
                                condition_name(condition), reason_name(reason));
        *held = (Held){
                .condition = (uint8_t) condition, .reason = (uint8_t) reason, .said = true
        };
}

static void check_entry(const Aws *aws, const Scope *scope, const PlanEntry *entry) {
        const ShareMemory *memory = &scope->table->items[entry->memory];
        int key = aws_find_key(aws, &memory->key);
        bool follows = !action_is_send((ActionKind) entry->action)
                        && memory->refused == REASON_NONE;
        Held *held;

        if (key < 0 || entry->unresolved)
                return;
        held = &known_of(aws, (unsigned) key)->held;
        if (!is_held_as(held, entry))
                *held = (Held){
                        .condition = entry->condition, .reason = entry->reason, .unsure = held->sent
                };
        held->sent = !follows;
        if (!entry->warn || !follows)
                held->said = false;
        held->unsure |= !follows;
        if (entry->warn && !held->said && !held->unsure)
                violate("I5", "%s: %s (%s), and nobody says so", aws_key_text(aws, (unsigned) key),
                                condition_name((Condition) entry->condition),
                                reason_name((Reason) entry->reason));
}

/* What no plan speaks of may have been forgotten, or not. */
static void doubt(const Aws *aws, unsigned key, const Scope *scope) {
        ShareKey share = aws_key(aws, key);

        for (size_t i = 0; i < scope->plan->n_entries; i++) {
                const PlanEntry *entry = &scope->plan->entries[i];

                if (!entry->unresolved
                                && share_key_compare(
                                                   &scope->table->items[entry->memory].key, &share)
                                                == 0)
                        return;
        }
        known_of(aws, key)->held.unsure = true;
}

void check_held(const Aws *aws) {
        const Scope *scope = pass_scope(now.pass, aws->index);

        for (size_t i = 0; i < scope->plan->n_entries; i++)
                check_entry(aws, scope, &scope->plan->entries[i]);
        for (unsigned key = 0; key < aws->n_frameworks * RECIPIENTS_MAX; key++)
                doubt(aws, key, scope);
}

/* What was remembered at the end is what the next plan is compared with. */
void check_held_remains(const Aws *aws, unsigned key, const ShareMemory *memory, bool kept) {
        Held *held = &known_of(aws, key)->held;

        if (kept && memory && held->condition == memory->condition && held->reason == memory->reason
                        && held->said == memory->warned)
                return;
        *held = (Held){ .condition = memory ? memory->condition : 0,
                .reason = memory ? memory->reason : 0,
                .unsure = true };
}

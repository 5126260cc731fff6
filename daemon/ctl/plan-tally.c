/* SPDX-License-Identifier: Apache-2.0 */

/* What a plan comes to: how many shares of each kind, what the guards say, and what went wrong. */

#include "ctl/plan-view.h"
#include "util/log.h"

/* --- counting --- */

typedef struct Count {
        const Pass *pass;
        const Settings *settings;
        PlanTally tally;
        size_t source; /* of the last share: they come in the order of the sources */
} Count;

/* Names of sources are unique, and those of a view are the settings' own. */
static bool has_plan(Count *count, const ShareView *view) {
        while (count->settings->sources[count->source].name != view->source)
                count->source++;
        return pass_scope(count->pass, count->source) != NULL;
}

bool plan_wants_attention(const ShareView *view) {
        return view->condition == CONDITION_HELD || view->condition == CONDITION_STALLED;
}

static int on_share(const ShareView *view, void *userdata) {
        Count *count = userdata;
        PlanTally *tally = &count->tally;

        tally->actions[view->action]++;
        if (!has_plan(count, view))
                tally->unknown++;
        else if (action_is_write(view->action))
                tally->changes++;
        else if (plan_wants_attention(view))
                tally->attention++;
        else if (view->action == ACTION_WAIT)
                tally->waiting++;
        else if (view->condition == CONDITION_ORPHANED)
                tally->orphaned++;
        else if (view->condition == CONDITION_UNMANAGED)
                tally->unmanaged++;
        else
                tally->unchanged++;
        return 0;
}

PlanTally plan_tally(const Pass *pass, const Settings *settings) {
        Count count = { .pass = pass, .settings = settings };

        (void) pass_visit(pass, on_share, &count);
        return count.tally;
}

/* --- messages --- */

size_t plan_report_errors(const Pass *pass, const Settings *settings, const bool *said) {
        size_t n = 0;

        for (size_t i = 0; i < settings->n_sources; i++) {
                const char *error = pass_source_error(pass, i);

                if (!error)
                        continue;
                n++;
                if (!said || !said[i])
                        log_error("error: source %s: %s", settings->sources[i].name, error);
        }
        return n;
}

static bool is_within(const PlanGuards *let,
                uint32_t writes,
                uint32_t revokes,
                const char *source,
                bool say) {
        if (writes > let->writes_max) {
                if (say)
                        log_warning("warning: source %s: %u writes are planned, and "
                                    "limits.writes_per_pass allows %u; "
                                    "apply writes nothing there without --allow-writes",
                                        source, writes, let->writes_max);
                return false;
        }
        if (revokes > let->revokes_max) {
                if (say)
                        log_warning("warning: source %s: %u revocations and deletions are planned, "
                                    "and "
                                    "limits.revokes_per_pass allows %u; apply writes nothing there "
                                    "without "
                                    "--allow-revokes",
                                        source, revokes, let->revokes_max);
                return false;
        }
        return true;
}

PlanGuards plan_check_guards(const Pass *pass, const Settings *settings, const Ctl *ctl, bool say) {
        const Limits *limits = &settings->limits;
        PlanGuards let = {
                .writes_max = ctl->allow_writes ? ctl->allow_writes : limits->writes_per_pass,
                .revokes_max = ctl->allow_revokes ? ctl->allow_revokes : limits->revokes_per_pass,
        };

        /* As a pass counts: each source's plan for itself. */
        for (size_t i = 0; i < settings->n_sources; i++) {
                const Scope *scope = pass_scope(pass, i);
                uint32_t revokes = scope ? plan_withdrawals(scope->plan) : 0;
                uint32_t writes = scope ? plan_sends(scope->plan) + revokes : 0;

                let.writes_planned += writes;
                let.revokes_planned += revokes;
                if (writes > 0
                                && is_within(&let, writes, revokes, settings->sources[i].name,
                                                say)) {
                        let.writes += writes;
                        let.revokes += revokes;
                }
        }
        return let;
}

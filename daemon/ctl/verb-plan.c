/* SPDX-License-Identifier: Apache-2.0 */

/* plan: observes, and shows what a pass would do. */

#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/engine.h"
#include "ctl/plan-view.h"
#include "util/log.h"

/* With --detailed-exitcode, as Terraform's. */
#define EXIT_CHANGES 2

static int make_plan(Engine *engine) {
        int r;

        r = engine_open_memory(engine, MEMORY_READ);
        if (r >= 0)
                r = engine_begin(engine, true);
        return r < 0 ? r : engine_run(engine, &engine->ended, NULL);
}

int verb_plan(const Ctl *ctl) {
        _cleanup_(engine_freep) Engine *engine = NULL;
        Output output = output_of(stdout);
        const Settings *settings;
        PlanTally tally;
        size_t errors;
        int r;

        r = engine_new(ctl, &engine);
        if (r >= 0)
                r = make_plan(engine);
        if (r < 0)
                return EXIT_FAILURE;

        settings = engine->configuration->settings;
        tally = plan_tally(engine->pass, settings);
        r = ctl_has(ctl, OPTION_JSON)
                        ? plan_print_json(&output, engine->pass, settings, tally.changes)
                        : plan_print(&output, engine->pass, settings, ctl_has(ctl, OPTION_ALL));
        (void) output_flush(&output);
        errors = plan_report_errors(engine->pass, settings, NULL);
        (void) plan_check_guards(engine->pass, settings, ctl, true);
        if (settings->mode == MODE_OBSERVE)
                log_notice("mode is observe: neither apply nor the service writes anything");

        if (errors > 0)
                return output_end(r, EXIT_FAILURE);
        return output_end(r,
                        ctl_has(ctl, OPTION_DETAILED_EXITCODE) && tally.changes > 0 ? EXIT_CHANGES
                                                                                    : EXIT_SUCCESS);
}

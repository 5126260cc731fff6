/* SPDX-License-Identifier: Apache-2.0 */

/*
 * plan: observes, and shows what a pass would do
 *
 * What is saved is the very pass that is shown; one that does not know of every source is not
 * saved, as nobody could say yes to it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/engine.h"
#include "ctl/plan-file.h"
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

static const char *explain(int error) {
        switch (error) {
        case -EEXIST:
                return "what is there is no regular file";
        case -EFBIG:
                return "it would be larger than a plan may be";
        default:
                return strerror(-error);
        }
}

/* 0 or a negative errno. */
static int save(const Engine *engine, const char *path, size_t errors) {
        _cleanup_(saved_plan_freep) SavedPlan *plan = NULL;
        int r;

        if (errors > 0) {
                log_error("The plan is not saved: not every source could be looked at");
                return -EIO;
        }
        r = saved_plan_new(engine->configuration->settings, engine->files, engine->pass, &plan);
        if (r >= 0)
                r = plan_file_write(path, plan);
        if (r < 0) {
                log_error("The plan cannot be saved as '%s': %s", path, explain(r));
                return r;
        }
        log_notice("Saved as '%s'. To do this, and nothing else: auditsharectl apply '%s'", path,
                        path);
        return 0;
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

        if (ctl->out && save(engine, ctl->out, errors) < 0)
                errors++;
        if (errors > 0)
                return output_end(r, EXIT_FAILURE);
        return output_end(r,
                        ctl_has(ctl, OPTION_DETAILED_EXITCODE) && tally.changes > 0 ? EXIT_CHANGES
                                                                                    : EXIT_SUCCESS);
}

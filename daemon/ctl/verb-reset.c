/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reset: forgets backoff, attempts and holds of a share
 *
 * By the running service, whose memory it is; by this program where none runs.
 */

#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/engine.h"
#include "ctl/service-call.h"
#include "reconcile/reset.h"
#include "util/log.h"

static int reset_here(const Ctl *ctl, const char *share, const Filter *filter) {
        _cleanup_(engine_freep) Engine *engine = NULL;
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        size_t n = 0;
        int r;

        r = engine_new_without_shares(ctl, &engine);
        if (r >= 0)
                r = engine_open_memory(engine, MEMORY_WRITE);
        if (r < 0)
                return EXIT_FAILURE;
        r = reset_shares(engine->memory, engine->configuration->settings, filter, &n);
        if (r < 0) {
                answer.message = reset_failure(share, r);
                return service_print_answer(&answer);
        }
        answer = (ControlAnswer){ .ok = n > 0, .message = reset_summary(share, n) };
        return service_print_answer(&answer);
}

int verb_reset(const Ctl *ctl) {
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        _cleanup_filter_ Filter filter = { 0 };
        const char *share = ctl->arguments[0];
        ControlRequest request = { .verb = CONTROL_RESET, .share = ctl->arguments[0] };
        int r;

        r = filter_parse(share, &filter);
        if (r == -ENOMEM) {
                (void) log_oom();
                return EXIT_FAILURE;
        }
        if (r < 0) {
                log_error("auditsharectl: a share is [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]], not "
                          "'%s'",
                                share);
                return EXIT_USAGE;
        }
        r = service_call(&request, &answer);
        if (r == -ECONNREFUSED)
                return reset_here(ctl, share, &filter);
        if (r < 0)
                return EXIT_FAILURE;
        return service_print_answer(&answer);
}

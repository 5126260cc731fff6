/* SPDX-License-Identifier: Apache-2.0 */

/* reload: has the running service take the files over; what ExecReload= of the unit calls. */

#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/faults-view.h"
#include "ctl/service-call.h"
#include "util/log.h"

/* The service goes by the paths it was started with, and says itself what is wrong there. Files
 * that were named here are looked at here, and so are the usual ones where nobody else does. */
static int look_at_files(const Ctl *ctl) {
        _cleanup_(configuration_freep) Configuration *configuration = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        int r;

        r = configuration_load(&ctl->paths, &configuration, &faults, NULL);
        if (r == -EINVAL)
                faults_print(faults, false);
        else if (r < 0)
                (void) log_error_errno(r, "Cannot load the configuration");
        return r;
}

int verb_reload(const Ctl *ctl) {
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        int r;

        if ((ctl->paths.settings || ctl->paths.n_shares > 0) && look_at_files(ctl) < 0)
                return EXIT_FAILURE;
        r = service_call(&(ControlRequest){ .verb = CONTROL_RELOAD }, &answer);
        if (r == -ECONNREFUSED) {
                (void) look_at_files(ctl);
                return service_is_missing();
        }
        return r < 0 ? EXIT_FAILURE : service_print_answer(&answer);
}

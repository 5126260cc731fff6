/* SPDX-License-Identifier: Apache-2.0 */

/* reconcile: has the running service make a pass now. */

#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/service-call.h"

int verb_reconcile(const Ctl *ctl) {
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        ControlRequest request = {
                .verb = CONTROL_RECONCILE,
                .wait = ctl_has(ctl, OPTION_WAIT),
        };
        int r;

        r = service_call(&request, &answer);
        if (r == -ECONNREFUSED)
                return service_is_missing();
        return r < 0 ? EXIT_FAILURE : service_print_answer(&answer);
}

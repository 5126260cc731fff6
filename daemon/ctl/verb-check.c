/* SPDX-License-Identifier: Apache-2.0 */

/* check: loads both files and says everything that is wrong with them. */

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/faults-view.h"
#include "ctl/output.h"
#include "util/json.h"
#include "util/log.h"
#include "util/string-util.h"

static int add_fault(json_t *list, const Faults *faults, const Fault *fault) {
        const Position *at = &fault->position;

        return json_array_append_new(list,
                        json_pack("{s:o, s:i, s:i, s:o, s:o}", "file",
                                        json_from_text(faults_file(faults, at->file)), "line",
                                        (int) at->line, "column", (int) at->column, "key",
                                        json_from_text(fault->key_path), "text",
                                        json_from_text(fault->text)));
}

static int print_json(Faults *faults) {
        json_t *errors = json_array(), *notes = json_array(), *all;
        Output output = output_of(stdout);
        size_t n;
        const Fault *items = faults_get(faults, &n);
        int r = 0;

        for (size_t i = 0; errors && notes && i < n && r >= 0; i++)
                r = add_fault(items[i].is_note ? notes : errors, faults, &items[i]);
        all = json_pack("{s:i, s:o, s:o}", "version", 1, "errors", errors, "notes", notes);
        if (r >= 0)
                r = output_json(&output, "", all, 0);
        (void) printf("\n");
        json_decref(all);
        return r < 0 ? -ENOMEM : 0;
}

static void print_good(const Configuration *c) {
        (void) printf("The configuration is good: %zu source%s, %zu framework%s, %zu share%s\n",
                        c->settings->n_sources, plural(c->settings->n_sources),
                        c->desired->n_frameworks, plural(c->desired->n_frameworks),
                        c->desired->n_shares, plural(c->desired->n_shares));
}

int verb_check(const Ctl *ctl) {
        _cleanup_(configuration_freep) Configuration *configuration = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        int r, printed = 0;

        r = configuration_load(&ctl->paths, &configuration, &faults, NULL);
        if (r < 0 && r != -EINVAL) {
                (void) log_error_errno(r, "Cannot load the configuration");
                return EXIT_FAILURE;
        }

        faults_print(faults, true);
        if (ctl_has(ctl, OPTION_JSON))
                printed = print_json(faults);
        else if (r >= 0)
                print_good(configuration);
        return output_end(printed, r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

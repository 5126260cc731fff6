/* SPDX-License-Identifier: Apache-2.0 */

/* A plan for programs: what it prints is a promise to them. */

#include <errno.h>

#include "ctl/plan-view.h"

typedef struct Listing {
        const Output *output;
        Buffer line; /* of the share that is being printed */
        bool any;
} Listing;

/* Takes json. */
static int print_json(const Output *output, json_t *json, const char *before) {
        int r = output_json(output, before, json, 0);

        json_decref(json);
        return r;
}

static int on_json(const ShareView *view, void *userdata) {
        Listing *listing = userdata;

        buffer_clear(&listing->line);
        (void) buffer_add(&listing->line, listing->any ? ",\n" : "\n");
        listing->any = true;
        if (share_view_write(&listing->line, view) < 0)
                return -ENOMEM;
        (void) fputs(listing->line.data, listing->output->file);
        return output_error(listing->output);
}

static json_t *sources_to_json(const Pass *pass, const Settings *settings) {
        json_t *list = json_array();

        for (size_t i = 0; list && i < settings->n_sources; i++)
                if (json_array_append_new(list,
                                    json_pack("{s:s, s:s?}", "name", settings->sources[i].name,
                                                    "error", pass_source_error(pass, i)))
                                < 0) {
                        json_decref(list);
                        return NULL;
                }
        return list;
}

static json_t *summary_to_json(const PlanTally *t) {
        json_t *summary = json_object();

        for (unsigned i = 0; summary && i < ACTION_MAX; i++)
                if (json_object_set_new(summary, action_name((ActionKind) i),
                                    json_integer(t->actions[i]))
                                < 0) {
                        json_decref(summary);
                        return NULL;
                }
        return summary;
}

int plan_print_json(const Output *output,
                const Pass *pass,
                const Settings *settings,
                uint32_t changes) {
        PlanTally t = plan_tally(pass, settings);
        Listing listing = { .output = output };
        int r;

        (void) fprintf(output->file, "{\"version\": 1,\n\"changes\": %u,\n", changes);
        r = print_json(output, summary_to_json(&t), "\"summary\": ");
        if (r >= 0)
                r = print_json(output, sources_to_json(pass, settings), ",\n\"sources\": ");
        if (r < 0)
                return r;

        (void) fputs(",\n\"shares\": [", output->file);
        r = pass_visit(pass, on_json, &listing);
        buffer_done(&listing.line);
        if (r < 0)
                return r;
        (void) fputs(listing.any ? "\n]}\n" : "]}\n", output->file);
        return output_error(output);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What every source lists. */

#include <stdlib.h>

#include "aws/auditmanager-json.h"
#include "ctl/listing.h"
#include "util/log.h"

static void on_listed(Observation *observation,
                ApiOperation operation,
                const ApiOutcome *outcome,
                void *userdata) {
        Listed *listed = userdata;

        listed->observer = observer_free(listed->observer);
        listed->observation = observation;
        listed->operation = operation;
        listed->outcome = *outcome;
        *listed->done = --*listed->left == 0;
}

int listing_observe(Engine *engine, ListingRecord on_record, Listing *listing) {
        const Settings *settings = engine->configuration->settings;
        int r;

        listing->items = calloc(settings->n_sources, sizeof(Listed));
        if (!listing->items)
                return log_oom();
        listing->n_left = settings->n_sources;
        for (size_t i = 0; i < settings->n_sources; i++) {
                Listed *listed = &listing->items[listing->n_items++];

                *listed = (Listed){
                        .source = &settings->sources[i],
                        .left = &listing->n_left,
                        .done = &listing->done,
                };
                r = observer_new(engine->session->services[i],
                                &(ObserverCallbacks){ .observed = on_listed,
                                                .on_record = on_record,
                                                .userdata = listed },
                                &listed->observer);
                if (r < 0)
                        return log_error_errno(
                                        r, "Cannot list source %s", settings->sources[i].name);
        }
        return engine_run(engine, &listing->done, NULL);
}

size_t listing_report_errors(const Listing *listing) {
        size_t n = 0;

        for (size_t i = 0; i < listing->n_items; i++) {
                const Listed *listed = &listing->items[i];

                if (listed->observation)
                        continue;
                log_error("error: source %s: cannot be listed: %s: %s%s%s", listed->source->name,
                                api_operation_name(listed->operation), listed->outcome.code,
                                *listed->outcome.code ? ": " : "", listed->outcome.message);
                n++;
        }
        return n;
}

void listing_done(Listing *listing) {
        for (size_t i = 0; i < listing->n_items; i++) {
                (void) observer_free(listing->items[i].observer);
                (void) observation_free(listing->items[i].observation);
                buffer_done(&listing->items[i].json);
        }
        free(listing->items);
}

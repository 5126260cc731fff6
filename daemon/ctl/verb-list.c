/* SPDX-License-Identifier: Apache-2.0 */

/* list: the share requests as the API lists them. */

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/engine.h"
#include "ctl/listing.h"
#include "ctl/table.h"
#include "util/json.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/time.h"

/* Whole, with the source in front: what the product does not look at is data all the same. */
static void on_record(const json_t *record, void *userdata) {
        Listed *listed = userdata;
        _cleanup_(json_decrefp) json_t *json = json_pack("{s:s}", "source", listed->source->name);
        _cleanup_free_ char *text = NULL;

        if (!json || json_object_update(json, (json_t *) (uintptr_t) record) < 0
                        || json_write(json, JSON_COMPACT | JSON_REAL_PRECISION(16), &text) < 0) {
                listed->json.failed = true;
                return;
        }
        (void) buffer_add(&listed->json, listed->json.length > 0 ? ",\n" : "\n");
        (void) buffer_add(&listed->json, text);
}

/* --- JSON --- */

/* A source that failed half-way has none of its records listed, as with the table. */
static int print_json(const Listing *listing) {
        bool any = false;

        (void) fputs("[", stdout);
        for (size_t i = 0; i < listing->n_items; i++) {
                const Listed *listed = &listing->items[i];

                if (!listed->observation)
                        continue;
                if (buffer_status(&listed->json) < 0)
                        return log_oom();
                if (listed->json.length == 0)
                        continue;
                (void) fputs(any ? "," : "", stdout);
                (void) fwrite(listed->json.data, 1, listed->json.length, stdout);
                any = true;
        }
        (void) fputs(any ? "\n]\n" : "]\n", stdout);
        return 0;
}

/* --- table --- */

typedef int (*RowFunction)(Table *table, const TableCell *cells);

static Colour status_colour(const ShareRequest *request) {
        if (!request->readable || request->status == SHARE_STATUS_UNKNOWN)
                return COLOUR_RED;
        if (request->status == SHARE_STATUS_SHARED)
                return COLOUR_GREEN;
        if (request->status == SHARE_STATUS_FAILED)
                return COLOUR_RED;
        return share_status_is_ended((ShareStatus) request->status)
                                        || request->status == SHARE_STATUS_EXPIRING
                        ? COLOUR_YELLOW
                        : COLOUR_NONE;
}

static int add_row(Table *table,
                RowFunction function,
                const Listed *listed,

                const ShareRequest *q,
                int64_t now) {
        const Strings *strings = listed->observation->strings;
        char account[ACCOUNT_TEXT_MAX], framework[UUID_TEXT_MAX], id[UUID_TEXT_MAX];
        char created[AGE_TEXT_MAX], expires[AGE_TEXT_MAX];
        const char *name = strings_get(strings, q->framework_name);
        const TableCell cells[] = {
                { listed->source->name, COLOUR_NONE },
                { name ? name : uuid_format(&q->key.framework_id, framework), COLOUR_NONE },
                { account_format(recipient_account(q->key.recipient), account), COLOUR_NONE },
                { region_name(recipient_region(q->key.recipient)), COLOUR_NONE },
                { strings_get(strings, q->status_name), status_colour(q) },
                { age_format_cell(table->output, q->created_usec, now, created), COLOUR_NONE },
                { age_format_cell(table->output, q->expires_usec, now, expires), COLOUR_NONE },
                { uuid_is_null(&q->id) ? NULL : uuid_format(&q->id, id), COLOUR_GREY },
        };

        return function(table, cells);
}

static int for_each_row(Table *table, RowFunction function, const Listing *listing, int64_t now) {
        int r = 0;

        for (size_t i = 0; i < listing->n_items; i++) {
                const Observation *o = listing->items[i].observation;

                for (size_t j = 0; o && j < o->n_requests && r >= 0; j++)
                        r = add_row(table, function, &listing->items[i], &o->requests[j], now);
        }
        return r;
}

static int print_table(const Output *output, const Listing *listing) {
        static const char *const headings[] = { "ACCOUNT", "REGION", "STATUS", "CREATED", "EXPIRES",
                "ID" };
        _cleanup_table_ Table table;
        int64_t now = now_usec();
        size_t n = 0;
        int r;

        for (size_t i = 0; i < listing->n_items; i++)
                n += listing->items[i].observation ? listing->items[i].observation->n_requests : 0;

        table_init(&table, output);
        table_add_column(&table, "SOURCE", true);
        if (listing->n_items == 1)
                table_hide_column(&table, 0);
        table_add_column(&table, "FRAMEWORK", true);
        for (size_t i = 0; i < ELEMENTSOF(headings); i++)
                table_add_column(&table, headings[i], false);

        (void) for_each_row(&table, table_measure, listing, now);
        if (n > 0) {
                r = table_begin(&table);
                if (r >= 0)
                        r = for_each_row(&table, table_print, listing, now);
                if (r < 0)
                        return r;
                (void) fputc('\n', stdout);
        }
        (void) printf("%zu share request%s listed.\n", n, plural(n));
        return 0;
}

int verb_list(const Ctl *ctl) {
        _cleanup_(engine_freep) Engine *engine = NULL;
        _cleanup_listing_ Listing listing = { 0 };
        Output output = output_of(stdout);
        size_t errors;
        int r;

        r = engine_new(ctl, &engine);
        if (r >= 0)
                r = listing_observe(engine, ctl_has(ctl, OPTION_JSON) ? on_record : NULL, &listing);
        if (r < 0)
                return EXIT_FAILURE;

        r = ctl_has(ctl, OPTION_JSON) ? print_json(&listing) : print_table(&output, &listing);
        (void) output_flush(&output);
        errors = listing_report_errors(&listing);
        return output_end(r, errors > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

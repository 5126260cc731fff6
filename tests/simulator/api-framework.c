/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The operations on frameworks, and the status of the account
 *
 * Only custom frameworks are simulated: they are what can be shared.
 */

#include <string.h>

#include "operation.h"
#include "page.h"

static void append_common(const World *w, const Framework *f, Buffer *b) {
        char id[UUID_TEXT_SIZE];

        uuid_format(&f->id, id);
        buffer_printf(b,
                        "{\"arn\":\"arn:aws:auditmanager:%s:%s:assessmentFramework/"
                        "%s\",\"id\":\"%s\"",
                        region_names[f->source->region], f->source->account, id, id);
        buffer_json_member(b, "type", "Custom");
        buffer_json_member(b, "name", f->version->name);
        buffer_json_member(b, "description", f->description);
        buffer_json_member(b, "complianceType", f->compliance_type);
        buffer_json_time(b, "createdAt", world_wire(w, f->created));
        buffer_json_time(b, "lastUpdatedAt", world_wire(w, f->version->updated));
}

/* In the order of their creation; the position in a token counts them. */
void run_list_frameworks(Call *c) {
        _cleanup_(free_string) char *listing = listing_name(c);
        Source *source = world_source(c->world, c->key->account, c->region);
        size_t max = page_size(c), n, i;
        SharePosition position = { 0 };
        Buffer *b = &c->answer.body;
        bool from_start;

        if (!page_begin(c, listing, &position, &from_start))
                return;
        n = strcmp(c->values[FIELD_FRAMEWORK_TYPE], "Custom") == 0 ? source->n_frameworks : 0;

        buffer_text(b, "{\"frameworkMetadataList\":[");
        for (i = position.order; i < n && max > 0; i++, max--) {
                if (b->data[b->n - 1] == '}')
                        buffer_text(b, ",");
                append_common(c->world, source->frameworks[i], b);
                buffer_text(b, ",\"controlsCount\":3,\"controlSetsCount\":1}");
        }
        position.order = i;
        page_end(c, listing, i < n ? &position : NULL);
}

static void append_control_sets(const Framework *f, Buffer *b) {
        char set[UUID_TEXT_SIZE], control[UUID_TEXT_SIZE];
        Uuid id;

        uuid_from_numbers(hash_bytes(&f->id, sizeof(f->id), 9), 1, &id);
        uuid_format(&id, set);
        uuid_from_numbers(hash_bytes(&f->id, sizeof(f->id), 9), 2, &id);
        uuid_format(&id, control);
        buffer_printf(b,
                        ",\"controlSets\":[{\"id\":\"%s\",\"name\":\"Control "
                        "set\",\"controls\":[{\"id\":\"%s\","
                        "\"type\":\"Custom\",\"name\":\"Control\"}]}]",
                        set, control);
}

void run_get_framework(Call *c) {
        Buffer *b = &c->answer.body;
        Framework *f = NULL;
        Uuid id;

        if (uuid_parse(c->values[FIELD_FRAMEWORK_ID], &id))
                f = world_framework(c->world, &id);
        if (!f || f->source->region != c->region
                        || strcmp(f->source->account, c->key->account) != 0) {
                call_fail_missing(c, "ASSESSMENT_FRAMEWORK", c->values[FIELD_FRAMEWORK_ID]);
                return;
        }

        c->answer.status = 200;
        buffer_text(b, "{\"framework\":");
        append_common(c->world, f, b);
        append_control_sets(f, b);
        buffer_text(b, ",\"tags\":{}}}");
}

void run_account_status(Call *c) {
        bool active = world_is_set_up(c->world, c->key->account, c->region);

        c->answer.status = 200;
        buffer_printf(&c->answer.body, "{\"status\":\"%s\"}", active ? "ACTIVE" : "INACTIVE");
}

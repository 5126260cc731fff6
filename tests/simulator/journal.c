/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The journal: every API call so far, for tests to read
 *
 * Each entry is kept as the JSON text that a test will get. The oldest go when there are too many;
 * the numbers go on.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "journal.h"
#include "operation.h"
#include "sign.h"

typedef struct Count {
        TableEntry entry;
        char *name;
        uint64_t n;
} Count;

static const struct {
        Field field;
        const char *name;
} logged_fields[] = {
        { FIELD_FRAMEWORK_ID, "framework" },
        { FIELD_DESTINATION_ACCOUNT, "destination_account" },
        { FIELD_DESTINATION_REGION, "destination_region" },
        { FIELD_REQUEST_ID, "request" },
        { FIELD_REQUEST_TYPE, "request_type" },
        { FIELD_ACTION, "action" },
        { FIELD_COMMENT, "comment" },
        { FIELD_MAX_RESULTS, "max_results" },
        { FIELD_NEXT_TOKEN, "next_token" },
};

static const struct {
        const char *header, *name;
} logged_headers[] = {
        { "amz-sdk-invocation-id", "invocation_id" },
        { "amz-sdk-request", "sdk_request" },
        { "user-agent", "user_agent" },
        { "host", "host" },
};

static void count(Journal *j, const char *name) {
        uint64_t hash = hash_text(name, 10);
        Count *c;
        TableEntry *e;

        for (e = table_first(&j->counts, hash); e; e = table_next(e)) {
                c = CONTAINER_OF(e, Count, entry);
                if (strcmp(c->name, name) == 0) {
                        c->n++;
                        return;
                }
        }

        c = xcalloc(1, sizeof(*c));
        *c = (Count){ .name = xstrdup(name), .n = 1 };
        table_add(&j->counts, &c->entry, hash);
}

static const char *operation_name(const Call *c) {
        return c->operation ? c->operation->name : "unknown";
}

static void append_caller(const Call *c, Buffer *b) {
        _cleanup_(free_string) char *region = sign_claimed_region(&c->request);
        _cleanup_(free_string) char *id = sign_claimed_key(&c->request);
        const Key *key = id ? world_key(c->world, id) : NULL;

        buffer_json_member(b, "access_key_id", id);
        buffer_json_member(b, "account", key ? key->account : NULL);
        buffer_json_member(b, "region", region);
}

static char *entry_json(const Journal *j, const Call *c, const Fault *fault, unsigned status) {
        Buffer b = { 0 };
        usec_t now = time_wall();

        buffer_printf(&b, "{\"seq\":%" PRIu64, j->n + 1);
        buffer_json_time(&b, "time", now);
        buffer_json_member(&b, "operation", operation_name(c));
        buffer_json_member(&b, "method", c->request.method);
        buffer_json_member(&b, "path", c->request.path);
        append_caller(c, &b);
        buffer_printf(&b, ",\"status\":%u,\"processed\":%s", status,
                        c->processed ? "true" : "false");
        buffer_json_member(&b, "code", c->answer.code);
        buffer_json_member(&b, "fault", fault ? fault_kind_name(fault->kind) : NULL);
        buffer_json_member(&b, "request_id", c->request_id);
        for (size_t i = 0; i < ELEMENTS(logged_fields); i++)
                buffer_json_member(&b, logged_fields[i].name, c->values[logged_fields[i].field]);
        for (size_t i = 0; i < ELEMENTS(logged_headers); i++)
                buffer_json_member(&b, logged_headers[i].name,
                                pairs_get(&c->request.headers, logged_headers[i].header));
        if (c->service == SERVICE_STS)
                buffer_json_member(&b, "role_arn", pairs_get(&c->form, "RoleArn"));
        buffer_text(&b, "}");
        return b.data;
}

void journal_add(Journal *j, const Call *c, const Fault *fault, unsigned status) {
        JournalEntry *entry;
        char label[64];

        if (j->n >= j->size && j->size < JOURNAL_MAX) {
                size_t size = j->size ? MIN_OF(j->size * 2, JOURNAL_MAX) : 256;

                j->entries = xrealloc(j->entries, size, sizeof(*j->entries));
                memset(j->entries + j->size, 0, (size - j->size) * sizeof(*j->entries));
                j->size = size;
        }

        entry = &j->entries[j->n % JOURNAL_MAX];
        free(entry->json);
        *entry = (JournalEntry){
                .json = entry_json(j, c, fault, status),
                .operation = operation_name(c),
        };
        j->n++;

        count(j, operation_name(c));
        (void) snprintf(label, sizeof(label), "status %u", status);
        count(j, label);
        if (c->answer.code && operation_name(c))
                count(j, c->answer.code);
}

void journal_append(const Journal *j, uint64_t after, const char *operation, Buffer *b) {
        uint64_t oldest = j->n > JOURNAL_MAX ? j->n - JOURNAL_MAX : 0;
        const char *separator = "";

        for (uint64_t i = after > oldest ? after : oldest; i < j->n; i++) {
                const JournalEntry *entry = &j->entries[i % JOURNAL_MAX];

                if (!entry->json || (operation && strcmp(operation, entry->operation) != 0))
                        continue;
                buffer_printf(b, "%s\n", separator);
                buffer_text(b, entry->json);
                separator = ",";
        }
}

json_t *journal_counts(const Journal *j) {
        json_t *object = json_object();
        TableEntry *e = NULL;
        size_t chain = 0;

        while ((e = table_iterate(&j->counts, &chain, e))) {
                const Count *c = CONTAINER_OF(e, Count, entry);

                (void) json_object_set_new(object, c->name, json_integer((json_int_t) c->n));
        }
        return object;
}

/* Forgets the calls, but goes on numbering. */
void journal_clear(Journal *j) {
        for (size_t i = 0; i < j->size; i++) {
                free(j->entries[i].json);
                j->entries[i].json = NULL;
        }
}

void journal_done(Journal *j) {
        journal_clear(j);
        free(j->entries);
        for (size_t i = 0; i < j->counts.n_chains; i++)
                while (j->counts.chains[i]) {
                        Count *c = CONTAINER_OF(j->counts.chains[i], Count, entry);

                        j->counts.chains[i] = c->entry.next;
                        free(c->name);
                        free(c);
                }
        table_done(&j->counts);
        *j = (Journal){ 0 };
}

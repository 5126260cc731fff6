/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The simulated world: accounts, keys, roles, frameworks, and the clock they live by
 *
 * Time: everything is stored in business time, which is wall time plus all advances so far. What
 * goes over the wire has the advances taken off again. So an advance of 95 days lets a request
 * created a moment ago look 95 days old, while "now" stays the wall clock's now for everybody: the
 * clients need no clock of their own that could be moved.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "request.h"
#include "world.h"

const char *const region_names[REGIONS] = {
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
};

int region_from_name(const char *name) {
        for (int i = 0; i < REGIONS; i++)
                if (strcmp(region_names[i], name) == 0)
                        return i;
        return -1;
}

usec_t world_now(const World *w) {
        return time_wall() + w->advanced;
}

usec_t world_wire(const World *w, usec_t when) {
        return when - w->advanced;
}

void world_init(World *w) {
        *w = (World){ .settings = settings_default };
        if (RAND_bytes(w->token_secret, sizeof(w->token_secret)) != 1)
                abort();
}

Account *world_account(World *w, const char *id) {
        TableEntry *e;

        for (e = table_first(&w->accounts, hash_text(id, 0)); e; e = table_next(e)) {
                Account *account = CONTAINER_OF(e, Account, entry);

                if (strcmp(account->id, id) == 0)
                        return account;
        }
        return NULL;
}

Account *world_add_account(World *w, const char *id) {
        Account *account = world_account(w, id);

        if (account)
                return account;

        account = xcalloc(1, sizeof(*account));
        (void) snprintf(account->id, sizeof(account->id), "%s", id);
        table_add(&w->accounts, &account->entry, hash_text(account->id, 0));
        return account;
}

bool world_is_set_up(World *w, const char *account, int region) {
        const Account *known = world_account(w, account);

        return known ? known->audit_manager & 1u << region : w->account_default;
}

Key *world_key(World *w, const char *id) {
        TableEntry *e;

        for (e = table_first(&w->keys, hash_text(id, 1)); e; e = table_next(e)) {
                Key *key = CONTAINER_OF(e, Key, entry);

                if (strcmp(key->id, id) == 0)
                        return key;
        }
        return NULL;
}

Key *world_add_key(World *w, const char *id) {
        Key *key = world_key(w, id);

        if (key)
                return key;

        key = xcalloc(1, sizeof(*key));
        key->id = xstrdup(id);
        table_add(&w->keys, &key->entry, hash_text(id, 1));
        return key;
}

bool denied_contains(char *const *denied, const char *operation) {
        for (; denied && *denied; denied++) {
                const char *name = strchr(*denied, ':') ? strchr(*denied, ':') + 1 : *denied;

                if (strcmp(name, "*") == 0 || strcmp(name, operation) == 0)
                        return true;
        }
        return false;
}

char **denied_copy(char *const *denied) {
        size_t n = 0;
        char **copy;

        while (denied && denied[n])
                n++;
        copy = xcalloc(n + 1, sizeof(*copy));
        for (size_t i = 0; i < n; i++)
                copy[i] = xstrdup(denied[i]);
        return copy;
}

void denied_free(char **denied) {
        for (size_t i = 0; denied && denied[i]; i++)
                free(denied[i]);
        free(denied);
}

Role *world_role(World *w, const char *arn) {
        TableEntry *e;

        for (e = table_first(&w->roles, hash_text(arn, 2)); e; e = table_next(e)) {
                Role *role = CONTAINER_OF(e, Role, entry);

                if (strcmp(role->arn, arn) == 0)
                        return role;
        }
        return NULL;
}

Role *world_add_role(World *w, const char *arn) {
        Role *role = world_role(w, arn);

        if (role)
                return role;

        role = xcalloc(1, sizeof(*role));
        role->arn = xstrdup(arn);
        table_add(&w->roles, &role->entry, hash_text(arn, 2));
        return role;
}

Source *world_source(World *w, const char *account, int region) {
        uint64_t hash = hash_text(account, 3 + (uint64_t) region);
        Source *source;
        TableEntry *e;

        for (e = table_first(&w->sources, hash); e; e = table_next(e)) {
                source = CONTAINER_OF(e, Source, entry);
                if (source->region == region && strcmp(source->account, account) == 0)
                        return source;
        }

        source = xcalloc(1, sizeof(*source));
        (void) snprintf(source->account, sizeof(source->account), "%s", account);
        source->region = region;
        table_add(&w->sources, &source->entry, hash);
        return source;
}

Version *version_ref(Version *v) {
        v->n_ref++;
        return v;
}

Version *version_unref(Version *v) {
        if (!v || --v->n_ref > 0)
                return NULL;
        free(v->name);
        free(v->json);
        free(v);
        return NULL;
}

static Version *version_new(const Framework *f, const char *name, usec_t updated) {
        Version *v = xcalloc(1, sizeof(*v));
        char id[UUID_TEXT_SIZE];
        Buffer json = { 0 };

        *v = (Version){
                .n_ref = 1, .framework_id = f->id, .name = xstrdup(name), .updated = updated
        };

        uuid_format(&f->id, id);
        buffer_json_member(&json, "frameworkId", id);
        buffer_json_member(&json, "frameworkName", name);
        buffer_json_member(&json, "frameworkDescription", f->description);
        buffer_json_member(&json, "complianceType", f->compliance_type);
        buffer_text(&json, ",\"standardControlsCount\":2,\"customControlsCount\":1");
        v->json = json.data;
        return v;
}

Framework *world_framework(World *w, const Uuid *id) {
        TableEntry *e;

        for (e = table_first(&w->frameworks, hash_bytes(id, sizeof(*id), 4)); e;
                        e = table_next(e)) {
                Framework *f = CONTAINER_OF(e, Framework, entry);

                if (uuid_equal(&f->id, id))
                        return f;
        }
        return NULL;
}

Framework *world_find_framework(World *w, const char *id_or_name) {
        TableEntry *e = NULL;
        size_t chain = 0;
        Uuid id;

        if (uuid_parse(id_or_name, &id))
                return world_framework(w, &id);

        while ((e = table_iterate(&w->frameworks, &chain, e))) {
                Framework *f = CONTAINER_OF(e, Framework, entry);

                if (strcmp(f->version->name, id_or_name) == 0)
                        return f;
        }
        return NULL;
}

Framework *world_add_framework(World *w, const Uuid *id, Source *source, const char *name) {
        Framework *f = xcalloc(1, sizeof(*f));

        *f = (Framework){ .id = *id, .source = source, .created = world_now(w) };
        f->version = version_new(f, name, f->created);
        table_add(&w->frameworks, &f->entry, hash_bytes(id, sizeof(*id), 4));

        source->frameworks = xrealloc(
                        source->frameworks, source->n_frameworks + 1, sizeof(*source->frameworks));
        source->frameworks[source->n_frameworks++] = f;
        return f;
}

/* Makes a new version; requests already sent keep the one they have. */
void framework_touch(Framework *f, const char *new_name, usec_t when) {
        Version *v = version_new(f, new_name ? new_name : f->version->name, when);

        (void) version_unref(f->version);
        f->version = v;
}

static void framework_free(Framework *f) {
        (void) version_unref(f->version);
        free(f->description);
        free(f->compliance_type);
        free(f);
}

void world_remove_framework(World *w, Framework *f) {
        Source *source = f->source;
        size_t i = 0;

        while (source->frameworks[i] != f)
                i++;
        source->n_frameworks--;
        memmove(source->frameworks + i, source->frameworks + i + 1,
                        (source->n_frameworks - i) * sizeof(*source->frameworks));

        table_remove(&w->frameworks, &f->entry);
        framework_free(f);
}

static void key_free(Key *key) {
        free(key->id);
        free(key->secret);
        free(key->session_token);
        free(key->arn);
        free(key->user_id);
        denied_free(key->denied);
        free(key);
}

static void role_free(Role *role) {
        free(role->arn);
        free(role->external_id);
        free(role->web_identity_token);
        denied_free(role->denied);
        free(role);
}

static void source_free(Source *source) {
        source_drop_requests(source);
        for (size_t i = 0; i < source->n_frameworks; i++)
                framework_free(source->frameworks[i]);
        free(source->frameworks);
        free(source);
}

#define TABLE_FREE(table, type, free_one)                                                          \
        do {                                                                                       \
                for (size_t i = 0; i < (table)->n_chains; i++)                                     \
                        while ((table)->chains[i]) {                                               \
                                type *item = CONTAINER_OF((table)->chains[i], type, entry);        \
                                                                                                   \
                                (table)->chains[i] = item->entry.next;                             \
                                free_one(item);                                                    \
                        }                                                                          \
                table_done(table);                                                                 \
        } while (0)

void world_done(World *w) {
        TABLE_FREE(&w->sources, Source, source_free);
        TABLE_FREE(&w->accounts, Account, free);
        TABLE_FREE(&w->keys, Key, key_free);
        TABLE_FREE(&w->roles, Role, role_free);

        /* What these held belonged to the sources. */
        table_done(&w->frameworks);
        table_done(&w->requests);
        table_done(&w->requests_by_share);
        table_done(&w->requests_by_recipient);
}

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The seed: what exists before the first call
 *
 *     {
 *       "default_account": { "audit_manager": true },
 *       "accounts": { "111122223333": { "audit_manager": true },
 *                     "444455556666": { "audit_manager": ["eu-west-1"] } },
 *       "keys": [ { "access_key_id": "AKIA...", "secret_access_key": "...", "session_token": "...",
 *                   "account": "111122223333", "arn": "arn:aws:iam::111122223333:user/x",
 *                   "expires": "2030-01-01T00:00:00Z", "deny": ["StartAssessmentFrameworkShare"] }
 * ], "roles": [ { "arn": "arn:aws:iam::111122223333:role/y", "external_id": "...",
 *                    "web_identity_token": "...", "deny": [] } ],
 *       "frameworks": [ { "id": "...", "account": "111122223333", "region": "eu-west-1", "name":
 * "A", "description": "...", "compliance_type": "...", "created_days_ago": 30, "updated_days_ago":
 * 3 } ], "requests": [ { "id": "...", "framework": "A", "to_account": "444455556666", "to_region":
 * "eu-west-1", "status": "EXPIRING", "created_days_ago": 95, "comment": "..." } ], "bulk": {
 * "requests": 1000000, "framework": "A", "status": "SHARED", "first_account": "200000000000" }
 *     }
 *
 * A member nobody knows is an error: a test with a typo in its seed would test something else.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "request.h"
#include "seed.h"

#define BULK_MAX      5000000
#define SEED_DAYS_MAX 36500

static int fail(char **reterr_message, const char *what, const char *name) {
        char *message;

        if (asprintf(&message, "%s: %s", what, name) < 0)
                abort();
        free(*reterr_message);
        *reterr_message = message;
        return -EINVAL;
}

/* The names that an object may have, between blanks. */
static int check_members(const json_t *object,
                const char *known,
                const char *what,
                char **reterr_message) {
        void *i;

        if (!json_is_object(object))
                return fail(reterr_message, "want an object", what);

        for (i = json_object_iter((json_t *) (uintptr_t) object); i;
                        i = json_object_iter_next((json_t *) (uintptr_t) object, i)) {
                _cleanup_(buffer_done) Buffer name = { 0 };

                buffer_printf(&name, " %s ", json_object_iter_key(i));
                if (!strstr(known, name.data))
                        return fail(reterr_message, what, json_object_iter_key(i));
        }
        return 0;
}

static const char *text_of(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

static bool is_account(const char *text) {
        return text && strspn(text, "0123456789") == ACCOUNT_ID_SIZE - 1
                        && !text[ACCOUNT_ID_SIZE - 1];
}

/* A number of days before now; ret stays as it is when there is none. */
static int read_age(const World *w,
                const json_t *object,
                const char *name,
                usec_t *ret,
                char **reterr_message) {
        const json_t *days = json_object_get(object, name);

        if (!days)
                return 0;
        if (!json_is_number(days) || !(json_number_value(days) >= -SEED_DAYS_MAX)
                        || !(json_number_value(days) <= SEED_DAYS_MAX))
                return fail(reterr_message, "want a number of days", name);
        *ret = world_now(w) - usec_from_seconds(json_number_value(days) * 86400);
        return 0;
}

static int read_regions(const json_t *value, unsigned *ret, char **reterr_message) {
        unsigned regions = 0;
        json_t *name;
        size_t i;

        if (json_is_boolean(value)) {
                *ret = json_is_true(value) ? ALL_REGIONS : 0;
                return 0;
        }
        if (!json_is_array(value))
                return fail(reterr_message, "want true, false or Regions", "audit_manager");

        json_array_foreach((json_t *) (uintptr_t) value, i, name) {
                int region = json_is_string(name) ? region_from_name(json_string_value(name)) : -1;

                if (region < 0)
                        return fail(reterr_message, "want a Region", "audit_manager");
                regions |= 1u << region;
        }
        *ret = regions;
        return 0;
}

static int add_accounts(World *w, const json_t *accounts, char **reterr_message) {
        const char *id;
        json_t *value;
        int r;

        json_object_foreach((json_t *) (uintptr_t) accounts, id, value) {
                unsigned regions = ALL_REGIONS;

                if (!is_account(id))
                        return fail(reterr_message, "want 12 digits", id);
                r = check_members(value, " audit_manager ", "accounts", reterr_message);
                if (r < 0)
                        return r;
                if (json_object_get(value, "audit_manager"))
                        r = read_regions(json_object_get(value, "audit_manager"), &regions,
                                        reterr_message);
                if (r < 0)
                        return r;
                world_add_account(w, id)->audit_manager = regions;
        }
        return 0;
}

static int read_denied(const json_t *list, char ***denied, char **reterr_message) {
        json_t *name;
        size_t i;

        if (!list)
                return 0;
        if (!json_is_array(list))
                return fail(reterr_message, "want a list of operations", "deny");

        denied_free(*denied);
        *denied = xcalloc(json_array_size(list) + 1, sizeof(**denied));
        json_array_foreach((json_t *) (uintptr_t) list, i, name) {
                if (!json_is_string(name))
                        return fail(reterr_message, "want names of operations", "deny");
                (*denied)[i] = xstrdup(json_string_value(name));
        }
        return 0;
}

/* Either a date, or seconds from now, which can be negative. */
static int read_expires(const json_t *value, usec_t *ret, char **reterr_message) {
        if (json_is_number(value)) {
                *ret = time_wall() + usec_from_seconds(json_number_value(value));
                return 0;
        }
        if (json_is_string(value) && time_parse_iso(json_string_value(value), ret))
                return 0;
        return fail(reterr_message, "want a date or seconds from now", "expires");
}

static void name_key(Key *key, const char *arn) {
        Buffer b = { 0 };

        if (arn)
                replace_string(&key->arn, arn);
        if (!key->arn) {
                buffer_printf(&b, "arn:aws:iam::%s:user/simulated", key->account);
                key->arn = b.data;
                b = (Buffer){ 0 };
        }
        if (!key->user_id) {
                buffer_printf(&b, "AIDA%s", strlen(key->id) > 4 ? key->id + 4 : key->id);
                key->user_id = b.data;
        }
}

static int add_key(World *w, const json_t *o, char **reterr_message) {
        const char *id = text_of(o, "access_key_id"), *secret = text_of(o, "secret_access_key");
        const char *account = text_of(o, "account");
        const json_t *expires = json_object_get(o, "expires");
        Key *key;
        int r;

        r = check_members(o,
                        " access_key_id secret_access_key session_token account arn expires deny ",
                        "keys", reterr_message);
        if (r < 0)
                return r;
        key = id ? world_key(w, id) : NULL;
        if (!id || (!key && (!secret || !is_account(account))))
                return fail(reterr_message, "want access_key_id, secret_access_key and account",
                                "keys");

        if (!key)
                key = world_add_key(w, id);
        if (secret)
                replace_string(&key->secret, secret);
        if (json_object_get(o, "session_token"))
                replace_string(&key->session_token, text_of(o, "session_token"));
        if (is_account(account))
                memcpy(key->account, account, ACCOUNT_ID_SIZE);
        key->signing_scope[0] = '\0';
        name_key(key, text_of(o, "arn"));

        r = expires ? read_expires(expires, &key->expires, reterr_message) : 0;
        return r < 0 ? r : read_denied(json_object_get(o, "deny"), &key->denied, reterr_message);
}

static int add_role(World *w, const json_t *o, char **reterr_message) {
        const char *arn = text_of(o, "arn");
        Role *role;
        int r;

        r = check_members(o, " arn external_id web_identity_token deny ", "roles", reterr_message);
        if (r < 0)
                return r;
        if (!arn)
                return fail(reterr_message, "want an arn", "roles");

        role = world_add_role(w, arn);
        replace_string(&role->external_id, text_of(o, "external_id"));
        replace_string(&role->web_identity_token, text_of(o, "web_identity_token"));
        return read_denied(json_object_get(o, "deny"), &role->denied, reterr_message);
}

/* Without an id, the same account, Region and name give the same one in each run. */
static int read_id(const json_t *o, uint64_t seed, Uuid *ret, char **reterr_message) {
        const char *id = text_of(o, "id");

        if (!id) {
                uuid_from_numbers(seed, seed + 1, ret);
                return 0;
        }
        return uuid_parse(id, ret) ? 0 : fail(reterr_message, "want a UUID in lower case", id);
}

static int add_framework(World *w, const json_t *o, char **reterr_message) {
        const char *account = text_of(o, "account"), *region = text_of(o, "region"),
                   *name = text_of(o, "name");
        usec_t created = world_now(w), updated = 0;
        Framework *f;
        Uuid id;
        int r;

        r = check_members(o,
                        " id account region name description compliance_type created_days_ago "
                        "updated_days_ago ",
                        "frameworks", reterr_message);
        if (r < 0)
                return r;
        if (!is_account(account) || !name || !region || region_from_name(region) < 0)
                return fail(reterr_message, "want account, region and name", "frameworks");

        r = read_id(o, hash_text(account, hash_text(region, hash_text(name, 11))), &id,
                        reterr_message);
        if (r >= 0)
                r = read_age(w, o, "created_days_ago", &created, reterr_message);
        if (r >= 0)
                r = read_age(w, o, "updated_days_ago", &updated, reterr_message);
        if (r < 0)
                return r;
        if (world_framework(w, &id))
                return fail(reterr_message, "this framework exists already", name);

        f = world_add_framework(w, &id, world_source(w, account, region_from_name(region)), name);
        f->created = created;
        replace_string(&f->description, text_of(o, "description"));
        replace_string(&f->compliance_type, text_of(o, "compliance_type"));
        framework_touch(f, NULL, updated > 0 ? updated : created);
        return 0;
}

static int find_framework(World *w, const char *name, Framework **ret, char **reterr_message) {
        Framework *f = name ? world_find_framework(w, name) : NULL;

        if (!f)
                return fail(reterr_message, "no such framework", name ? name : "(none)");
        *ret = f;
        return 0;
}

static void place(World *w, ShareRequest *r, const char *status, usec_t created) {
        int known = status ? share_status_from_name(status) : SHARE_ACTIVE;

        request_place(w, r, known >= 0 ? (ShareStatus) known : SHARE_ACTIVE, created);
        if (known < 0)
                replace_string(&r->forced_status, status);
}

static int add_request(World *w, const json_t *o, char **reterr_message) {
        const char *account = text_of(o, "to_account"), *region = text_of(o, "to_region");
        ShareStart start = { .account = account, .comment = text_of(o, "comment") };
        usec_t created = 0;
        Uuid id;
        int r;

        r = check_members(o,
                        " id framework account to_account to_region status created_days_ago "
                        "comment ",
                        "requests", reterr_message);
        if (r >= 0)
                r = find_framework(w, text_of(o, "framework"), &start.framework, reterr_message);
        if (r < 0)
                return r;
        if (!is_account(account) || !region || region_from_name(region) < 0)
                return fail(reterr_message, "want to_account and to_region", "requests");

        r = read_id(o, hash_mix(w->requests.n + 1), &id, reterr_message);
        if (r >= 0)
                r = read_age(w, o, "created_days_ago", &created, reterr_message);
        if (r < 0)
                return r;
        if (request_find(w, &id))
                return fail(reterr_message, "this request exists already", "requests");

        start.region = region_from_name(region);
        place(w, request_add(w, &id, &start, world_now(w)), text_of(o, "status"), created);
        return 0;
}

/* Recipients count up through the Regions first, leaving out the source's own, then the accounts.
 */
static int add_bulk(World *w, const json_t *o, char **reterr_message) {
        const char *first = text_of(o, "first_account");
        json_int_t n = json_integer_value(json_object_get(o, "requests"));
        uint64_t account = strtoull(first ? first : "200000000000", NULL, 10);
        ShareStart start = { .comment = text_of(o, "comment") };
        usec_t created = 0;
        int r;

        r = check_members(o, " requests framework status first_account created_days_ago comment ",
                        "bulk", reterr_message);
        if (r >= 0)
                r = find_framework(w, text_of(o, "framework"), &start.framework, reterr_message);
        if (r >= 0)
                r = read_age(w, o, "created_days_ago", &created, reterr_message);
        if (r < 0)
                return r;
        if (n < 0 || n > BULK_MAX || (first && !is_account(first)))
                return fail(reterr_message, "want requests and first_account", "bulk");

        for (json_int_t i = 0; i < n; i++) {
                char text[24];
                Uuid id;

                (void) snprintf(text, sizeof(text), "%012" PRIu64,
                                (account + (uint64_t) i / (REGIONS - 1)) % UINT64_C(1000000000000));
                start.account = text;
                start.region = (int) (i % (REGIONS - 1));
                start.region += start.region >= start.framework->source->region;
                uuid_from_numbers(hash_bytes(&start.framework->id, sizeof(Uuid), account),
                                (uint64_t) i, &id);
                place(w, request_add(w, &id, &start, world_now(w)), text_of(o, "status"), created);
        }
        return 0;
}

typedef int AddOne(World *w, const json_t *object, char **reterr_message);

/* A list of objects, or a single one. */
static int add_each(World *w, const json_t *list, AddOne *add, char **reterr_message) {
        json_t *item;
        size_t i;
        int r;

        if (json_is_object(list))
                return add(w, list, reterr_message);
        if (list && !json_is_array(list))
                return fail(reterr_message, "want a list", "seed");

        json_array_foreach((json_t *) (uintptr_t) list, i, item) {
                r = add(w, item, reterr_message);
                if (r < 0)
                        return r;
        }
        return 0;
}

int seed_apply(World *w, const json_t *document, char **reterr_message) {
        /* In the order in which they refer to each other. */
        static const struct {
                const char *name;
                AddOne *add;
        } lists[] = {
                { "keys", add_key },
                { "roles", add_role },
                { "frameworks", add_framework },
                { "requests", add_request },
                { "bulk", add_bulk },
        };
        const json_t *fallback = json_object_get(document, "default_account");
        int r;

        r = check_members(document,
                        " default_account accounts keys roles frameworks requests bulk ", "seed",
                        reterr_message);
        if (r < 0)
                return r;

        if (fallback)
                w->account_default = json_is_true(json_object_get(fallback, "audit_manager"));
        r = add_accounts(w, json_object_get(document, "accounts"), reterr_message);
        for (size_t i = 0; r >= 0 && i < ELEMENTS(lists); i++)
                r = add_each(w, json_object_get(document, lists[i].name), lists[i].add,
                                reterr_message);
        return r;
}

int seed_load(World *w, const char *path, char **reterr_message) {
        json_error_t error;
        json_t *document = json_load_file(path, 0, &error);
        int r;

        if (!document) {
                if (asprintf(reterr_message, "%s:%d: %s", path, error.line, error.text) < 0)
                        abort();
                return -EINVAL;
        }
        r = seed_apply(w, document, reterr_message);
        json_decref(document);
        return r;
}

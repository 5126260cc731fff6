#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The simulated world: accounts, keys, roles, frameworks, and the clock they live by
 *
 * Owns everything it hands out; pointers stay good until world_done(), except to frameworks and
 * share requests, which can be deleted. Nothing in it knows HTTP.
 */

#include "settings.h"
#include "util.h"

#define ACCOUNT_ID_SIZE 13

/* The Regions of Audit Manager. A Region is an index into region_names everywhere else. */
#define REGIONS     12
#define ALL_REGIONS ((1u << REGIONS) - 1)

extern const char *const region_names[REGIONS];
int region_from_name(const char *name);

typedef struct Account {
        TableEntry entry;
        char id[ACCOUNT_ID_SIZE];
        unsigned audit_manager; /* one bit a Region: has the service been set up there? */
} Account;

/* What a signature can be made with. */
typedef struct Key {
        TableEntry entry;
        char *id;
        char *secret;
        char *session_token; /* NULL for long-term keys */
        char account[ACCOUNT_ID_SIZE];
        char *arn;
        char *user_id;
        usec_t expires; /* 0 = never; in wall time, as credentials are not part of the aged world */
        char **denied; /* names of operations, "*" for all, NULL-terminated; can be NULL */

        /* The signing key last derived, and for what: the same all day for one client. */
        char signing_scope[64];
        uint8_t signing_key[32];
} Key;

typedef struct Role {
        TableEntry entry;
        char *arn;
        char *external_id;
        char *web_identity_token;
        char **denied;
} Role;

/* A version of a framework. A share request keeps the version that was sent. */
typedef struct Version {
        size_t n_ref;
        Uuid framework_id;
        char *name;
        char *json; /* its members in a share request, ready to be appended */
        usec_t updated;
} Version;

typedef struct Source Source;

typedef struct Framework {
        TableEntry entry;
        Uuid id;
        Source *source;
        char *description;
        char *compliance_type;
        usec_t created;
        Version *version;
} Framework;

/* An account in one Region, as the owner of frameworks and the sender of share requests. */
struct Source {
        TableEntry entry;
        char account[ACCOUNT_ID_SIZE];
        int region;

        struct ShareRequest **requests; /* the first n_sorted are in listing order */
        size_t n_requests, n_sorted, n_gone, size;

        Framework **frameworks; /* in the order of their creation */
        size_t n_frameworks;

        double tokens; /* of the rate limit */
        usec_t tokens_at;

        Table recipients; /* of active share requests, for the quota */
        usec_t next_transition;
};

typedef struct World {
        Settings settings;
        usec_t advanced; /* how far the business clock is ahead of the wall clock */
        bool account_default; /* accounts nobody named exist, and are set up */
        uint8_t token_secret[32];

        Table accounts, keys, roles, frameworks, sources;
        Table requests, requests_by_share, requests_by_recipient;
} World;

void world_init(World *w);
void world_done(World *w);

/* The business clock. wire() turns its times into the ones that clients see. */
usec_t world_now(const World *w);
usec_t world_wire(const World *w, usec_t when);

Account *world_account(World *w, const char *id);
Account *world_add_account(World *w, const char *id);
bool world_is_set_up(World *w, const char *account, int region);

Key *world_key(World *w, const char *id);
Key *world_add_key(World *w, const char *id);
bool denied_contains(char *const *denied, const char *operation);
char **denied_copy(char *const *denied);
void denied_free(char **denied);

Role *world_role(World *w, const char *arn);
Role *world_add_role(World *w, const char *arn);

Source *world_source(World *w, const char *account, int region);

/* Takes an id or an exact name, the latter being looked for everywhere. */
Framework *world_framework(World *w, const Uuid *id);
Framework *world_find_framework(World *w, const char *id_or_name);
Framework *world_add_framework(World *w, const Uuid *id, Source *source, const char *name);
void framework_touch(Framework *f, const char *new_name, usec_t when);
void world_remove_framework(World *w, Framework *f);

Version *version_ref(Version *v);
Version *version_unref(Version *v);

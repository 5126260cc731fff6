/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The control port: what a test does to the world, and what it reads from it
 *
 * Plain JSON over HTTP, unsigned. It plays everybody who is not a client of the API: time, the
 * recipients, the people who edit frameworks, and the network that breaks.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "request.h"
#include "seed.h"
#include "server.h"

#define ADVANCE_MAX_DAYS 36500
#define REQUESTS_MAX     100000

typedef struct Control {
        Simulator *simulator;
        World *world;
        const Pairs *query;
        const json_t *in;
        Buffer *out;
} Control;

static unsigned fail(Control *c, unsigned status, const char *message) {
        c->out->n = 0;
        buffer_text(c->out, "{");
        buffer_json_member(c->out, "error", message);
        buffer_text(c->out, "}");
        return status;
}

static unsigned answer_json(Control *c, json_t *value) {
        char *text = json_dumps(value, JSON_INDENT(1));

        json_decref(value);
        if (!text)
                return fail(c, 500, "cannot write JSON");
        buffer_text(c->out, text);
        free(text);
        return 200;
}

static unsigned answer_ok(Control *c) {
        buffer_text(c->out, "{}");
        return 200;
}

static const char *text_of(const Control *c, const char *name) {
        return json_string_value(json_object_get(c->in, name));
}

static void append_internals(const Control *c, const ShareRequest *r, Buffer *b) {
        request_append_json(c->world, r, &r->state, b);
        b->n--;
        buffer_json_time(b, "started", world_wire(c->world, r->started));
        buffer_json_time(b, "frameworkUpdated", world_wire(c->world, r->version->updated));
        buffer_json_member(b, "sourceRegion", region_names[r->source->region]);
        buffer_printf(b, ",\"sends\":%u,\"forced\":%s,\"hiddenFromRecipient\":%s,\"willFail\":%s}",
                        r->n_sends, r->forced_status ? "true" : "false",
                        r->hidden_from_recipient ? "true" : "false",
                        r->fails > 0 ? "true" : "false");
}

static unsigned answer_request(Control *c, const ShareRequest *r) {
        append_internals(c, r, c->out);
        return 200;
}

/* Named by its id, or as the effective request of a share. */
static ShareRequest *find_request(Control *c) {
        const char *id = text_of(c, "request"), *name = text_of(c, "framework");
        const char *account = text_of(c, "account"), *region = text_of(c, "region");
        Framework *f = name ? world_find_framework(c->world, name) : NULL;
        ShareRequest *r = NULL;
        Uuid uuid;

        if (id && uuid_parse(id, &uuid))
                r = request_find(c->world, &uuid);
        else if (!id && f && account && region && region_from_name(region) >= 0)
                r = request_effective(c->world, f, account, region_from_name(region));
        if (r)
                request_settle(c->world, r, world_now(c->world));
        return r;
}

static unsigned on_advance(Control *c) {
        double seconds = json_number_value(json_object_get(c->in, "seconds"))
                        + json_number_value(json_object_get(c->in, "days")) * 86400;

        if (!(seconds >= 0) || !(seconds <= ADVANCE_MAX_DAYS * 86400.0)
                        || c->world->advanced + usec_from_seconds(seconds)
                                        > ADVANCE_MAX_DAYS * USEC_PER_DAY)
                return fail(c, 400, "want seconds or days, forward, and a century at most");
        c->world->advanced += usec_from_seconds(seconds);
        return answer_json(c, json_pack("{s:f}", "advanced", (double) c->world->advanced / 1e6));
}

/* What the recipient, the sender or time would do; refused where the API would refuse it as well.
 */
static unsigned transition(Control *c, ShareStatus status) {
        ShareRequest *r = find_request(c);

        if (!r)
                return fail(c, 404, "no such request");
        if (!request_is_open(r))
                return fail(c, 409, "the request is not open");
        if (status == SHARE_EXPIRED)
                request_set_expiry(r, world_now(c->world));
        request_change(c->world, r, status, world_now(c->world));
        return answer_request(c, r);
}

static unsigned on_accept(Control *c) {
        return transition(c, SHARE_REPLICATING);
}

static unsigned on_decline(Control *c) {
        return transition(c, SHARE_DECLINED);
}

static unsigned on_revoke(Control *c) {
        return transition(c, SHARE_REVOKED);
}

static unsigned on_expire(Control *c) {
        return transition(c, SHARE_EXPIRED);
}

static unsigned on_fail(Control *c) {
        return transition(c, SHARE_FAILED);
}

static void set_time(const Control *c, const char *name, usec_t *to) {
        const json_t *value = json_object_get(c->in, name);

        if (json_is_number(value))
                *to = usec_from_seconds(json_number_value(value)) + c->world->advanced;
}

/* Forces a state that the machine might never reach; one of no known name stops the machine. */
static unsigned on_status(Control *c) {
        const char *status = text_of(c, "status");
        ShareRequest *r = find_request(c);
        usec_t expires, now = world_now(c->world);
        int known = status ? share_status_from_name(status) : -1;

        if (!r)
                return fail(c, 404, "no such request");

        replace_string(&r->forced_status, NULL);
        if (known >= 0)
                request_change(c->world, r, (ShareStatus) known, now);
        else if (status)
                replace_string(&r->forced_status, status);

        /* Left alone, these would turn into something else at once. */
        expires = r->state.expires;
        if (known == SHARE_ACTIVE && expires - REQUEST_EXPIRING_DAYS * USEC_PER_DAY <= now)
                expires = now + REQUEST_LIFE_DAYS * USEC_PER_DAY;
        if (known == SHARE_EXPIRING
                        && (expires <= now || expires - now > REQUEST_EXPIRING_DAYS * USEC_PER_DAY))
                expires = now + (REQUEST_EXPIRING_DAYS - 5) * USEC_PER_DAY;
        set_time(c, "expirationTime", &expires);
        set_time(c, "creationTime", &r->created);
        set_time(c, "lastUpdated", &r->state.updated);
        request_set_expiry(r, expires);
        return answer_request(c, r);
}

static unsigned on_request_delete(Control *c) {
        ShareRequest *r = find_request(c);

        if (!r)
                return fail(c, 404, "no such request");
        request_remove(c->world, r);
        return answer_ok(c);
}

static unsigned on_framework_update(Control *c) {
        const char *name = text_of(c, "framework");
        Framework *f = name ? world_find_framework(c->world, name) : NULL;

        if (!f)
                return fail(c, 404, "no such framework");
        framework_touch(f, text_of(c, "name"), world_now(c->world));
        return answer_ok(c);
}

static unsigned on_framework_delete(Control *c) {
        const char *name = text_of(c, "framework");
        Framework *f = name ? world_find_framework(c->world, name) : NULL;

        if (!f)
                return fail(c, 404, "no such framework");
        world_remove_framework(c->world, f);
        return answer_ok(c);
}

static unsigned seed(Control *c, const json_t *document) {
        _cleanup_(free_string) char *message = NULL;

        return seed_apply(c->world, document, &message) < 0 ? fail(c, 400, message) : answer_ok(c);
}

static unsigned on_seed(Control *c) {
        return seed(c, c->in);
}

static unsigned on_framework_add(Control *c) {
        json_t *document = json_pack("{s:[O]}", "frameworks", c->in);
        unsigned status = document ? seed(c, document) : fail(c, 400, "want a framework");

        json_decref(document);
        return status;
}

static unsigned on_settings(Control *c) {
        Settings settings = c->world->settings;
        const char *name;
        json_t *value;

        json_object_foreach((json_t *) (uintptr_t) c->in, name,
                        value) if (settings_set_json(&settings, name, value) < 0) return fail(c,
                        400, name);
        c->world->settings = settings;
        return answer_json(c, settings_to_json(&settings));
}

static unsigned on_fault(Control *c) {
        _cleanup_(free_string) char *message = NULL;
        const Fault *fault = faults_add(&c->simulator->faults, c->in, &message);

        return fault ? answer_json(c, fault_to_json(fault)) : fail(c, 400, message);
}

static unsigned on_faults(Control *c) {
        const Faults *faults = &c->simulator->faults;
        json_t *list = json_array();

        for (size_t i = 0; i < faults->n; i++)
                (void) json_array_append_new(list, fault_to_json(faults->items[i]));
        return answer_json(c, list);
}

static unsigned on_faults_clear(Control *c) {
        faults_clear(&c->simulator->faults);
        return answer_ok(c);
}

static unsigned on_log(Control *c) {
        const char *after = pairs_get(c->query, "after");

        buffer_text(c->out, "[");
        journal_append(&c->simulator->journal, after ? strtoull(after, NULL, 10) : 0,
                        pairs_get(c->query, "operation"), c->out);
        buffer_text(c->out, "]");
        return 200;
}

static unsigned on_log_clear(Control *c) {
        journal_clear(&c->simulator->journal);
        return answer_ok(c);
}

static bool wanted(const Control *c, const ShareRequest *r) {
        const char *framework = pairs_get(c->query, "framework");
        const char *account = pairs_get(c->query, "account"),
                   *region = pairs_get(c->query, "region");
        char id[UUID_TEXT_SIZE];

        uuid_format(&r->version->framework_id, id);
        if (framework && strcmp(framework, id) != 0 && strcmp(framework, r->version->name) != 0)
                return false;
        if (account && strcmp(account, r->to_account) != 0)
                return false;
        return !region || strcmp(region, region_names[r->to_region]) == 0;
}

static unsigned on_requests(Control *c) {
        usec_t now = world_now(c->world);
        TableEntry *e = NULL;
        size_t chain = 0, n = 0;

        buffer_text(c->out, "[");
        while ((e = table_iterate(&c->world->requests, &chain, e)) && n < REQUESTS_MAX) {
                ShareRequest *r = CONTAINER_OF(e, ShareRequest, by_id);

                if (!wanted(c, r))
                        continue;
                request_settle(c->world, r, now);
                buffer_text(c->out, n++ > 0 ? ",\n" : "\n");
                append_internals(c, r, c->out);
        }
        buffer_text(c->out, "]");
        return 200;
}

static unsigned on_stats(Control *c) {
        const Stats *s = &c->simulator->stats;

        return answer_json(c,
                        json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "counts",
                                        journal_counts(&c->simulator->journal), "calls",
                                        (json_int_t) c->simulator->journal.n, "connections",
                                        (json_int_t) s->connections, "open_connections",
                                        (json_int_t) s->open_connections, "in_flight",
                                        (json_int_t) s->in_flight, "max_in_flight",
                                        (json_int_t) s->max_in_flight, "requests",
                                        (json_int_t) c->world->requests.n));
}

static unsigned on_stats_clear(Control *c) {
        Stats *s = &c->simulator->stats;

        s->max_in_flight = s->in_flight;
        s->connections = s->open_connections;
        return answer_ok(c);
}

static unsigned on_health(Control *c) {
        return answer_json(c,
                        json_pack("{s:b, s:f}", "ok", 1, "advanced",
                                        (double) c->world->advanced / 1e6));
}

static const struct {
        const char *method, *path;
        unsigned (*run)(Control *c);
} routes[] = {
        { "GET", "/health", on_health },
        { "GET", "/log", on_log },
        { "POST", "/log-clear", on_log_clear },
        { "GET", "/requests", on_requests },
        { "GET", "/stats", on_stats },
        { "POST", "/stats-clear", on_stats_clear },
        { "GET", "/settings", on_settings },
        { "POST", "/settings", on_settings },
        { "GET", "/faults", on_faults },
        { "POST", "/fault", on_fault },
        { "POST", "/faults-clear", on_faults_clear },
        { "POST", "/advance", on_advance },
        { "POST", "/seed", on_seed },
        { "POST", "/accept", on_accept },
        { "POST", "/decline", on_decline },
        { "POST", "/revoke", on_revoke },
        { "POST", "/expire", on_expire },
        { "POST", "/fail", on_fail },
        { "POST", "/status", on_status },
        { "POST", "/request-delete", on_request_delete },
        { "POST", "/framework-add", on_framework_add },
        { "POST", "/framework-update", on_framework_update },
        { "POST", "/framework-delete", on_framework_delete },
};

unsigned control_run(Simulator *s,
                const char *method,
                const char *path,
                const Pairs *query,
                const Buffer *body,
                Buffer *out) {
        Control c = { .simulator = s, .world = &s->world, .query = query, .out = out };
        json_t *in = body->n > 0 ? json_loadb(body->data, body->n, 0, NULL) : json_object();
        unsigned status = 404;

        c.in = in;
        if (!json_is_object(in)) {
                json_decref(in);
                return fail(&c, 400, "want a JSON object");
        }

        for (size_t i = 0; i < ELEMENTS(routes); i++)
                if (strcmp(routes[i].method, method) == 0 && strcmp(routes[i].path, path) == 0) {
                        status = routes[i].run(&c);
                        json_decref(in);
                        return status;
                }
        json_decref(in);
        return fail(&c, status, "no such control");
}

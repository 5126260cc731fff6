/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Faults: which call they hit
 *
 * A fault counts the calls that it could hit; it begins with the nth and goes on for count of them.
 * When several could hit the same call, the one that was added first does, and the others wait.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "operation.h"
#include "sign.h"

static const struct {
        const char *name;
        bool replaces; /* needs no answer to work on, so that it can strike before processing */
} kinds[] = {
        [FAULT_RESET] = { "reset", true },
        [FAULT_STATUS] = { "status", true },
        [FAULT_DELAY] = { "delay", false },
        [FAULT_HANG] = { "hang", true },
        [FAULT_TRUNCATE] = { "truncate", false },
        [FAULT_BODY] = { "body", true },
        [FAULT_CONTENT_TYPE] = { "content_type", false },
        [FAULT_WRONG_TYPE] = { "wrong_type", false },
        [FAULT_REDIRECT] = { "redirect", true },
        [FAULT_TOKEN_REPEAT] = { "token_repeat", false },
        [FAULT_TOKEN_ENDLESS] = { "token_endless", false },
        [FAULT_NO_LIST] = { "no_list", false },
        [FAULT_NULL_LIST] = { "null_list", false },
        [FAULT_DUPLICATE] = { "duplicate", false },
        [FAULT_UNKNOWN_STATUS] = { "unknown_status", false },
        [FAULT_UNREADABLE] = { "unreadable", false },
        [FAULT_SKEW] = { "skew", false },
};

static_assert(ELEMENTS(kinds) == FAULT_KIND_MAX, "each kind needs its name");

const char *fault_kind_name(FaultKind kind) {
        return kinds[kind].name;
}

bool fault_replaces_call(const Fault *fault) {
        return kinds[fault->kind].replaces && !fault->after;
}

Fault *fault_unref(Fault *fault) {
        if (!fault || --fault->n_ref > 0)
                return NULL;

        free(fault->operation);
        free(fault->account);
        free(fault->region);
        free(fault->code);
        free(fault->message);
        pairs_done(&fault->headers);
        free(fault->body);
        free(fault->content_type);
        free(fault->location);
        free(fault->field);
        free(fault->value);
        free(fault);
        return NULL;
}

static void fault_unrefp(Fault **fault) {
        *fault = fault_unref(*fault);
}

static bool read_kind(const char *name, FaultKind *ret) {
        for (int i = 0; i < FAULT_KIND_MAX; i++)
                if (strcmp(kinds[i].name, name) == 0) {
                        *ret = (FaultKind) i;
                        return true;
                }
        return false;
}

typedef enum MemberType {
        MEMBER_TEXT,
        MEMBER_COUNT,
        MEMBER_NUMBER,
        MEMBER_FLAG,
} MemberType;

static const struct {
        const char *name;
        MemberType type;
        size_t offset;
} members[] = {
        { "operation", MEMBER_TEXT, offsetof(Fault, operation) },
        { "account", MEMBER_TEXT, offsetof(Fault, account) },
        { "region", MEMBER_TEXT, offsetof(Fault, region) },
        { "code", MEMBER_TEXT, offsetof(Fault, code) },
        { "message", MEMBER_TEXT, offsetof(Fault, message) },
        { "body", MEMBER_TEXT, offsetof(Fault, body) },
        { "content_type", MEMBER_TEXT, offsetof(Fault, content_type) },
        { "location", MEMBER_TEXT, offsetof(Fault, location) },
        { "field", MEMBER_TEXT, offsetof(Fault, field) },
        { "value", MEMBER_TEXT, offsetof(Fault, value) },
        { "nth", MEMBER_COUNT, offsetof(Fault, nth) },
        { "count", MEMBER_COUNT, offsetof(Fault, count) },
        { "seconds", MEMBER_NUMBER, offsetof(Fault, seconds) },
        { "plain", MEMBER_FLAG, offsetof(Fault, plain) },
        { "wrap", MEMBER_FLAG, offsetof(Fault, wrap) },
};

static bool read_member(Fault *fault, size_t i, const json_t *value) {
        void *to = (char *) fault + members[i].offset;

        switch (members[i].type) {
        case MEMBER_TEXT:
                if (json_is_string(value))
                        replace_string(to, json_string_value(value));
                return json_is_string(value);
        case MEMBER_COUNT:
                if (json_is_integer(value) && json_integer_value(value) >= 0)
                        *(unsigned long *) to = (unsigned long) json_integer_value(value);
                return json_is_integer(value) && json_integer_value(value) >= 0;
        case MEMBER_NUMBER:
                if (json_is_number(value))
                        *(double *) to = json_number_value(value);
                return json_is_number(value);
        case MEMBER_FLAG:
                *(bool *) to = json_is_true(value);
                return json_is_boolean(value);
        }
        return false;
}

static bool read_headers(Fault *fault, const json_t *value) {
        const char *name;
        json_t *text;

        if (!json_is_object(value))
                return false;
        json_object_foreach((json_t *) (uintptr_t) value, name, text) {
                if (!json_is_string(text))
                        return false;
                pairs_add(&fault->headers, xstrdup(name), xstrdup(json_string_value(text)));
        }
        return true;
}

/* The members that are not simply copied. */
static bool read_special(Fault *fault, const char *name, const json_t *value) {
        const char *text = json_is_string(value) ? json_string_value(value) : "";

        if (strcmp(name, "kind") == 0)
                return read_kind(text, &fault->kind);
        if (strcmp(name, "when") == 0) {
                fault->after = strcmp(text, "after") == 0;
                return fault->after || strcmp(text, "before") == 0;
        }
        if (strcmp(name, "headers") == 0)
                return read_headers(fault, value);
        if (strcmp(name, "status") == 0) {
                fault->status = (unsigned) json_integer_value(value);
                return json_integer_value(value) >= 200 && json_integer_value(value) <= 599;
        }
        if (strcmp(name, "repeat") == 0) {
                fault->repeat = (uint64_t) json_integer_value(value);
                return json_is_integer(value) && json_integer_value(value) >= 0;
        }
        return false;
}

static bool read_any(Fault *fault, const char *name, const json_t *value) {
        for (size_t i = 0; i < ELEMENTS(members); i++)
                if (strcmp(members[i].name, name) == 0)
                        return read_member(fault, i, value);
        return read_special(fault, name, value);
}

const Fault *faults_add(Faults *faults, const json_t *description, char **reterr_message) {
        _cleanup_(fault_unrefp) Fault *fault = xcalloc(1, sizeof(*fault));
        const char *name;
        json_t *value;

        *fault = (Fault){ .n_ref = 1, .nth = 1, .count = 1 };
        json_object_foreach((json_t *) (uintptr_t) description, name, value) {
                if (read_any(fault, name, value))
                        continue;
                if (asprintf(reterr_message, "bad member '%s' of a fault", name) < 0)
                        abort();
                return NULL;
        }

        if (!json_object_get(description, "kind") || !fault->operation
                        || (strcmp(fault->operation, "*") != 0
                                        && !operation_is_name(fault->operation))) {
                *reterr_message = xstrdup("a fault needs a kind, and a known operation or \"*\"");
                return NULL;
        }

        faults->items = xrealloc(faults->items, faults->n + 1, sizeof(*faults->items));
        fault->n_ref++;
        return faults->items[faults->n++] = fault;
}

void faults_clear(Faults *faults) {
        for (size_t i = 0; i < faults->n; i++)
                (void) fault_unref(faults->items[i]);
        free(faults->items);
        *faults = (Faults){ 0 };
}

json_t *fault_to_json(const Fault *fault) {
        return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "operation", fault->operation, "kind",
                        fault_kind_name(fault->kind), "nth", (json_int_t) fault->nth, "count",
                        (json_int_t) fault->count, "seen", (json_int_t) fault->n_seen, "hits",
                        (json_int_t) fault->n_hits);
}

/* By what the signature claims: a fault can strike before anything has been verified. */
static bool same_caller(const Fault *fault, const Call *c) {
        _cleanup_(free_string) char *region = sign_claimed_region(&c->request);
        _cleanup_(free_string) char *id = sign_claimed_key(&c->request);
        const Key *key = id ? world_key(c->world, id) : NULL;

        if (fault->region && (!region || strcmp(fault->region, region) != 0))
                return false;
        return !fault->account || (key && strcmp(fault->account, key->account) == 0);
}

static bool could_hit(const Fault *fault, const Call *c) {
        if (strcmp(fault->operation, "*") != 0
                        && (!c->operation || strcmp(fault->operation, c->operation->name) != 0))
                return false;
        return (!fault->account && !fault->region) || same_caller(fault, c);
}

Fault *faults_match(Faults *faults, const Call *c) {
        Fault *hit = NULL;

        for (size_t i = 0; i < faults->n; i++) {
                Fault *fault = faults->items[i];

                if (!could_hit(fault, c))
                        continue;
                fault->n_seen++;
                if (hit || fault->n_seen < fault->nth
                                || (fault->count > 0 && fault->n_hits >= fault->count))
                        continue;
                fault->n_hits++;
                fault->n_ref++;
                hit = fault;
        }
        return hit;
}

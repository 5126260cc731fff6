/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Faults: what they make of an answer
 *
 * The operations know nothing of faults. What has to be wrong in a listing is put into the finished
 * text, by reading and writing it again: slow, and only where a test asked for it.
 */

#include <string.h>

#include "fault.h"
#include "operation.h"
#include "page.h"
#include "token.h"

static const char *const list_names[] = { "assessmentFrameworkShareRequests",
        "frameworkMetadataList" };

static void set_body(Answer *a, const char *text) {
        buffer_done(&a->body);
        buffer_text(&a->body, text);
}

static void add_header(Answer *a, const char *name, const char *value) {
        pairs_add(&a->headers, xstrdup(name), xstrdup(value));
}

static void apply_status(const Fault *fault, Call *c) {
        const char *code = fault->code ? fault->code : "InternalServerException";

        call_fail(c,
                        &(Problem){
                                        .status = fault->status > 0 ? fault->status : 500,
                                        .code = code,
                                        .message = fault->message ? fault->message
                                                                  : "Injected by the simulator.",
                        });
        if (fault->body)
                set_body(&c->answer, fault->body);
        if (fault->content_type)
                c->answer.content_type = fault->content_type;
}

static void apply_body(const Fault *fault, Call *c) {
        if (fault->status > 0)
                c->answer.status = fault->status;
        else if (c->answer.status == 0)
                c->answer.status = 200;
        if (fault->body)
                set_body(&c->answer, fault->body);
        if (fault->content_type)
                c->answer.content_type = fault->content_type;
}

static void apply_redirect(const Fault *fault, Call *c) {
        answer_done(&c->answer);
        c->answer.status = fault->status > 0 ? fault->status : 302;
        add_header(&c->answer, "Location",
                        fault->location ? fault->location : "http://127.0.0.1:1/");
}

static json_t *find_list(json_t *body, const char **ret_name) {
        for (size_t i = 0; i < ELEMENTS(list_names); i++) {
                json_t *list = json_object_get(body, list_names[i]);

                *ret_name = list_names[i];
                if (list)
                        return list;
        }
        return NULL;
}

/* The records of an answer: those of a list, or the one of a start or an update. */
static json_t *find_record(json_t *body, size_t i) {
        const char *name;
        json_t *list = find_list(body, &name), *single;

        if (list)
                return json_array_get(list, i);
        single = json_object_get(body, "assessmentFrameworkShareRequest");
        return i == 0 ? single : NULL;
}

static void tweak_records(json_t *body, const Fault *fault) {
        const char *field = fault->field;
        json_t *record;

        for (size_t i = 0; (record = find_record(body, i)); i++)
                switch (fault->kind) {
                case FAULT_UNKNOWN_STATUS:
                        (void) json_object_set_new(record, "status",
                                        json_string(fault->value ? fault->value : "HIBERNATING"));
                        break;
                case FAULT_WRONG_TYPE:
                        (void) json_object_set_new(record, field, json_pack("[b]", 1));
                        break;
                default:
                        (void) json_object_del(record, field ? field : "status");
                        break;
                }
}

static void double_records(json_t *body) {
        const char *name;
        json_t *list = find_list(body, &name), *copy = json_array();
        json_t *record;
        size_t i;

        json_array_foreach(list, i, record) {
                (void) json_array_append(copy, record);
                (void) json_array_append(copy, record);
        }
        if (list)
                (void) json_object_set_new(body, name, copy);
        else
                json_decref(copy);
}

static void replace_list(json_t *body, json_t *with) {
        const char *name;

        if (!find_list(body, &name))
                json_decref(with);
        else if (with)
                (void) json_object_set_new(body, name, with);
        else
                (void) json_object_del(body, name);
}

static void set_token(Call *c, json_t *body, const SharePosition *position, uint64_t nonce) {
        _cleanup_(free_string) char *listing = listing_name(c);
        _cleanup_(free_string) char *token = token_make(c->world, listing, position, nonce);

        (void) json_object_set_new(body, "nextToken", json_string(token));
}

/* On the first page this is a token that leads to the first page. */
static void repeat_token(Call *c, json_t *body) {
        const char *used = c->values[FIELD_NEXT_TOKEN];

        if (used)
                (void) json_object_set_new(body, "nextToken", json_string(used));
        else
                set_token(c, body, &(SharePosition){ 0 }, 0);
}

/* After the last record come empty pages, or the first record again; no token comes twice. */
static void go_on(const Fault *fault, Call *c, json_t *body) {
        _cleanup_(free_string) char *listing = listing_name(c);
        const char *token = json_string_value(json_object_get(body, "nextToken"));
        SharePosition position = { .order = fault->wrap ? 0 : UINT64_MAX };
        Uuid nonce;
        uint64_t n;

        if (token)
                (void) token_read(c->world, listing, token, &position);
        else if (!fault->wrap)
                memset(&position.id, 0xff, sizeof(position.id));
        uuid_random(&nonce);
        memcpy(&n, nonce.bytes, sizeof(n));
        set_token(c, body, &position, n);
}

static void apply_to_json(const Fault *fault, Call *c, json_t *body) {
        switch (fault->kind) {
        case FAULT_WRONG_TYPE:
                if (fault->field)
                        tweak_records(body, fault);
                else
                        replace_list(body, json_string("not a list"));
                break;
        case FAULT_TOKEN_REPEAT:
                repeat_token(c, body);
                break;
        case FAULT_TOKEN_ENDLESS:
                go_on(fault, c, body);
                break;
        case FAULT_NO_LIST:
                replace_list(body, NULL);
                break;
        case FAULT_NULL_LIST:
                replace_list(body, json_null());
                break;
        case FAULT_DUPLICATE:
                double_records(body);
                break;
        default:
                tweak_records(body, fault);
                break;
        }
}

static void apply_to_text(const Fault *fault, Call *c) {
        Buffer *b = &c->answer.body;
        json_t *body;
        char *text;

        /* Only answers of Audit Manager that went well have anything to be wrong in. */
        if (c->answer.status != 200 || c->service != SERVICE_AUDIT_MANAGER || b->n == 0)
                return;
        body = json_loadb(b->data, b->n, 0, NULL);
        if (!body)
                return;

        apply_to_json(fault, c, body);
        text = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(14));
        json_decref(body);
        if (text)
                set_body(&c->answer, text);
        free(text);
}

void fault_apply(const Fault *fault, Call *c) {
        switch (fault->kind) {
        case FAULT_STATUS:
                apply_status(fault, c);
                break;
        case FAULT_BODY:
                apply_body(fault, c);
                break;
        case FAULT_REDIRECT:
                apply_redirect(fault, c);
                break;
        case FAULT_CONTENT_TYPE:
                c->answer.content_type = fault->content_type ? fault->content_type : "text/html";
                break;
        case FAULT_RESET:
        case FAULT_HANG:
        case FAULT_DELAY:
        case FAULT_TRUNCATE:
        case FAULT_SKEW:
        case FAULT_KIND_MAX:
                break;
        case FAULT_WRONG_TYPE:
        case FAULT_TOKEN_REPEAT:
        case FAULT_TOKEN_ENDLESS:
        case FAULT_NO_LIST:
        case FAULT_NULL_LIST:
        case FAULT_DUPLICATE:
        case FAULT_UNKNOWN_STATUS:
        case FAULT_UNREADABLE:
                apply_to_text(fault, c);
                break;
        }

        for (size_t i = 0; i < fault->headers.n; i++)
                add_header(&c->answer, fault->headers.items[i].name, fault->headers.items[i].value);
}

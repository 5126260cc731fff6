/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What every call goes through, whatever it asks for
 *
 * First the signature, then the rate limit of the account, then what the key may do, then whether
 * the account has set the service up, then the values, and only then the operation. The order is
 * what a client can observe: a throttled call has not been looked at.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "operation.h"
#include "sign.h"

static const char *const service_names[] = {
        [SERVICE_AUDIT_MANAGER] = "auditmanager",
        [SERVICE_STS] = "sts",
};

static_assert(ELEMENTS(service_names) == SERVICE_MAX, "each service needs its signing name");

static const struct {
        unsigned status;
        const char *code[SERVICE_MAX];
} sign_problems[] = {
        [SIGN_MISSING] = { 403,
                        { "MissingAuthenticationTokenException", "MissingAuthenticationToken" } },
        [SIGN_INCOMPLETE] = { 403, { "IncompleteSignatureException", "IncompleteSignature" } },
        [SIGN_UNKNOWN] = { 403, { "UnrecognizedClientException", "InvalidClientTokenId" } },
        [SIGN_EXPIRED_TOKEN] = { 403, { "ExpiredTokenException", "ExpiredToken" } },
        [SIGN_INVALID] = { 403, { "InvalidSignatureException", "SignatureDoesNotMatch" } },
};

static_assert(ELEMENTS(sign_problems) == SIGN_RESULT_MAX, "each result needs its error");

static bool is_form(const HttpRequest *r) {
        static const char form[] = "application/x-www-form-urlencoded";
        const char *type = pairs_get(&r->headers, "content-type");

        return type && strncasecmp(type, form, sizeof(form) - 1) == 0;
}

/* The host picks the service at AWS. Here all share one, so the signature has to say it. */
static Service find_service(const HttpRequest *r) {
        _cleanup_(free_string) char *claimed = sign_claimed_service(r);

        if (claimed && strcmp(claimed, "sts") == 0)
                return SERVICE_STS;
        if (claimed && strcmp(claimed, "auditmanager") == 0)
                return SERVICE_AUDIT_MANAGER;
        return strcmp(r->path, "/") == 0 && (is_form(r) || strstr(r->query, "Action="))
                        ? SERVICE_STS
                        : SERVICE_AUDIT_MANAGER;
}

static void take_value(Call *c, Field field, const json_t *value) {
        if (!value || json_is_null(value))
                return;
        if (json_is_string(value))
                replace_string(&c->values[field], json_string_value(value));
        else
                c->unreadable[field] = true;
}

static bool has_body_fields(const Operation *o) {
        for (size_t i = 0; i < OPERATION_FIELDS; i++)
                if (o->fields[i].place == PLACE_BODY)
                        return true;
        return false;
}

static void parse_json(Call *c) {
        _cleanup_(pairs_done) Pairs query = { 0 };
        json_t *body = NULL;

        pairs_parse_form(&query, c->request.query, true);
        if (has_body_fields(c->operation) && c->request.body.n > 0) {
                body = json_loadb(c->request.body.data, c->request.body.n, 0, NULL);
                c->body_unreadable = !json_is_object(body);
        }

        for (size_t i = 0; i < OPERATION_FIELDS; i++) {
                const OperationField *f = &c->operation->fields[i];

                if (f->place == PLACE_BODY)
                        take_value(c, f->field, json_object_get(body, field_name(f->field)));
                else if (f->place == PLACE_QUERY)
                        replace_string(&c->values[f->field],
                                        pairs_get(&query, field_name(f->field)));
        }
        json_decref(body);
}

void call_parse(Call *c) {
        c->service = find_service(&c->request);
        if (c->service == SERVICE_STS) {
                const char *action;

                pairs_parse_form(&c->form, c->request.query, true);
                if (c->request.body.n > 0)
                        pairs_parse_form(&c->form, c->request.body.data, true);
                action = pairs_get(&c->form, "Action");
                c->operation = action ? operation_by_name(SERVICE_STS, action) : NULL;
                return;
        }

        c->operation = operation_by_path(&c->request, c->values);
        if (c->operation)
                parse_json(c);
}

static bool authenticate(Call *c) {
        SignOutcome outcome;

        if (c->operation && c->operation->unsigned_call)
                return true;

        sign_verify(c->world, &c->request, service_names[c->service], c->wall, &outcome);
        c->key = outcome.key;
        c->region = outcome.region;
        if (outcome.result != SIGN_OK)
                call_fail(c,
                                &(Problem){
                                                .status = sign_problems[outcome.result].status,
                                                .code = sign_problems[outcome.result]
                                                                        .code[c->service],
                                                .message = outcome.message,
                                });
        sign_outcome_done(&outcome);
        return c->answer.status == 0;
}

/* A bucket of tokens for each account and Region, over all operations of Audit Manager. */
static bool within_rate(Call *c) {
        const Settings *s = &c->world->settings;
        double burst = s->burst > 0 ? s->burst : s->rate > 1 ? s->rate : 1;
        usec_t now = time_monotonic();
        Source *source;

        if (s->rate <= 0 || c->service != SERVICE_AUDIT_MANAGER)
                return true;

        source = world_source(c->world, c->key->account, c->region);
        source->tokens = source->tokens_at == 0
                        ? burst
                        : source->tokens + (double) (now - source->tokens_at) / 1e6 * s->rate;
        if (source->tokens > burst)
                source->tokens = burst;
        source->tokens_at = now;
        if (source->tokens >= 1) {
                source->tokens -= 1;
                return true;
        }

        call_fail(c,
                        &(Problem){
                                        .status = (unsigned) s->throttle_status,
                                        .code = "ThrottlingException",
                                        .message = "Rate exceeded",
                        });
        return false;
}

static bool authorise(Call *c) {
        _cleanup_(buffer_done) Buffer action = { 0 };

        if (!c->key || !denied_contains(c->key->denied, c->operation->name))
                return true;
        buffer_printf(&action, "%s:%s", service_names[c->service], c->operation->name);
        call_fail_denied(c, c->key->arn, action.data, "*");
        return false;
}

static bool is_set_up(Call *c) {
        if (c->service != SERVICE_AUDIT_MANAGER || c->operation->works_before_setup
                        || world_is_set_up(c->world, c->key->account, c->region))
                return true;
        call_fail(c,
                        &(Problem){
                                        .status = 403,
                                        .code = "AccessDeniedException",
                                        .message = "Please complete AWS Audit Manager setup from "
                                                   "home page to enable this action in "
                                                   "this account.",
                        });
        return false;
}

static bool readable(Call *c) {
        if (c->body_unreadable) {
                call_fail_validation(c, "cannotParse", NULL,
                                "The request body could not be parsed as JSON.");
                return false;
        }
        for (int i = 0; i < FIELD_MAX; i++)
                if (c->unreadable[i]) {
                        call_fail_validation(c, "cannotParse", field_name((Field) i),
                                        "The value has to be a string.");
                        return false;
                }
        return true;
}

static void fail_unknown(Call *c) {
        const char *action;

        if (c->service == SERVICE_AUDIT_MANAGER) {
                call_fail_validation(c, "unknownOperation", NULL,
                                "The requested operation is not recognized by the service.");
                return;
        }

        action = pairs_get(&c->form, "Action");
        call_fail(c,
                        &(Problem){
                                        .status = 400,
                                        .code = action ? "InvalidAction" : "MissingAction",
                                        .message = "Could not find operation for version "
                                                   "2011-06-15",
                        });
}

void call_run(Call *c) {
        if (!authenticate(c) || !within_rate(c))
                return;
        if (!c->operation) {
                fail_unknown(c);
                return;
        }
        if (!authorise(c) || !is_set_up(c) || !readable(c) || !fields_validate(c))
                return;

        c->processed = true;
        c->operation->run(c);
}

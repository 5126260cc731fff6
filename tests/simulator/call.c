/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One call of the AWS API: parts, and the shape of answers
 *
 * Audit Manager speaks rest-json, STS the query protocol: the first writes errors as JSON and names
 * the code in a header, the second writes XML.
 */

#include <stdio.h>
#include <string.h>

#include "call.h"

void pairs_add(Pairs *p, char *name, char *value) {
        p->items = xrealloc(p->items, p->n + 1, sizeof(*p->items));
        p->items[p->n++] = (Pair){ .name = name, .value = value };
}

const char *pairs_get(const Pairs *p, const char *name) {
        for (size_t i = 0; i < p->n; i++)
                if (strcmp(p->items[i].name, name) == 0)
                        return p->items[i].value;
        return NULL;
}

void pairs_done(Pairs *p) {
        for (size_t i = 0; i < p->n; i++) {
                free(p->items[i].name);
                free(p->items[i].value);
        }
        free(p->items);
        *p = (Pairs){ 0 };
}

void pairs_parse_form(Pairs *p, const char *text, bool plus_is_space) {
        while (*text) {
                size_t n = strcspn(text, "&"), name = strcspn(text, "=&");
                size_t value = name < n ? name + 1 : n;

                if (n > 0)
                        pairs_add(p, percent_decode(text, name, plus_is_space),
                                        percent_decode(text + value, n - value, plus_is_space));
                text += n + (text[n] == '&');
        }
}

void http_request_set_target(HttpRequest *r, const char *target) {
        size_t n = strcspn(target, "?");

        r->path = xstrndup(target, n);
        r->query = xstrdup(target[n] ? target + n + 1 : "");
}

void http_request_done(HttpRequest *r) {
        free(r->method);
        free(r->path);
        free(r->query);
        pairs_done(&r->headers);
        buffer_done(&r->body);
}

void answer_done(Answer *a) {
        buffer_done(&a->body);
        free(a->code);
        pairs_done(&a->headers);
        *a = (Answer){ 0 };
}

void call_done(Call *c) {
        http_request_done(&c->request);
        for (size_t i = 0; i < FIELD_MAX; i++)
                free(c->values[i]);
        pairs_done(&c->form);
        answer_done(&c->answer);
}

static void fail_json(Call *c, const Problem *p) {
        Answer *a = &c->answer;
        Buffer type = { 0 };

        buffer_printf(&type, "%s:http://internal.amazon.com/coral/com.amazonaws.auditmanager/",
                        p->code);
        pairs_add(&a->headers, xstrdup("x-amzn-errortype"), type.data);

        a->content_type = "application/json";
        buffer_text(&a->body, "{");
        buffer_json_member(&a->body, "message", p->message);
        if (p->extra_json)
                buffer_text(&a->body, p->extra_json);
        buffer_text(&a->body, "}");
}

static void fail_xml(Call *c, const Problem *p) {
        Buffer *b = &c->answer.body;

        c->answer.content_type = "text/xml";
        buffer_text(b,
                        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  "
                        "<Error>\n");
        buffer_printf(b, "    <Type>%s</Type>\n", p->status < 500 ? "Sender" : "Receiver");
        buffer_text(b, "    <Code>");
        buffer_xml_text(b, p->code);
        buffer_text(b, "</Code>\n    <Message>");
        buffer_xml_text(b, p->message);
        buffer_printf(b, "</Message>\n  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n",
                        c->request_id);
}

void call_fail(Call *c, const Problem *problem) {
        answer_done(&c->answer);
        c->answer.status = problem->status;
        c->answer.code = xstrdup(problem->code);
        if (c->service == SERVICE_STS)
                fail_xml(c, problem);
        else
                fail_json(c, problem);
}

void call_fail_validation(Call *c, const char *reason, const char *field, const char *message) {
        _cleanup_(buffer_done) Buffer extra = { 0 };

        buffer_printf(&extra, ",\"reason\":\"%s\"", reason);
        if (field) {
                buffer_text(&extra, ",\"fields\":[{");
                buffer_json_member(&extra, "name", field);
                buffer_json_member(&extra, "message", message);
                buffer_text(&extra, "}]");
        }
        call_fail(c,
                        &(Problem){
                                        .status = 400,
                                        .code = "ValidationException",
                                        .message = message,
                                        .extra_json = extra.data,
                        });
}

void call_fail_missing(Call *c, const char *resource_type, const char *resource_id) {
        _cleanup_(buffer_done) Buffer extra = { 0 }, message = { 0 };

        buffer_text(&extra, ",");
        buffer_json_string(&extra, "resourceId");
        buffer_text(&extra, ":");
        buffer_json_string(&extra, resource_id);
        buffer_json_member(&extra, "resourceType", resource_type);
        buffer_printf(&message, "The %s with id %s was not found.", resource_type, resource_id);
        call_fail(c,
                        &(Problem){
                                        .status = 404,
                                        .code = "ResourceNotFoundException",
                                        .message = message.data,
                                        .extra_json = extra.data,
                        });
}

void call_fail_denied(Call *c, const char *principal, const char *action, const char *resource) {
        _cleanup_(buffer_done) Buffer message = { 0 };

        buffer_printf(&message, "User: %s is not authorized to perform: %s on resource: %s",
                        principal, action, resource);
        call_fail(c,
                        &(Problem){
                                        .status = 403,
                                        .code = c->service == SERVICE_STS ? "AccessDenied"
                                                                          : "AccessDeniedException",
                                        .message = message.data,
                        });
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Requests and answers, as JSON. */

#include <errno.h>
#include <stdlib.h>

#include "control-message.h"
#include "model/enum.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"

#define CONTROL_VERSION 1

static const char *const verb_names[CONTROL_VERB_MAX] = {
        [CONTROL_RELOAD] = "reload",
        [CONTROL_RECONCILE] = "reconcile",
        [CONTROL_RESET] = "reset",
};

/* Takes the object; NULL is one that could not be made. */
static int write_line(json_t *object, Buffer *out) {
        _cleanup_json_ json_t *owned = object;
        _cleanup_free_ char *text = NULL;
        int r;

        r = json_write(owned, JSON_COMPACT, &text);
        return r < 0 ? r : buffer_addf(out, "%s\n", text);
}

static int read_object(const char *line, size_t length, json_t **ret) {
        _cleanup_json_ json_t *object = NULL;
        json_t *version;
        int r;

        r = json_read(line, length, &object);
        if (r < 0)
                return r;
        version = json_object_get(object, "version");
        if (!json_is_integer(version))
                return -EBADMSG;
        if (json_integer_value(version) != CONTROL_VERSION)
                return -EPROTONOSUPPORT;
        *ret = TAKE_PTR(object);
        return 0;
}

int control_request_write(const ControlRequest *request, Buffer *out) {
        return write_line(json_pack("{s:i, s:s, s:b, s:o}", "version", CONTROL_VERSION, "verb",
                                          verb_names[request->verb], "wait", request->wait, "share",
                                          json_from_text(request->share)),
                        out);
}

int control_request_read(const char *line, size_t length, ControlRequest *ret) {
        _cleanup_json_ json_t *object = NULL;
        ControlRequest request = { 0 };
        const char *verb;
        int r, known;

        r = read_object(line, length, &object);
        if (r < 0)
                return r;
        verb = json_text(object, "verb");
        if (!verb)
                return -EBADMSG;
        known = enum_find(verb_names, CONTROL_VERB_MAX, verb);
        if (known < 0)
                return -EPROTONOSUPPORT;

        request.verb = (ControlVerb) known;
        request.wait = json_is_true(json_object_get(object, "wait"));
        r = text_copy(json_text(object, "share"), &request.share);
        if (r < 0)
                return r;
        if (request.verb == CONTROL_RESET && is_blank(request.share)) {
                control_request_done(&request);
                return -EBADMSG;
        }
        *ret = request;
        return 0;
}

int control_answer_write(const ControlAnswer *answer, Buffer *out) {
        json_t *errors = json_array();

        for (size_t i = 0; errors && i < answer->n_errors; i++)
                if (json_array_append_new(errors, json_from_text(answer->errors[i])) < 0)
                        return json_decref(errors), -ENOMEM;
        return write_line(json_pack("{s:i, s:b, s:o, s:o}", "version", CONTROL_VERSION, "ok",
                                          answer->ok, "message",
                                          json_from_text(answer->message ? answer->message : ""),
                                          "errors", errors),
                        out);
}

static int read_errors(const json_t *list, ControlAnswer *answer) {
        const json_t *item;
        size_t i;

        if (!json_is_array(list) || json_array_size(list) == 0)
                return 0;
        answer->errors = calloc(json_array_size(list), sizeof(char *));
        if (!answer->errors)
                return -ENOMEM;
        json_array_foreach(list, i, item) {
                if (!json_is_string(item))
                        return -EBADMSG;
                if (text_copy(json_string_value(item), &answer->errors[answer->n_errors]) < 0)
                        return -ENOMEM;
                answer->n_errors++;
        }
        return 0;
}

int control_answer_read(const char *line, size_t length, ControlAnswer *ret) {
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        _cleanup_json_ json_t *object = NULL;
        const json_t *ok;
        int r;

        r = read_object(line, length, &object);
        if (r < 0)
                return r;
        ok = json_object_get(object, "ok");
        if (!json_is_boolean(ok))
                return -EBADMSG;
        answer.ok = json_is_true(ok);
        r = text_copy(json_text(object, "message"), &answer.message);
        if (r >= 0)
                r = read_errors(json_object_get(object, "errors"), &answer);
        if (r < 0)
                return r;
        *ret = answer;
        answer = (ControlAnswer){ 0 };
        return 0;
}

void control_request_done(ControlRequest *request) {
        free(request->share);
        *request = (ControlRequest){ 0 };
}

void control_answer_done(ControlAnswer *answer) {
        for (size_t i = 0; i < answer->n_errors; i++)
                free(answer->errors[i]);
        free(answer->errors);
        free(answer->message);
        *answer = (ControlAnswer){ 0 };
}

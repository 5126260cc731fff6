/* SPDX-License-Identifier: Apache-2.0 */

/*
 * parse: answers of the API
 *
 * `output` is the whole answer by the tables of its shapes. The product reads only what it needs of
 * one; that, too, is answered, as `product`: what api_parse() made of the same bytes.
 */

#include <errno.h>

#include "aws/auditmanager-json.h"
#include "driver.h"
#include "operation.h"
#include "util/json.h"
#include "util/time.h"

static json_t *convert_structure(const Member *members, const json_t *in);

static json_t *convert_timestamp(const json_t *in) {
        const char *format = json_is_number(in) ? "epoch-seconds" : "date-time";
        int64_t seconds, nanos;

        if (timestamp_read(format, in, &seconds, &nanos) < 0
                        && timestamp_read("epoch-seconds", in, &seconds, &nanos) < 0)
                return NULL;
        return json_real((double) seconds + (double) nanos / 1e9);
}

static json_t *convert_list(const Member *members, const json_t *in) {
        json_t *out = json_array(), *item;
        size_t i;

        json_array_foreach(in, i, item)(void) json_array_append_new(
                        out, json_is_object(item) ? convert_structure(members, item) : json_null());
        return out;
}

static json_t *convert_map(const json_t *in) {
        json_t *out = json_object(), *value;
        const char *key;

        json_object_foreach((json_t *) in, key, value) {
                if (json_is_string(value))
                        (void) json_object_set(out, key, value);
        }
        return out;
}

/* NULL for what is of another type than it should be. */
static json_t *convert(const Member *member, const json_t *in) {
        switch (member->type) {
        case SHAPE_STRING:
                return json_is_string(in) ? json_incref((json_t *) in) : NULL;
        case SHAPE_INTEGER:
                return json_is_integer(in) ? json_incref((json_t *) in) : NULL;
        case SHAPE_TIMESTAMP:
                return convert_timestamp(in);
        case SHAPE_STRUCTURE:
                return json_is_object(in) ? convert_structure(member->members, in) : NULL;
        case SHAPE_LIST:
                return json_is_array(in) ? convert_list(member->members, in) : NULL;
        case SHAPE_MAP:
                return json_is_object(in) ? convert_map(in) : NULL;
        case SHAPE_TYPE_MAX:
                break;
        }
        return NULL;
}

static json_t *convert_structure(const Member *members, const json_t *in) {
        json_t *out = json_object();

        for (const Member *m = members; m->name; m++) {
                json_t *value = convert(m, json_object_get(in, m->name));

                if (value)
                        (void) json_object_set_new(out, m->name, value);
        }
        return out;
}

static json_t *time_to_json(int64_t usec) {
        return usec == TIME_UNKNOWN ? json_null() : json_integer((json_int_t) usec);
}

static json_t *request_to_json(const ShareRequest *request, const Strings *strings) {
        char id[UUID_TEXT_MAX] = "", framework[UUID_TEXT_MAX] = "", account[ACCOUNT_TEXT_MAX];

        return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:o, s:o, s:o, s:b}", "id",
                        uuid_format(&request->id, id), "framework_id",
                        uuid_format(&request->key.framework_id, framework), "account",
                        account_format(recipient_account(request->key.recipient), account),
                        "region", region_name(recipient_region(request->key.recipient)), "status",
                        strings_get(strings, request->status_name), "comment",
                        strings_get(strings, request->comment), "framework_name",
                        strings_get(strings, request->framework_name), "created_usec",
                        time_to_json(request->created_usec), "updated_usec",
                        time_to_json(request->updated_usec), "expires_usec",
                        time_to_json(request->expires_usec), "readable", request->readable);
}

static json_t *framework_to_json(const Framework *framework, const Strings *strings) {
        char id[UUID_TEXT_MAX] = "";

        return json_pack("{s:s, s:s?, s:o}", "id", uuid_format(&framework->id, id), "name",
                        strings_get(strings, framework->name), "updated_usec",
                        time_to_json(framework->updated_usec));
}

static json_t *result_to_json(const ApiResult *result, const Observation *sink) {
        json_t *requests = json_array(), *frameworks = json_array();

        for (size_t i = 0; i < sink->n_requests; i++)
                (void) json_array_append_new(
                                requests, request_to_json(&sink->requests[i], sink->strings));
        for (size_t i = 0; i < sink->n_frameworks; i++)
                (void) json_array_append_new(
                                frameworks, framework_to_json(&sink->frameworks[i], sink->strings));
        if (result->has_request)
                (void) json_array_append_new(
                                requests, request_to_json(&result->request, sink->strings));

        return json_pack("{s:o, s:o, s:s?, s:s?}", "requests", requests, "frameworks", frameworks,
                        "next_token", result->next_token, "account_status", result->account_status);
}

/* What the product makes of it. */
static json_t *parse_as_product(ApiOperation operation, const char *body, size_t length) {
        _cleanup_(observation_freep) Observation *sink = NULL;
        ApiResult result = { 0 };
        json_t *out;
        int r;

        r = observation_new(&sink);
        if (r < 0)
                return NULL;
        r = api_parse(&(ApiRequest){ .operation = operation, .sink = sink }, body, length, &result);
        out = r == -EBADMSG     ? answer_error(result.outcome.message)
                        : r < 0 ? NULL
                                : result_to_json(&result, sink);
        api_result_done(&result);
        return out;
}

json_t *op_parse(const json_t *in) {
        const json_t *body = json_object_get(in, "body");
        ApiOperation operation = operation_find(get_text(in, "operation", ""));
        json_int_t status = json_integer_value(json_object_get(in, "status"));
        _cleanup_json_ json_t *answer = NULL;
        int r;

        if (operation == API_OPERATION_MAX)
                return answer_unsupported("there is no such API operation here");
        if (status != 0 && (status < 200 || status > 299))
                return op_error(in);

        /* No body at all is an empty object, as for an operation without an answer. */
        r = json_string_length(body) > 0
                        ? json_read(json_string_value(body), json_string_length(body), &answer)
                        : 0;
        if (r == -ENOMEM)
                return NULL;
        if (r < 0 || (answer && !json_is_object(answer)))
                return answer_error("it is no JSON object");
        return json_pack("{s:o, s:o}", "output",
                        convert_structure(operation_answer(operation), answer), "product",
                        parse_as_product(operation, json_string_value(body),
                                        json_string_length(body)));
}

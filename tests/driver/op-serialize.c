/* SPDX-License-Identifier: Apache-2.0 */

/*
 * serialize: the product's requests
 *
 * Parameters that the API's model does not have are answered as unsupported.
 */

#include "aws/auditmanager-json.h"
#include "driver.h"
#include "operation.h"
#include "util/macro.h"
#include "util/string-util.h"

typedef enum Parameter {
        PARAMETER_REQUEST_TYPE,
        PARAMETER_FRAMEWORK_TYPE,
        PARAMETER_ACTION,
        PARAMETER_UUID,
        PARAMETER_ACCOUNT,
        PARAMETER_REGION,
        PARAMETER_COMMENT,
        PARAMETER_TOKEN,
        PARAMETER_PAGE_SIZE,
} Parameter;

typedef struct Row {
        ApiOperation operation;
        const char *name;
        Parameter kind;
        bool required;
} Row;

static const Row rows[] = {
        { API_LIST_SHARE_REQUESTS, "requestType", PARAMETER_REQUEST_TYPE, true },
        { API_LIST_SHARE_REQUESTS, "maxResults", PARAMETER_PAGE_SIZE, false },
        { API_LIST_SHARE_REQUESTS, "nextToken", PARAMETER_TOKEN, false },
        { API_LIST_FRAMEWORKS, "frameworkType", PARAMETER_FRAMEWORK_TYPE, true },
        { API_LIST_FRAMEWORKS, "maxResults", PARAMETER_PAGE_SIZE, false },
        { API_LIST_FRAMEWORKS, "nextToken", PARAMETER_TOKEN, false },
        { API_GET_FRAMEWORK, "frameworkId", PARAMETER_UUID, true },
        { API_START_SHARE, "frameworkId", PARAMETER_UUID, true },
        { API_START_SHARE, "destinationAccount", PARAMETER_ACCOUNT, true },
        { API_START_SHARE, "destinationRegion", PARAMETER_REGION, true },
        { API_START_SHARE, "comment", PARAMETER_COMMENT, false },
        { API_UPDATE_SHARE, "requestId", PARAMETER_UUID, true },
        { API_UPDATE_SHARE, "requestType", PARAMETER_REQUEST_TYPE, true },
        { API_UPDATE_SHARE, "action", PARAMETER_ACTION, true },
        { API_DELETE_SHARE, "requestId", PARAMETER_UUID, true },
        { API_DELETE_SHARE, "requestType", PARAMETER_REQUEST_TYPE, true },
};

typedef struct Parsed {
        ApiRequest request;
        AccountId account;
        RegionId region;
} Parsed;

static bool read_text(const Row *row, const char *text, Parsed *p) {
        Uuid id;

        switch (row->kind) {
        case PARAMETER_REQUEST_TYPE:
                p->request.received = streq(text, "RECEIVED");
                return p->request.received || streq(text, "SENT");
        case PARAMETER_FRAMEWORK_TYPE:
                p->request.standard = streq(text, "Standard");
                return p->request.standard || streq(text, "Custom");
        case PARAMETER_ACTION:
                p->request.action = text;
                return true;
        case PARAMETER_UUID:
                if (uuid_parse(text, &id) < 0)
                        return false;
                *(streq(row->name, "frameworkId") ? &p->request.framework_id
                                                  : &p->request.request_id) = id;
                return true;
        case PARAMETER_ACCOUNT:
                return account_parse(text, &p->account) >= 0;
        case PARAMETER_REGION:
                return region_intern(text, &p->region) >= 0;
        case PARAMETER_COMMENT:
                p->request.comment = text;
                return true;
        case PARAMETER_TOKEN:
                p->request.next_token = text;
                return true;
        case PARAMETER_PAGE_SIZE:
                return false;
        }
        return false;
}

static bool read_parameter(const Row *row, const json_t *params, Parsed *p) {
        const json_t *value = json_object_get(params, row->name);
        const char *text = get_text(params, row->name, NULL);

        if (row->kind == PARAMETER_PAGE_SIZE) {
                p->request.page_size = value ? (int) json_integer_value(value) : -1;
                return !value || p->request.page_size > 0;
        }
        if (!value || json_is_null(value))
                return !row->required;
        return text && read_text(row, text, p);
}

static bool read_parameters(const json_t *params, Parsed *p) {
        size_t known = 0;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (rows[i].operation != p->request.operation)
                        continue;
                if (!read_parameter(&rows[i], params, p))
                        return false;
                known += json_object_get(params, rows[i].name) != NULL;
        }
        p->request.recipient = recipient_make(p->account, p->region);
        return known == json_object_size(params);
}

json_t *op_serialize(const json_t *in) {
        Parsed parsed = { .request.operation = operation_find(get_text(in, "operation", "")) };
        _cleanup_(api_wire_done) ApiWire wire = { 0 };
        bool has_body;

        if (parsed.request.operation == API_OPERATION_MAX)
                return answer_unsupported("there is no such API operation here");
        if (!read_parameters(json_object_get(in, "params"), &parsed))
                return answer_unsupported("the API has no such parameters");
        if (api_serialize(&parsed.request, &wire) < 0)
                return NULL;

        has_body = wire.body.length > 0;
        return json_pack("{s:s, s:s, s:s, s:o, s:s}", "method", wire.method, "path",
                        buffer_text(&wire.path), "query_string", buffer_text(&wire.query),
                        "headers",
                        has_body ? json_pack("[[s, s]]", "Content-Type", "application/json")
                                 : json_array(),
                        "body", buffer_text(&wire.body));
}

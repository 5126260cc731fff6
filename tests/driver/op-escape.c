/* SPDX-License-Identifier: Apache-2.0 */

/* escape_label, escape_query: percent-encoding. json: what our parser takes for JSON. */

#include <errno.h>

#include "aws/uri.h"
#include "driver.h"
#include "util/json.h"

static json_t *escape(const json_t *in, bool keep_slash) {
        const json_t *value = json_object_get(in, "value");
        _cleanup_buffer_ Buffer out = { 0 };

        if (!json_is_string(value))
                return answer_error("the value is no string");
        if (uri_encode(&out, json_string_value(value), json_string_length(value), keep_slash) < 0)
                return NULL;
        return json_pack("{s:s}", "escaped", buffer_text(&out));
}

json_t *op_escape_label(const json_t *in) {
        return escape(in, get_bool(in, "greedy", false));
}

json_t *op_escape_query(const json_t *in) {
        return escape(in, false);
}

json_t *op_json(const json_t *in) {
        _cleanup_json_ json_t *json = NULL;
        _cleanup_buffer_ Buffer text = { 0 };
        int r;

        r = get_hex(in, "hex", &text);
        if (r < 0)
                return r == -EINVAL ? answer_error("the hex digits make no bytes") : NULL;
        r = json_read(buffer_text(&text), text.length, &json);
        return r == -ENOMEM ? NULL : json_pack("{s:b}", "valid", r >= 0);
}

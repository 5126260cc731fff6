/* SPDX-License-Identifier: Apache-2.0 */

/* JSON answers. */

#include <errno.h>
#include <string.h>

#include "aws/json.h"

int json_read(const void *text, size_t length, json_t **ret) {
        json_error_t error = { 0 };
        json_t *json;

        /* A value that is no object is JSON, too; what it means is for the caller to say. */
        json = json_loadb(text ? text : "", length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
        if (!json) {
                enum json_error_code code = json_error_code(&error);

                /* Each fault of the text has a code of its own; what is left without one is memory.
                 */
                return code == json_error_unknown || code == json_error_out_of_memory ? -ENOMEM
                                                                                      : -EBADMSG;
        }

        *ret = json;
        return 0;
}

const char *json_text(const json_t *object, const char *key) {
        const json_t *value = json_object_get(object, key);

        if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
                return NULL;
        return json_string_value(value);
}
